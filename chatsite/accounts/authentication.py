"""Who asks: a bearer token, or on the site's own pages the session. Set where the API is mounted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from chatsite import problems
from chatsite.accounts import tokens
from chatsite.accounts.models import User
from chatsite.accounts.origins import is_allowed_origin
from conversations.errors import Forbidden, NotAuthenticated, NotFound
from conversations.strict_json import UNSTORABLE
from conversations.threads import in_database

View = Callable[..., Any]


class _UserAuth(AuthBase):
    """Base of Ninja's authentication: with `owner`, the path's `{user_id}` must be the caller's own."""

    def __init__(self, *, owner: bool = False) -> None:
        super().__init__()
        # Ninja then awaits what can be awaited and takes anything else as it is, so one class does for both.
        self.is_async = True
        self._owner = owner

    def __call__(self, request: HttpRequest) -> Any:
        if not self.is_given(request):
            return None
        if _in_event_loop():
            # Gives the connection back to the pool: a stream that follows may last for hours.
            return in_database(self._allowed_user, request)
        return self._allowed_user(request)

    def is_given(self, request: HttpRequest) -> bool:
        raise NotImplementedError

    def user(self, request: HttpRequest) -> User | None:
        raise NotImplementedError

    def _allowed_user(self, request: HttpRequest) -> User | None:
        user = self.user(request)
        if user and self._owner:
            _check_path(request, user)
        return user


class BearerAuth(_UserAuth):
    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_bearerFormat = "JWT"
    openapi_description = "An access token from /api/auth/token, /register, /guest or /refresh."

    def is_given(self, request: HttpRequest) -> bool:
        return "Authorization" in request.headers

    def user(self, request: HttpRequest) -> User | None:
        return bearer_user(request)


class SessionAuth(_UserAuth):
    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = settings.SESSION_COOKIE_NAME
    openapi_description = "The site's own pages: the session; what changes something needs X-CSRFToken too."

    def is_given(self, request: HttpRequest) -> bool:
        return settings.SESSION_COOKIE_NAME in request.COOKIES

    def user(self, request: HttpRequest) -> User | None:
        user = session_user(request)
        if user:
            _check_csrf(request)
        return user


def bearer_user(request: HttpRequest) -> User | None:
    """Return the token's user, None without a token. A bad one raises: it never falls back to anything."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise NotAuthenticated
    return tokens.authenticate(token.strip()).user


def session_user(request: HttpRequest) -> User | None:
    """Return who is signed in on the site's pages, None if nobody is."""
    user = request.user
    return user if isinstance(user, User) else None


def guest_user(request: HttpRequest) -> User | None:
    """Return the guest who asks, None for anybody else: whom a registration turns into a user."""
    user = bearer_user(request)
    if user is None and (user := session_user(request)) and user.is_guest:
        _check_csrf(request)
    return user if user and user.is_guest else None


def requires_user(view: View, *, origin: bool = False, known_pages: bool = False) -> View:
    """Guard a view that is not Ninja's; its `request.auth` is the user, and its failures become problems.

    With `origin` the session counts by the request's origin, which must be allowed, not by a CSRF token. With
    `known_pages` a page that asks, with a token, must be one of ours or in CORS_ALLOWED_ORIGINS.
    """
    identify = partial(_request_user, origin=origin, known_pages=known_pages)

    async def answer_async(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            request.auth = await in_database(identify, request)  # type: ignore[attr-defined]
            answer: HttpResponseBase = await view(request, *args, **kwargs)
        except Exception as error:
            return problems.problem(request, problems.expected(request, error))
        return answer

    def answer_sync(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            request.auth = identify(request)  # type: ignore[attr-defined]
            answer: HttpResponseBase = view(request, *args, **kwargs)
        except Exception as error:
            return problems.problem(request, problems.expected(request, error))
        return answer

    return csrf_exempt(wraps(view)(answer_async if iscoroutinefunction(view) else answer_sync))


def _request_user(request: HttpRequest, *, origin: bool, known_pages: bool) -> User:
    user = bearer_user(request)
    if user is None and (user := session_user(request)):
        _check_origin(request) if origin else _check_csrf(request)
    if user is None:
        raise NotAuthenticated
    if known_pages and (page := request.headers.get("Origin", "")) and not _is_known(request, page):
        raise Forbidden("This address doesn't answer pages of that origin.")
    return user


def _check_path(request: HttpRequest, user: User) -> None:
    parts = request.resolver_match.kwargs if request.resolver_match else {}
    if parts.get("user_id") != user.id:
        raise Forbidden
    if any(isinstance(part, str) and UNSTORABLE.search(part) for part in parts.values()):
        raise NotFound


def _check_csrf(request: HttpRequest) -> None:
    if check_csrf(request):
        raise Forbidden("The CSRF check failed: send the csrftoken cookie's value as X-CSRFToken.")


def _is_known(request: HttpRequest, page: str) -> bool:
    own = is_allowed_origin(page, host=request.get_host(), secure=request.is_secure())
    return own or page in settings.CORS_ALLOWED_ORIGINS


def _check_origin(request: HttpRequest) -> None:
    origin = request.headers.get("Origin", "")
    if not is_allowed_origin(origin, host=request.get_host(), secure=request.is_secure()):
        raise NotAuthenticated("The session counts on this site's own pages only. Send an access token.")


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
