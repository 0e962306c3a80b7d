"""Who opens a WebSocket: the session's cookie with an allowed Origin, or a token as a subprotocol.

A consumer accepts before it closes, so that a page can read the code: this only says what it found.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from importlib import import_module
from typing import Any, Literal, NamedTuple

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, parse_cookie
from django.http.request import split_domain_port, validate_host

from chatsite.accounts import tokens
from chatsite.accounts.models import User
from chatsite.accounts.origins import is_allowed_origin
from conversations.errors import NO_DATABASE, NotAuthenticated
from conversations.threads import in_database

Scope = dict[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]

BEARER = "bearer."


class Visitor(NamedTuple):
    """What a scope is given: `user`, `token_expires_at` (None for a session) and `auth_failure`."""

    user: User | None = None
    token_expires_at: datetime | None = None
    auth_failure: Literal["not_authenticated", "origin", "unavailable"] | None = None


class AuthMiddleware:
    """Wrap an ASGI application of WebSockets: it finds a Visitor's fields in its scope."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        try:
            visitor = await in_database(identify, scope)
        except NO_DATABASE:
            visitor = Visitor(auth_failure="unavailable")
        await self.inner({**scope, **visitor._asdict()}, receive, send)


def identify(scope: Scope) -> Visitor:
    """Return who opens a WebSocket. A token that is offered and bad never falls back to the session."""
    offered = [protocol for protocol in scope.get("subprotocols", ()) if protocol.startswith(BEARER)]
    if offered:
        return _by_token(offered[0].removeprefix(BEARER))
    return _by_session(scope)


def _by_token(token: str) -> Visitor:
    try:
        user, expires_at = tokens.authenticate(token)
    except NotAuthenticated:
        return Visitor(auth_failure="not_authenticated")
    return Visitor(user, expires_at)


def _by_session(scope: Scope) -> Visitor:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope.get("headers", ())}
    session_key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    if session_key is None:
        return Visitor(auth_failure="not_authenticated")
    if not _is_from_allowed_page(headers, secure=scope.get("scheme") == "wss"):
        return Visitor(auth_failure="origin")
    user = _session_user(session_key)
    return Visitor(user) if user else Visitor(auth_failure="not_authenticated")


def _is_from_allowed_page(headers: dict[str, str], *, secure: bool) -> bool:
    host = headers.get("host", "")
    # A host that we don't answer to may be another site's name for this address.
    is_ours = validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
    return is_ours and is_allowed_origin(headers.get("origin", ""), host=host, secure=secure)


def _session_user(session_key: str) -> User | None:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = auth.get_user(request)
    return user if isinstance(user, User) else None
