"""Views behind `requires_user`, one of each kind."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path

from chatsite.accounts.authentication import requires_user
from conversations.errors import Gone


def whoami(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"user_id": request.auth.id})  # type: ignore[attr-defined]


async def whoami_async(request: HttpRequest) -> JsonResponse:
    # What authentication asked the database must not hold a connection while a view streams.
    holds = await sync_to_async(lambda: connection.connection is not None)()
    return JsonResponse({"user_id": request.auth.id, "holds_connection": holds})  # type: ignore[attr-defined]


def gone(request: HttpRequest) -> JsonResponse:
    raise Gone


urlpatterns = [
    path("by-token", requires_user(whoami)),
    path("by-origin", requires_user(whoami, origin=True)),
    path("async", requires_user(whoami_async, origin=True)),
    path("gone", requires_user(gone)),
]
