"""What the customer-support sample's page reads beside its chat. Who asks is settled where this is mounted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from agents_app.tools.offered import offers
from conversations import services
from conversations.cleaning import clean
from conversations.errors import NotFound
from conversations.languages import speaking
from conversations.threads import in_database

from .profile import profile_data


async def customer(request: HttpRequest) -> HttpResponseBase:
    """Answer with the customer's profile. A thread, if one is named, has to be his own."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not offers("show_my_trip"):
        raise NotFound("The assistant of this site has no trips.")
    user, thread_id = request.auth, request.GET.get("thread_id", "")  # type: ignore[attr-defined]
    if thread_id:
        await in_database(services.get_conversation, user=user, id=clean(thread_id))
    profile = await in_database(speaking, translation.get_language(), profile_data, user_id=user.pk)
    return JsonResponse({"customer": profile}, headers={"Cache-Control": "no-store"})


@csrf_exempt
@require_safe
async def healthy(request: HttpRequest) -> HttpResponseBase:
    """Say that the server answers; /readyz says more."""
    return JsonResponse({"status": "healthy"}, headers={"Cache-Control": "no-store"})
