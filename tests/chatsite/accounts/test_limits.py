"""How often one address may try to sign in."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client, RequestFactory

from chatsite.accounts import limits
from chatsite.accounts.models import AddressAttempts, User
from conversations.errors import RateLimited
from tests.chatsite.accounts.conftest import Call
from tests.fixtures.people import PASSWORD

PROXY = "10.0.0.1"


@pytest.fixture
def limit_of_three(settings: Any) -> None:
    settings.AUTH_RATE_PER_MINUTE = 3


@pytest.mark.usefixtures("limit_of_three", "db")
class TestTheLimit:
    def test_holds_for_sign_ins_registrations_and_guests_together(self, post: Call) -> None:
        attempts = [
            post("/api/auth/token", {"username": "nobody", "password": "wrong"}).status_code,
            post("/api/auth/register", {"username": "nora", "password": "twelve green parrots"}).status_code,
            post("/api/auth/guest").status_code,
        ]

        refused = [
            post("/api/auth/token", {"username": "nora", "password": "twelve green parrots"}),
            post("/api/auth/register", {"username": "otto", "password": "twelve green parrots"}),
            post("/api/auth/guest"),
        ]

        assert attempts == [401, 201, 201]
        for answer in refused:
            assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
            assert 55 <= int(answer["Retry-After"]) <= 60

    def test_holds_for_the_pages_too(self, client: Client, post: Call, alice: User) -> None:
        for _ in range(3):
            post("/api/auth/token", {"username": "alice", "password": "wrong"})

        sign_in = client.post("/sign-in/", {"username": "alice", "password": PASSWORD})
        register = client.post("/register/", {"username": "nora", "password": "twelve green parrots"})
        guest = client.post("/guest/", headers={"Accept": "text/html"})

        for answer in (sign_in, register, guest):
            assert answer.status_code == 429
            assert answer["Retry-After"]
            assert "Too many attempts from this address" in answer.content.decode()

    def test_is_over_after_a_minute(self, post: Call) -> None:
        for _ in range(4):
            post("/api/auth/guest")

        AddressAttempts.objects.update(started_at=F("started_at") - timedelta(seconds=60))

        assert post("/api/auth/guest").status_code == 201
        assert AddressAttempts.objects.get().count == 1

    def test_is_one_for_each_address(self, post: Call) -> None:
        for _ in range(3):
            post("/api/auth/guest", REMOTE_ADDR="192.0.2.1")

        assert post("/api/auth/guest", REMOTE_ADDR="192.0.2.1").status_code == 429
        assert post("/api/auth/guest", REMOTE_ADDR="192.0.2.2").status_code == 201

    def test_is_one_for_a_whole_ipv6_subscriber(self, post: Call) -> None:
        answers = [post("/api/auth/guest", REMOTE_ADDR=f"2001:db8:1:2::{n}").status_code for n in range(4)]

        assert answers == [201, 201, 201, 429]
        assert post("/api/auth/guest", REMOTE_ADDR="2001:db8:1:3::1").status_code == 201

    def test_is_not_for_refreshing_and_reading(self, post: Call, call: Call) -> None:
        guest = post("/api/auth/guest").json()
        for _ in range(2):
            post("/api/auth/guest")

        assert post("/api/auth/refresh", {"refresh": guest["refresh"]}).status_code == 200
        assert call("GET", "/api/auth/me", access=guest["access"]).status_code == 200

    def test_forgets_addresses_whose_minute_is_over(self, post: Call) -> None:
        post("/api/auth/guest", REMOTE_ADDR="192.0.2.1")
        AddressAttempts.objects.update(started_at=F("started_at") - timedelta(minutes=3))

        post("/api/auth/guest", REMOTE_ADDR="192.0.2.2")

        assert [str(attempts) for attempts in AddressAttempts.objects.all()] == ["192.0.2.2"]


def test_zero_is_no_limit(post: Call, db: None, settings: Any) -> None:
    settings.AUTH_RATE_PER_MINUTE = 0

    assert {post("/api/auth/guest").status_code for _ in range(40)} == {201}


@pytest.mark.django_db(transaction=True)
def test_lets_no_more_through_when_all_come_at_once(rf: RequestFactory, limit_of_three: None) -> None:
    together = threading.Barrier(12)
    refused: list[RateLimited] = []

    def attempt() -> None:
        together.wait()
        try:
            limits.count_attempt(rf.post("/"))
        except RateLimited as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    clients = [threading.Thread(target=attempt) for _ in range(12)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()

    assert len(refused) == 9


class TestTheAddress:
    @pytest.mark.parametrize(
        ("trusted", "forwarded", "address"),
        [
            ([], "203.0.113.9", PROXY),
            ([PROXY], "", PROXY),
            ([PROXY], "203.0.113.9", "203.0.113.9"),
            (["10.0.0.0/8"], "203.0.113.9", "203.0.113.9"),
            ([PROXY], "198.51.100.1, 203.0.113.9", "203.0.113.9"),
            (["10.0.0.0/8"], "198.51.100.1, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
            (["10.0.0.0/8"], "10.0.0.9, 10.0.0.7", "10.0.0.9"),
            ([PROXY], "nonsense", PROXY),
            ([PROXY], "203.0.113.9, nonsense", PROXY),
            ([PROXY], "2001:db8::1", "2001:db8::1"),
            ([PROXY], "::ffff:203.0.113.9", "203.0.113.9"),
        ],
    )
    def test_is_what_trusted_proxies_say(
        self, rf: RequestFactory, settings: Any, trusted: list[str], forwarded: str, address: str
    ) -> None:
        settings.TRUSTED_PROXIES = trusted

        request = rf.post("/", REMOTE_ADDR=PROXY, headers={"X-Forwarded-For": forwarded})

        assert limits.client_address(request) == address

    def test_may_be_missing(self, rf: RequestFactory) -> None:
        assert limits.client_address(rf.post("/", REMOTE_ADDR="")) == ""


def test_a_trusted_proxy_that_is_no_address_is_reported(settings: Any) -> None:
    from chatsite.accounts.checks import check_trusted_proxies

    settings.TRUSTED_PROXIES = ["10.0.0.0/8", "proxy.internal"]

    [error] = check_trusted_proxies()

    assert error.id == "accounts.E001"
    assert "proxy.internal" in error.msg
