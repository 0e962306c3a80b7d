"""/api/auth: becoming a user or a guest, and staying one."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest
from ninja import Router, Status

from chatsite.accounts import authentication, limits, passwords, services
from chatsite.accounts.authentication import BearerAuth, SessionAuth
from chatsite.accounts.models import User
from chatsite.accounts.schemas import Credentials, Me, RefreshToken, Registration, SignedIn, Tokens
from conversations.errors import NotFound

router = Router(tags=["Accounts"])


@router.post(
    "/register",
    response={201: SignedIn},
    operation_id="register",
    summary="Make an account",
    openapi_extra={
        "x-errors": ["not_authenticated", "forbidden", "conflict", "rate_limited"],
        "security": [{}, {"BearerAuth": []}, {"SessionAuth": []}],
    },
)
async def register(request: HttpRequest, account: Registration) -> Status[Any]:
    """A guest who registers, by token or on the site's own pages, becomes the new user with all that is his.

    His tokens from before count no more.
    """
    await sync_to_async(limits.count_attempt)(request)
    return await passwords.in_turn(_register, request, account)


def _register(request: HttpRequest, account: Registration) -> Status[Any]:
    guest = authentication.guest_user(request)
    user = services.register(
        actor=guest, username=account.username, password=account.password, email=account.email or ""
    )
    if guest and guest == request.user:
        update_session_auth_hash(request, user)
    return Status(201, _signed_in(user))


@router.post(
    "/token",
    response=SignedIn,
    operation_id="signIn",
    summary="Sign in with name and password",
    openapi_extra={"x-errors": ["not_authenticated", "rate_limited"]},
)
async def sign_in(request: HttpRequest, credentials: Credentials) -> dict[str, str]:
    await sync_to_async(limits.count_attempt)(request)
    return await passwords.in_turn(_sign_in, credentials)


def _sign_in(credentials: Credentials) -> dict[str, str]:
    return _signed_in(services.sign_in(username=credentials.username, password=credentials.password))


@router.post(
    "/guest",
    response={201: SignedIn},
    operation_id="becomeGuest",
    summary="Start without an account",
    openapi_extra={"x-errors": ["not_found", "rate_limited"]},
)
def become_guest(request: HttpRequest) -> Status[Any]:
    """404 where guests are not wanted (CHAT_GUESTS)."""
    if not settings.CHAT_GUESTS:
        raise NotFound("This site takes no guests.")
    limits.count_attempt(request)
    return Status(201, _signed_in(services.create_guest()))


@router.post(
    "/refresh",
    response=Tokens,
    operation_id="refreshTokens",
    summary="Change a refresh token for a new pair",
    openapi_extra={"x-errors": ["not_authenticated"]},
)
def refresh(request: HttpRequest, token: RefreshToken) -> dict[str, str]:
    """The old refresh token is refused from then on."""
    return services.refresh_tokens(refresh=token.refresh)._asdict()


@router.post(
    "/logout",
    response={204: None},
    operation_id="logOut",
    summary="Revoke a refresh token",
    openapi_extra={"x-errors": ["not_authenticated"]},
)
def log_out(request: HttpRequest, token: RefreshToken) -> Status[Any]:
    """Access tokens that were given out with it live 15 minutes at most."""
    services.log_out(refresh=token.refresh)
    return Status(204, None)


@router.get(
    "/me", response=Me, auth=[BearerAuth(), SessionAuth()], operation_id="getMe", summary="Say who is asking"
)
def me(request: HttpRequest) -> dict[str, str | bool]:
    user: User = request.auth  # type: ignore[attr-defined]
    return {
        "user_id": user.id,
        "username": user.username,
        "is_staff": user.is_staff,
        "is_guest": user.is_guest,
    }


def _signed_in(user: User) -> dict[str, str]:
    pair = services.issue_tokens(user=user)
    return {"user_id": user.id, "username": user.username, **pair._asdict()}
