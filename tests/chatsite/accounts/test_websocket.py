"""Who opens a WebSocket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client

from chatsite.accounts import tokens
from chatsite.accounts.models import User
from chatsite.accounts.websocket import AuthMiddleware, identify

ORIGIN = "http://localhost:8000"


def visitor(**scope: Any) -> tuple[Any, Any, Any]:
    """Return who asks: the user, the token's end, why not."""
    return identify({"type": "websocket", "scheme": "ws", **scope})


def headers(cookie: str = "", origin: str | None = ORIGIN, host: str = "localhost:8000") -> Any:
    pairs = {"host": host, "cookie": cookie, "origin": origin}
    return [(name.encode(), value.encode()) for name, value in pairs.items() if value is not None]


@pytest.fixture
def cookie(client: Client, alice: User) -> str:
    client.force_login(alice)
    return f"{site.SESSION_COOKIE_NAME}={client.cookies[site.SESSION_COOKIE_NAME].value}"


@pytest.mark.django_db
class TestBySession:
    def test_from_the_sites_own_page(self, alice: User, cookie: str) -> None:
        assert visitor(headers=headers(cookie)) == (alice, None, None)

    @pytest.mark.parametrize(
        "origin", [None, "", "null", "http://evil.example", "http://localhost:9000", "https://localhost:8000"]
    )
    def test_not_from_another_page(self, cookie: str, origin: str | None) -> None:
        assert visitor(headers=headers(cookie, origin)) == (None, None, "origin")

    def test_not_from_a_host_that_is_not_ours(self, cookie: str) -> None:
        given = headers(cookie, "http://evil.example", host="evil.example")

        assert visitor(headers=given) == (None, None, "origin")

    @pytest.mark.parametrize("origin", ["https://app.example.com", "https://a.b.example.org"])
    def test_from_a_trusted_page(self, alice: User, cookie: str, origin: str, settings: Any) -> None:
        settings.CSRF_TRUSTED_ORIGINS = ["https://app.example.com", "https://*.example.org"]

        assert visitor(headers=headers(cookie, origin)) == (alice, None, None)
        assert visitor(headers=headers(cookie, "https://x.example.com")) == (None, None, "origin")

    @pytest.mark.parametrize("given", ["", "sessionid=unknown", "sessionid=", "other=1"])
    def test_without_a_session_nobody(self, given: str) -> None:
        assert visitor(headers=headers(given)) == (None, None, "not_authenticated")

    def test_not_when_deactivated(self, alice: User, cookie: str) -> None:
        alice.is_active = False
        alice.save()

        assert visitor(headers=headers(cookie)) == (None, None, "not_authenticated")

    def test_not_after_the_password_was_changed(self, alice: User, cookie: str) -> None:
        alice.set_password("another good password")
        alice.save()

        assert visitor(headers=headers(cookie)) == (None, None, "not_authenticated")


@pytest.mark.django_db
class TestByToken:
    def test_from_anywhere_until_the_token_ends(self, alice: User, pair: tokens.Pair) -> None:
        user, expires_at, failure = visitor(
            subprotocols=["chat.v1", f"bearer.{pair.access}"], headers=headers(origin=None)
        )

        assert (user, failure) == (alice, None)
        assert timedelta(minutes=14) < expires_at - datetime.now(UTC) <= timedelta(minutes=15)

    @pytest.mark.parametrize("token", ["", "nonsense"])
    def test_a_bad_one_never_falls_back_to_the_session(self, cookie: str, token: str) -> None:
        found = visitor(subprotocols=["chat.v1", f"bearer.{token}"], headers=headers(cookie))

        assert found == (None, None, "not_authenticated")

    def test_a_refresh_token_does_not_count(self, pair: tokens.Pair) -> None:
        found = visitor(subprotocols=["chat.v1", f"bearer.{pair.refresh}"], headers=headers())

        assert found == (None, None, "not_authenticated")


@pytest.mark.django_db(transaction=True)
async def test_a_consumer_finds_it_in_its_scope(alice: User, pair: tokens.Pair) -> None:
    found: list[dict[str, Any]] = []

    async def consumer(scope: dict[str, Any], receive: Any, send: Any) -> None:
        found.append(scope)

    site = AuthMiddleware(consumer)
    await site({"type": "websocket", "subprotocols": [f"bearer.{pair.access}"]}, None, None)
    await site({"type": "websocket"}, None, None)

    assert [(scope["user"], scope["auth_failure"]) for scope in found] == [
        (alice, None),
        (None, "not_authenticated"),
    ]
    assert found[0]["token_expires_at"] > datetime.now(UTC)
