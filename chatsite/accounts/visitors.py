"""Who asks on the routes of a page that sends no credentials: whoever has a session, and a new guest otherwise."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from chatsite import problems
from chatsite.accounts import limits, services
from chatsite.accounts.authentication import bearer_user, session_user
from chatsite.accounts.models import User
from chatsite.accounts.origins import is_allowed_origin
from conversations.errors import NotAuthenticated
from conversations.threads import in_database

View = Callable[..., Any]
SAFE = ("GET", "HEAD", "OPTIONS")


def lets_visitors_in(view: View, *, makes_guests: bool = True) -> View:
    """Guard an async view; its `request.auth` is the user, and its failures become problems.

    The page may be served elsewhere and reach us through a proxy, so its origin says nothing. What keeps others out:
    the session's cookie comes with no request of another site (SameSite), what makes a guest is JSON or a reading,
    which no form can send, and of other origins of this site CORS lets nobody send JSON or read an answer
    (docs/decisions/0027-visitors.md). Somebody who signed in has more to lose, and is asked for more.
    """

    @csrf_exempt
    @wraps(view)
    async def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            request.auth = await in_database(_identify, request, makes_guests)  # type: ignore[attr-defined]
            response: HttpResponseBase = await view(request, *args, **kwargs)
        except Exception as error:
            return problems.problem(request, problems.expected(request, error))
        return response

    return answer


def _identify(request: HttpRequest, makes_guests: bool) -> User:
    if user := bearer_user(request):
        return user
    if user := session_user(request):
        if not user.is_guest and request.method not in SAFE and not _is_own_page(request):
            raise NotAuthenticated("The session counts on this site's own pages only. Send an access token.")
        return user
    if not makes_guests or not settings.CHAT_GUESTS or not _may_become_guest(request):
        raise NotAuthenticated
    limits.count_attempt(request)
    guest = services.create_guest()
    auth.login(request, guest)
    return guest


def _is_own_page(request: HttpRequest) -> bool:
    origin = request.headers.get("Origin", "")
    return _fetch_site(request) == "same-origin" or is_allowed_origin(
        origin, host=request.get_host(), secure=request.is_secure()
    )


def _may_become_guest(request: HttpRequest) -> bool:
    """Say no where a page of another site asks: its answer would put a guest in the place of who is signed in here."""
    readable = request.method in SAFE or request.content_type == "application/json"
    return readable and _fetch_site(request) != "cross-site"


def _fetch_site(request: HttpRequest) -> str:
    """Return where the browser says that a request comes from; no page can write that."""
    return str(request.headers.get("Sec-Fetch-Site", ""))
