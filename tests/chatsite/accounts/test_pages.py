"""The pages to sign in, register and sign out, as a browser without scripts meets them."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from chatsite.accounts.models import User
from tests.fixtures.people import PASSWORD

NEW = {"username": "nora", "email": "", "password": "twelve green parrots"}


class TestSignIn:
    def test_lets_in_and_goes_on_to_next(self, client: Client, alice: User) -> None:
        answer = client.post("/sign-in/?next=/c/conv_1", {"username": "Alice", "password": PASSWORD})

        assert (answer.status_code, answer["Location"]) == (302, "/c/conv_1")
        assert signed_in(client) == alice.id

    @pytest.mark.parametrize(
        "target",
        ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example", "\x00"],
    )
    def test_never_goes_on_to_another_site(self, client: Client, alice: User, target: str) -> None:
        answer = client.post("/sign-in/", {"username": "alice", "password": PASSWORD, "next": target})

        assert (answer.status_code, answer["Location"]) == (302, "/")

    @pytest.mark.parametrize("username", ["alice", "nobody"])
    def test_says_beside_the_password_that_the_two_do_not_match(
        self, client: Client, alice: User, username: str
    ) -> None:
        answer = client.post("/sign-in/", {"username": username, "password": "wrong"})

        assert answer.status_code == 200
        assert described(answer, "password") == ["User name and password don’t match."]
        assert signed_in(client) is None

    def test_says_what_is_missing(self, client: Client, db: None) -> None:
        answer = client.post("/sign-in/", {})

        assert described(answer, "username") == ["Enter a user name."]
        assert described(answer, "password") == ["Enter your password."]

    def test_refuses_text_with_nul(self, client: Client, db: None) -> None:
        answer = client.post("/sign-in/", {"username": "a\x00b", "password": "p\x00"})

        assert answer.status_code == 200
        assert described(answer, "username")

    def test_needs_the_csrf_token(self, alice: User) -> None:
        answer = Client(enforce_csrf_checks=True).post(
            "/sign-in/", {"username": "alice", "password": PASSWORD}, headers={"Accept": "text/html"}
        )

        assert answer.status_code == 403
        assert "Go back and try again" in answer.content.decode()

    def test_sends_on_who_is_here_but_not_a_guest(self, client: Client, alice: User) -> None:
        client.force_login(alice)
        assert client.get("/sign-in/?next=/c/x")["Location"] == "/c/x"

        client.force_login(User.objects.create(username="guest-1", is_guest=True))
        assert client.get("/sign-in/").status_code == 200


class TestRegister:
    def test_makes_a_user_who_is_signed_in(self, client: Client, db: None) -> None:
        answer = client.post("/register/", NEW)

        assert (answer.status_code, answer["Location"]) == (302, "/")
        assert signed_in(client) == User.objects.get(username="nora").id

    def test_says_what_is_wrong_beside_each_field(self, client: Client, alice: User) -> None:
        taken = client.post("/register/", {**NEW, "username": "ALICE"})
        weak = client.post("/register/", {**NEW, "username": "two words", "password": "12345"})
        email = client.post("/register/", {**NEW, "email": "nobody"})

        assert described(taken, "username") == ["This user name is taken. Choose another."]
        assert len(described(weak, "password")) == 3
        assert described(weak, "username")
        assert described(email, "email") == ["Enter an address such as maya@example.com."]
        assert signed_in(client) is None

    def test_turns_the_guest_into_the_user(self, client: Client, db: None) -> None:
        client.post("/guest/")
        guest = signed_in(client)

        client.post("/register/", NEW)

        assert signed_in(client) == guest
        assert User.objects.get().username == "nora"


class TestGuest:
    def test_takes_one_click(self, client: Client, db: None) -> None:
        answer = client.post("/guest/", {"next": "/c/x"})

        assert (answer.status_code, answer["Location"]) == (302, "/c/x")
        assert User.objects.get(pk=signed_in(client)).is_guest

    def test_who_clicks_again_stays_the_same(self, client: Client, db: None) -> None:
        client.post("/guest/")
        first = signed_in(client)

        client.post("/guest/")

        assert signed_in(client) == first

    def test_is_not_made_by_a_link_or_another_site(self, client: Client, db: None) -> None:
        assert client.get("/guest/").status_code == 405
        assert Client(enforce_csrf_checks=True).post("/guest/").status_code == 403
        assert not User.objects.exists()

    def test_is_not_found_and_not_offered_where_guests_are_off(
        self, client: Client, db: None, settings: Any
    ) -> None:
        settings.CHAT_GUESTS = False

        assert client.post("/guest/").status_code == 404
        assert "as a guest" not in client.get("/sign-in/").content.decode()


def test_signing_out_takes_a_post(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get("/sign-out/").status_code == 405
    assert signed_in(client) == alice.id
    answer = client.post("/sign-out/")

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in(client) is None


@pytest.mark.parametrize("path", ["/sign-in/", "/register/"])
def test_pages_hold_no_inline_style_or_script(client: Client, db: None, path: str) -> None:
    html = client.get(path).content.decode()

    assert "<style" not in html
    assert " style=" not in html
    assert " onclick=" not in html
    assert "<script>" not in html


@pytest.mark.parametrize("path", ["/nothing", "/sign-in/nothing"])
def test_an_unknown_page_says_so_to_people_and_to_programs(client: Client, db: None, path: str) -> None:
    page = client.get(path, headers={"Accept": "text/html,*/*"})
    problem = client.get(path, headers={"Accept": "application/json"})

    assert (page.status_code, problem.status_code) == (404, 404)
    assert "<h1>Not found</h1>" in page.content.decode()
    assert page["X-Request-ID"] in page.content.decode()
    assert problem["Content-Type"] == "application/problem+json"


def signed_in(client: Client) -> str | None:
    user_id: str | None = client.get("/api/auth/me").json().get("user_id")
    return user_id


class _Errors(HTMLParser):
    """Collects the fields marked as invalid, what describes them, and the texts of the alerts by id."""

    def __init__(self) -> None:
        super().__init__()
        self.described_by: dict[str, list[str]] = {}
        self.alerts: dict[str, list[str]] = {}
        self._alert: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if given.get("aria-invalid") == "true":
            self.described_by[given["name"]] = given["aria-describedby"].split()
        if given.get("role") == "alert":
            self._alert = given.get("id", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "div":
            self._alert = None

    def handle_data(self, data: str) -> None:
        if self._alert is not None and data.strip():
            self.alerts.setdefault(self._alert, []).append(data.strip())


def described(answer: Any, field: str) -> list[str]:
    """Return what the page says is wrong with a field, to screen readers too."""
    page = _Errors()
    page.feed(answer.content.decode())
    return [text for id in page.described_by.get(field, ()) for text in page.alerts.get(id, ())]
