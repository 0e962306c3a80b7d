"""The chat page."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

HOSTED_ELEMENT = "https://cdn.platform.openai.com"
"""Where OpenAI's own element comes from, and what its frame talks to."""


@never_cache
@require_safe
def home(request: HttpRequest, conversation_id: str = "") -> HttpResponse:
    """Show the chat to whoever is signed in, and the ways in to everybody else."""
    if not request.user.is_authenticated:
        context = {"guests": settings.CHAT_GUESTS, "next": request.get_full_path()}
        return render(request, "chat/welcome.html", context)
    context = {
        "config": _config(request, conversation_id),
        "is_practice": settings.CHAT_PROVIDER == "practice",
        "initials": _initials(request),
    }
    return _hosted(request, context) if settings.CHATKIT_DOMAIN_KEY else render(request, "chat/chat.html", context)


@csp_update(
    {
        "script-src": [HOSTED_ELEMENT],
        "frame-src": [HOSTED_ELEMENT],
        "connect-src": [HOSTED_ELEMENT],
        "style-src": [HOSTED_ELEMENT],
    }
)
def _hosted(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return render(request, "chat/hosted.html", context | {"hosted_element": HOSTED_ELEMENT})


def _config(request: HttpRequest, conversation_id: str) -> dict[str, Any]:
    user = request.user
    return {
        "userId": user.pk,
        "name": user.get_short_name() if user.is_authenticated else "",
        "threadId": conversation_id or None,
        "domainKey": settings.CHATKIT_DOMAIN_KEY,
        "csrfToken": get_token(request),
    }


def _initials(request: HttpRequest) -> str:
    if getattr(request.user, "is_guest", False):
        return ""
    words = (request.user.get_full_name() or request.user.get_username()).replace(".", " ").replace("_", " ").split()
    return "".join(word[0] for word in words[:2]).upper()
