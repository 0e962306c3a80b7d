"""Who may use a view that is not Ninja's. (tests/chatsite/test_api.py asks the same of Ninja's.)"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import AsyncClient, Client

from chatsite.accounts import tokens
from chatsite.accounts.models import User

pytestmark = [pytest.mark.urls("tests.chatsite.accounts.views_for_tests"), pytest.mark.django_db]


@pytest.fixture
def her_browser(alice: User) -> Client:
    """Alice's browser, with her session; the server checks CSRF."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    browser.cookies["csrftoken"] = "t" * 32
    return browser


@pytest.mark.parametrize("path", ["/by-token", "/by-origin"])
class TestAToken:
    def test_says_who_asks(self, client: Client, path: str, alice: User, pair: tokens.Pair) -> None:
        answer = client.post(path, headers={"Authorization": f"Bearer {pair.access}"})

        assert answer.json()["user_id"] == alice.id

    def test_is_needed(self, client: Client, path: str) -> None:
        answer = client.post(path)

        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer["WWW-Authenticate"] == "Bearer"

    def test_that_is_bad_never_falls_back_to_the_session(self, her_browser: Client, path: str) -> None:
        answer = her_browser.get(path, headers={"Authorization": "Bearer x", "Origin": "http://testserver"})

        assert answer.status_code == 401


class TestASession:
    def test_needs_the_csrf_token(self, her_browser: Client) -> None:
        assert her_browser.post("/by-token").status_code == 403
        assert her_browser.post("/by-token", headers={"X-CSRFToken": "t" * 32}).status_code == 200
        assert her_browser.get("/by-token").status_code == 200

    @pytest.mark.parametrize(
        ("origin", "status"),
        [
            ("http://testserver", 200),
            ("https://app.example.com", 200),
            ("https://testserver", 401),
            ("http://evil.example", 401),
            ("null", 401),
            ("", 401),
            (None, 401),
        ],
    )
    def test_counts_by_its_origin_where_the_view_says_so(
        self, her_browser: Client, origin: str | None, status: int, settings: Any
    ) -> None:
        settings.CSRF_TRUSTED_ORIGINS = ["https://app.example.com"]
        headers = {} if origin is None else {"Origin": origin}

        answer = her_browser.post("/by-origin", headers=headers)

        assert answer.status_code == status


def test_what_a_view_refuses_is_a_problem(client: Client, pair: tokens.Pair) -> None:
    answer = client.get("/gone", headers={"Authorization": f"Bearer {pair.access}"})

    assert (answer.status_code, answer.json()["code"]) == (410, "gone")


# Its user is looked up in another thread, which doesn't see a test's transaction.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by", ["token", "session"])
async def test_an_async_view_has_its_user(alice: User, pair: tokens.Pair, by: str) -> None:
    client = AsyncClient()
    headers = {"Origin": "http://testserver"}
    if by == "token":
        headers["Authorization"] = f"Bearer {pair.access}"
    else:
        await client.aforce_login(alice)

    answer = await client.get("/async", headers=headers)
    refused = await client.get("/async", headers={"Authorization": "Bearer nonsense"})

    assert answer.json() == {"user_id": alice.id}
    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
