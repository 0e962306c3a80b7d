"""Views behind `requires_user`, one of each kind."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.urls import path

from chatsite.accounts.authentication import requires_user
from conversations.errors import Gone


def whoami(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"user_id": request.auth.id})  # type: ignore[attr-defined]


async def whoami_async(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"user_id": request.auth.id})  # type: ignore[attr-defined]


def gone(request: HttpRequest) -> JsonResponse:
    raise Gone


urlpatterns = [
    path("by-token", requires_user(whoami)),
    path("by-origin", requires_user(whoami, origin=True)),
    path("async", requires_user(whoami_async, origin=True)),
    path("gone", requires_user(gone)),
]
