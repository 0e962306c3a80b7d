"""Access and refresh tokens: JWTs that name a user and carry a stamp of his password."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple, TypeVar, cast

from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework_simplejwt import tokens as jwt
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from chatsite.accounts.models import User
from conversations import rows
from conversations.errors import NotAuthenticated

STAMP_CLAIM = "stamp"
#: So many clients' tokens are not verified again with each request, which takes as long as two queries.
VERIFIED_TOKENS = 1000

Token = TypeVar("Token", bound=jwt.Token)


class Access(NamedTuple):
    """Who asks, and until when the token says so."""

    user: User
    expires_at: datetime


class Pair(NamedTuple):
    """What a client gets: a token for requests, and one to get the next pair with."""

    access: str
    refresh: str


def authenticate(access: str) -> Access:
    """Return the user of an access token, in one query. Raises NotAuthenticated for any other text."""
    token = _read_access(access)
    return Access(_user_of(token), datetime.fromtimestamp(token["exp"], UTC))


def issue(user: User) -> Pair:
    """Return a new pair of tokens for a user."""
    OutstandingToken.objects.filter(user=user, expires_at__lt=timezone.now()).delete()
    refresh = jwt.RefreshToken()
    refresh["user_id"] = user.id
    refresh[STAMP_CLAIM] = user.token_stamp()
    OutstandingToken.objects.create(
        user=user,
        jti=refresh["jti"],
        token="",  # Not stored: who can read the table must not be able to sign in.
        created_at=refresh.current_time,
        expires_at=datetime.fromtimestamp(refresh["exp"], UTC),
    )
    access = refresh.access_token
    for token in (refresh, access):
        # Whoever reads it would refuse it as made in the future, where this clock is ahead of his or was set back.
        del token["iat"]
    return Pair(str(access), str(refresh))


def rotate(refresh: str) -> Pair:
    """Return a new pair for a refresh token, which counts no more. Of several callers at once one wins."""
    token = _read(jwt.RefreshToken, refresh)
    user = _user_of(token)
    _revoke(token)
    return issue(user)


def revoke(refresh: str) -> None:
    """Let a refresh token count no more."""
    _revoke(_read(jwt.RefreshToken, refresh))


def _read_access(text: str) -> jwt.AccessToken:
    token = _verified(text)
    try:
        token.check_exp(current_time=timezone.now())
    except TokenError:
        raise NotAuthenticated from None
    return token


@lru_cache(maxsize=VERIFIED_TOKENS)
def _verified(text: str) -> jwt.AccessToken:
    """Return a token whose signature is right. That stays so; when it ends, and whose it is, is looked at each time."""
    return _read(jwt.AccessToken, text)


def _read(kind: type[Token], text: str) -> Token:
    try:
        # simplejwt annotates the text as one of its own tokens.
        return kind(cast("jwt.Token", text))
    except (TokenError, ValueError):
        raise NotAuthenticated from None


def _user_of(token: jwt.Token) -> User:
    user = rows.first(User, "id = %s", [token.get("user_id")])
    if user is None:
        raise NotAuthenticated
    if not user.is_active or not constant_time_compare(token.get(STAMP_CLAIM, ""), user.token_stamp()):
        raise NotAuthenticated
    return user


def _revoke(token: jwt.RefreshToken) -> None:
    outstanding = OutstandingToken.objects.filter(jti=token["jti"]).first()
    if outstanding is None:
        raise NotAuthenticated
    # The unique column decides: a second client waits here for the first, then finds the row made.
    _, revoked_now = BlacklistedToken.objects.get_or_create(token=outstanding)
    if not revoked_now:
        raise NotAuthenticated
