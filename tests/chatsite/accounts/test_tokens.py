"""Which tokens count."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from django.conf import settings
from django.db import connection
from rest_framework_simplejwt import tokens as simplejwt
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from chatsite.accounts import services, tokens
from chatsite.accounts.models import User
from conversations.errors import NotAuthenticated
from tests.fixtures.people import PASSWORD


def claims(token: str) -> dict[str, object]:
    return jwt.decode(token, options={"verify_signature": False})


def test_an_access_token_names_its_user_and_its_end_in_one_query(
    alice: User, pair: tokens.Pair, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        user, expires_at = tokens.authenticate(pair.access)

    assert user == alice
    assert timedelta(minutes=14) < expires_at - datetime.now(UTC) <= timedelta(minutes=15)


def test_a_refresh_token_lives_thirty_days(pair: tokens.Pair) -> None:
    ends = datetime.fromtimestamp(claims(pair.refresh)["exp"], UTC)  # type: ignore[arg-type]

    assert timedelta(days=29) < ends - datetime.now(UTC) <= timedelta(days=30)


def test_the_database_holds_no_token(pair: tokens.Pair) -> None:
    assert OutstandingToken.objects.get().token == ""


class TestAreRefused:
    def test_after_the_password_was_changed(self, alice: User, pair: tokens.Pair) -> None:
        alice.set_password("another good password")
        alice.save()

        self.refuse(pair)

    def test_of_a_deactivated_user(self, alice: User, pair: tokens.Pair) -> None:
        User.objects.filter(pk=alice.pk).update(is_active=False)

        self.refuse(pair)

    def test_of_a_deleted_user(self, alice: User, pair: tokens.Pair) -> None:
        alice.delete()

        self.refuse(pair)

    def test_when_they_are_over(self, pair: tokens.Pair) -> None:
        past = {**claims(pair.access), "exp": datetime.now(UTC) - timedelta(seconds=1)}

        self.refuse_access(jwt.encode(past, settings.SECRET_KEY, "HS256"))

    def test_when_they_have_ended_since_they_counted(self, pair: tokens.Pair) -> None:
        ends = datetime.now(UTC) + timedelta(seconds=2)
        short = jwt.encode({**claims(pair.access), "exp": ends}, settings.SECRET_KEY, "HS256")
        assert tokens.authenticate(short).expires_at <= ends

        while datetime.now(UTC) < ends:  # at most two seconds: what counts is the clock itself
            pass

        self.refuse_access(short)

    def test_when_they_are_of_the_other_type(self, pair: tokens.Pair) -> None:
        self.refuse(tokens.Pair(access=pair.refresh, refresh=pair.access))

    @pytest.mark.parametrize("missing", ["user_id", "stamp", "exp", "token_type", "jti"])
    def test_when_a_claim_is_missing(self, pair: tokens.Pair, missing: str) -> None:
        fewer = {name: value for name, value in claims(pair.access).items() if name != missing}

        self.refuse_access(jwt.encode(fewer, settings.SECRET_KEY, "HS256"))

    def test_with_another_key_or_algorithm(self, pair: tokens.Pair) -> None:
        said = claims(pair.access)

        self.refuse_access(jwt.encode(said, "k" * 64, "HS256"))
        self.refuse_access(jwt.encode(said, settings.SECRET_KEY, "HS512"))
        self.refuse_access(jwt.encode(said, "", "none"))

    def test_with_another_user_put_in(self, pair: tokens.Pair, bob: User) -> None:
        header, _, signature = pair.access.split(".")
        _, forged, _ = jwt.encode({**claims(pair.access), "user_id": bob.id}, "k" * 64, "HS256").split(".")

        self.refuse_access(f"{header}.{forged}.{signature}")

    @pytest.mark.parametrize("text", ["", ".", "a.b.c", "é", "\x00", "\ud800", "x" * 100_000])
    def test_when_they_are_none(self, db: None, text: str) -> None:
        self.refuse_access(text)

    def refuse(self, pair: tokens.Pair) -> None:
        self.refuse_access(pair.access)
        with pytest.raises(NotAuthenticated):
            services.refresh_tokens(refresh=pair.refresh)

    def refuse_access(self, access: str) -> None:
        with pytest.raises(NotAuthenticated):
            tokens.authenticate(access)


def test_signing_in_again_leaves_other_tokens_alone(alice: User, pair: tokens.Pair) -> None:
    services.sign_in(username="alice", password=PASSWORD)

    assert tokens.authenticate(pair.access).user == alice


@pytest.mark.django_db(transaction=True)
def test_of_many_clients_with_one_refresh_token_one_gets_a_pair(alice: User, pair: tokens.Pair) -> None:
    together = threading.Barrier(6)
    won: list[tokens.Pair] = []
    refused: list[NotAuthenticated] = []

    def refresh() -> None:
        together.wait()
        try:
            won.append(services.refresh_tokens(refresh=pair.refresh))
        except NotAuthenticated as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    clients = [threading.Thread(target=refresh) for _ in range(6)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()

    assert (len(won), len(refused)) == (1, 5)


@pytest.mark.parametrize("ahead", [timedelta(seconds=2), timedelta(hours=1)])
def test_tokens_of_a_server_whose_clock_is_ahead_count(
    alice: User, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    """The same as when a clock is set back: nobody is signed out."""
    with monkeypatch.context() as there:
        there.setattr(simplejwt, "aware_utcnow", lambda: datetime.now(UTC) + ahead)
        pair = tokens.issue(alice)

    assert tokens.authenticate(pair.access).user == alice
    assert tokens.authenticate(tokens.rotate(pair.refresh).access).user == alice
