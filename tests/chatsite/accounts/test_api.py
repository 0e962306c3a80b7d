"""What /api/auth answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from chatsite.accounts import tokens
from chatsite.accounts.models import User
from tests.chatsite.accounts.conftest import Call
from tests.fixtures.people import PASSWORD

NEW = {"username": "Nora", "password": "twelve green parrots", "email": "nora@example.com"}


class CountingHasher(MD5PasswordHasher):
    algorithm = "counted"
    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.hashed += 1
        return super().encode(password, salt)


class TestRegister:
    def test_makes_a_user_with_tokens(self, post: Call, db: None) -> None:
        answer = post("/api/auth/register", NEW)

        assert answer.status_code == 201
        body = answer.json()
        assert set(body) == {"user_id", "username", "access", "refresh"}
        user = User.objects.get(pk=body["user_id"])
        assert (user.username, user.email, user.is_guest) == ("Nora", "nora@example.com", False)
        assert user.check_password(NEW["password"])
        assert tokens.authenticate(body["access"]).user == user

    def test_needs_no_email(self, post: Call, db: None) -> None:
        answer = post("/api/auth/register", {"username": "nora", "password": NEW["password"], "email": None})

        assert answer.status_code == 201
        assert User.objects.get().email == ""

    @pytest.mark.parametrize("username", ["alice", "ALICE", "Ａlice"])
    def test_refuses_a_taken_name_in_any_case(self, post: Call, alice: User, username: str) -> None:
        answer = post("/api/auth/register", {**NEW, "username": username})

        assert answer.status_code == 409
        assert answer.json()["code"] == "conflict"

    @pytest.mark.parametrize(
        ("changed", "fields"),
        [
            ({"password": "short"}, ["password"]),
            ({"password": "password"}, ["password"]),
            ({"password": "8472659381"}, ["password"]),
            ({"username": "maya.oyelaran", "password": "maya.oyelaran"}, ["password"]),
            ({"username": "two words"}, ["username"]),
            ({"username": ""}, ["username"]),
            ({"username": "x" * 151}, ["username"]),
            ({"email": "no address"}, ["email"]),
            ({"username": "a b", "email": "no", "password": "1"}, ["username", "email", "password"]),
            ({"username": None}, ["username"]),
            ({"username": 7}, ["username"]),
            ({"username": "no\x00ra"}, ["username"]),
            ({"password": "twelve \ud800 parrots"}, ["password"]),
        ],
    )
    def test_names_each_bad_field(
        self, post: Call, db: None, changed: dict[str, Any], fields: list[str]
    ) -> None:
        answer = post("/api/auth/register", {**NEW, **changed})

        assert answer.status_code == 422
        assert answer["Content-Type"] == "application/problem+json"
        assert list(dict.fromkeys(error["field"] for error in answer.json()["errors"])) == fields
        assert not User.objects.exists()

    def test_speaks_one_language(self, post: Call, db: None) -> None:
        answer = post("/api/auth/register", {**NEW, "password": "123"}, headers={"Accept-Language": "de"})

        assert answer.json()["errors"][0]["message"].startswith("This password is too short.")

    def test_names_missing_fields(self, post: Call, db: None) -> None:
        answer = post("/api/auth/register", {})

        assert answer.status_code == 422
        assert answer.json()["errors"] == [
            {"field": "username", "message": "This field is required."},
            {"field": "password", "message": "This field is required."},
        ]


class TestGuest:
    def test_is_a_user_without_a_name_of_his_own(self, post: Call, call: Call, db: None) -> None:
        answer = post("/api/auth/guest")

        assert answer.status_code == 201
        me = call("GET", "/api/auth/me", access=answer.json()["access"]).json()
        assert me == {
            "user_id": answer.json()["user_id"],
            "username": answer.json()["username"],
            "is_staff": False,
            "is_guest": True,
        }

    def test_is_not_found_where_guests_are_off(self, post: Call, db: None, settings: Any) -> None:
        settings.CHAT_GUESTS = False

        answer = post("/api/auth/guest")

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert not User.objects.exists()

    def test_who_registers_by_token_stays_the_same_user(self, post: Call, call: Call, db: None) -> None:
        guest = post("/api/auth/guest").json()

        answer = post("/api/auth/register", NEW, access=guest["access"])

        assert answer.status_code == 201
        assert answer.json()["user_id"] == guest["user_id"]
        me = call("GET", "/api/auth/me", access=answer.json()["access"]).json()
        assert (me["username"], me["is_guest"]) == ("Nora", False)
        assert call("GET", "/api/auth/me", access=guest["access"]).status_code == 401

    def test_who_registers_in_his_session_stays_the_same_user_and_signed_in(self, db: None) -> None:
        browser = Client(enforce_csrf_checks=True)
        guest = User.objects.create(username="guest-1", is_guest=True)
        browser.force_login(guest)
        token = "a" * 32
        browser.cookies["csrftoken"] = token

        refused = browser.post("/api/auth/register", NEW, content_type="application/json")
        answer = browser.post(
            "/api/auth/register", NEW, content_type="application/json", headers={"X-CSRFToken": token}
        )

        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert answer.status_code == 201
        assert answer.json()["user_id"] == guest.id
        assert browser.get("/api/auth/me").json()["username"] == "Nora"

    def test_with_a_bad_token_registers_nobody(self, post: Call, db: None) -> None:
        answer = post("/api/auth/register", NEW, access="nonsense")

        assert answer.status_code == 401
        assert not User.objects.exists()

    def test_keeps_his_tokens_when_the_name_is_taken(self, post: Call, call: Call, alice: User) -> None:
        guest = post("/api/auth/guest").json()

        answer = post("/api/auth/register", {**NEW, "username": "alice"}, access=guest["access"])

        assert answer.status_code == 409
        assert call("GET", "/api/auth/me", access=guest["access"]).json()["is_guest"] is True


def test_a_user_who_registers_again_makes_another_user(post: Call, alice: User, pair: tokens.Pair) -> None:
    answer = post("/api/auth/register", NEW, access=pair.access)

    assert answer.status_code == 201
    assert answer.json()["user_id"] != alice.id


class TestSignIn:
    @pytest.mark.parametrize("username", ["alice", "Alice"])
    def test_gives_tokens(self, post: Call, alice: User, username: str) -> None:
        answer = post("/api/auth/token", {"username": username, "password": PASSWORD})

        assert answer.status_code == 200
        body = answer.json()
        assert (body["user_id"], body["username"]) == (alice.id, "alice")
        assert tokens.authenticate(body["access"]).user == alice

    def test_says_the_same_of_an_unknown_name_a_wrong_password_and_a_deactivated_user(
        self, post: Call, make_user: Callable[..., User]
    ) -> None:
        make_user("alice")
        make_user("gone", is_active=False)

        answers = [
            post("/api/auth/token", {"username": "nobody", "password": PASSWORD}),
            post("/api/auth/token", {"username": "alice", "password": "wrong"}),
            post("/api/auth/token", {"username": "gone", "password": PASSWORD}),
        ]

        assert {answer.status_code for answer in answers} == {401}
        assert len({answer.json()["detail"] for answer in answers}) == 1
        assert {answer["WWW-Authenticate"] for answer in answers} == {"Bearer"}

    def test_costs_the_same_for_an_unknown_name(self, post: Call, alice: User, settings: Any) -> None:
        settings.PASSWORD_HASHERS = ["tests.chatsite.accounts.test_api.CountingHasher"]
        alice.set_password(PASSWORD)
        alice.save()

        CountingHasher.hashed = 0
        post("/api/auth/token", {"username": "nobody", "password": "wrong"})
        unknown = CountingHasher.hashed
        post("/api/auth/token", {"username": "alice", "password": "wrong"})

        assert unknown == CountingHasher.hashed - unknown == 1

    def test_is_not_for_guests(self, post: Call, db: None) -> None:
        guest = post("/api/auth/guest").json()

        answer = post("/api/auth/token", {"username": guest["username"], "password": "!"})

        assert answer.status_code == 401


class TestRefresh:
    def test_gives_a_pair_once(self, post: Call, call: Call, pair: tokens.Pair) -> None:
        first = post("/api/auth/refresh", {"refresh": pair.refresh})
        second = post("/api/auth/refresh", {"refresh": pair.refresh})

        assert first.status_code == 200
        assert set(first.json()) == {"access", "refresh"}
        assert call("GET", "/api/auth/me", access=first.json()["access"]).status_code == 200
        assert (second.status_code, second.json()["code"]) == (401, "not_authenticated")
        assert post("/api/auth/refresh", {"refresh": first.json()["refresh"]}).status_code == 200

    def test_refuses_an_access_token_and_nonsense(self, post: Call, pair: tokens.Pair) -> None:
        assert post("/api/auth/refresh", {"refresh": pair.access}).status_code == 401
        assert post("/api/auth/refresh", {"refresh": "nonsense"}).status_code == 401
        assert post("/api/auth/refresh", {"refresh": "é.ü.ß"}).status_code == 401
        assert post("/api/auth/refresh", {}).status_code == 422


class TestLogOut:
    def test_revokes_the_refresh_token(self, post: Call, pair: tokens.Pair) -> None:
        answer = post("/api/auth/logout", {"refresh": pair.refresh})

        assert (answer.status_code, answer.content) == (204, b"")
        assert post("/api/auth/refresh", {"refresh": pair.refresh}).status_code == 401

    def test_refuses_a_token_that_is_none(self, post: Call, pair: tokens.Pair) -> None:
        assert post("/api/auth/logout", {"refresh": pair.access}).status_code == 401


class TestMe:
    def test_refuses_a_stranger(self, call: Call, db: None) -> None:
        answer = call("GET", "/api/auth/me")

        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer["WWW-Authenticate"] == "Bearer"

    def test_knows_the_session(self, client: Client, alice: User) -> None:
        client.force_login(alice)

        assert client.get("/api/auth/me").json()["user_id"] == alice.id

    @pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Basic YTpi", "nonsense", ""])
    def test_never_falls_back_to_the_session(self, client: Client, alice: User, header: str) -> None:
        client.force_login(alice)

        assert client.get("/api/auth/me", headers={"Authorization": header}).status_code == 401
