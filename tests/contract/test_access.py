"""Who may ask for what: 401, 403 and 404, the same for everybody who may not know."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from tests.contract.backoffice import ACCESS_TOKEN, BackOffice
from tests.contract.client import Person, words
from tests.contract.operations import OPERATIONS
from tests.contract.problems import check_problem, same_words
from tests.fixtures.site import Site

BELOW_A_CONVERSATION = [operation for operation in OPERATIONS if "{conversation}" in operation[1]]
BELOW_A_TURN = [operation for operation in OPERATIONS if "{turn}" in operation[1]]
MALFORMED_IDS = [
    "nonsense",
    "conv_",
    "conv_0",
    "0",
    "-1",
    "%20",
    "%00",
    "%F0%9F%98%80",
    "..%2F..",
    "null",
    "x" * 2000,
]


class TestNotAuthenticated:
    @pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
    def test_without_a_token(
        self, live_site: Site, talk: dict[str, str], maya: Person, method: str, path: str, body: Any
    ) -> None:
        answer = httpx.request(method, f"{live_site.url}/api/{maya.user_id}{path.format(**talk)}", json=body)

        check_problem(answer, 401, "not_authenticated")

    @pytest.mark.parametrize(
        "header",
        ["", "Bearer", "Bearer nonsense", "Bearer a.b.c", "Basic bWF5YTpwYXNz", "nonsense", "Bearer x y"],
    )
    def test_with_a_bad_header(self, maya: Person, header: str) -> None:
        answer = maya.http.get("/conversations", headers={"Authorization": header})

        check_problem(answer, 401, "not_authenticated")

    def test_with_a_forged_token(self, maya: Person) -> None:
        head, payload, signature = maya.access.split(".")
        unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
        changed = _changed(payload, user_id="user_x")

        for token in (
            f"{unsigned}.{payload}.",
            f"{head}.{changed}.{signature}",
            f"{head}.{payload}.{signature[:-4]}AAAA",
        ):
            answer = maya.http.get("/conversations", headers={"Authorization": f"Bearer {token}"})
            check_problem(answer, 401, "not_authenticated")

    def test_with_a_refresh_token(self, maya: Person) -> None:
        answer = maya.http.get("/conversations", headers={"Authorization": f"Bearer {maya.refresh}"})

        check_problem(answer, 401, "not_authenticated")

    def test_with_an_expired_token(self, maya: Person, office: BackOffice) -> None:
        expired = office(ACCESS_TOKEN, id=maya.user_id, seconds=-1)

        answer = maya.http.get("/conversations", headers={"Authorization": f"Bearer {expired}"})

        check_problem(answer, 401, "not_authenticated")

    def test_with_a_token_from_before_a_password_change(self, maya: Person, office: BackOffice) -> None:
        office(
            "[user := User.objects.get(pk=id), user.set_password('another long one'), user.save()][1]",
            id=maya.user_id,
        )

        check_problem(maya.http.get("/conversations"), 401, "not_authenticated")

    def test_once_deactivated(self, maya: Person, office: BackOffice) -> None:
        office("User.objects.filter(pk=id).update(is_active=False)", id=maya.user_id)

        check_problem(maya.http.get("/conversations"), 401, "not_authenticated")

    def test_with_a_refresh_token_that_was_used_or_revoked(self, live_site: Site, maya: Person) -> None:
        first = httpx.post(f"{live_site.url}/api/auth/refresh", json={"refresh": maya.refresh})
        used = httpx.post(f"{live_site.url}/api/auth/refresh", json={"refresh": maya.refresh})
        fresh = {"refresh": first.json()["refresh"]}
        out = httpx.post(f"{live_site.url}/api/auth/logout", json=fresh)
        revoked = httpx.post(f"{live_site.url}/api/auth/refresh", json=fresh)

        assert first.status_code == 200
        assert set(first.json()) == {"access", "refresh"}
        assert out.status_code == 204
        for answer in (used, revoked):
            check_problem(answer, 401, "not_authenticated")

    @pytest.mark.parametrize("name", ["maya", "nobody-of-this-name"])
    def test_with_a_wrong_password(self, live_site: Site, name: str) -> None:
        answer = httpx.post(f"{live_site.url}/api/auth/token", json={"username": name, "password": "wrong"})

        check_problem(answer, 401, "not_authenticated")


class TestForbidden:
    @pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
    def test_with_somebody_elses_user_id(
        self,
        live_site: Site,
        talk: dict[str, str],
        maya: Person,
        mallory: Person,
        method: str,
        path: str,
        body: Any,
    ) -> None:
        url = f"{live_site.url}/api/{maya.user_id}{path.format(**talk)}"

        answer = mallory.http.request(method, url, json=body)

        check_problem(answer, 403, "forbidden")

    def test_for_staff_too(self, live_site: Site, maya: Person, mallory: Person, office: BackOffice) -> None:
        office("User.objects.filter(pk=id).update(is_staff=True, is_superuser=True)", id=mallory.user_id)

        answer = mallory.http.get(f"{live_site.url}/api/{maya.user_id}/conversations")

        check_problem(answer, 403, "forbidden")


class TestNotFound:
    @pytest.mark.parametrize(("method", "path", "body"), BELOW_A_CONVERSATION)
    def test_an_unknown_malformed_deleted_or_foreign_conversation_answer_alike(
        self, talk: dict[str, str], maya: Person, mallory: Person, method: str, path: str, body: Any
    ) -> None:
        deleted = mallory.ask(words("Hello", text="Hi"))["conversation_id"]
        assert mallory.http.delete(f"/conversations/{deleted}").status_code == 204
        unknown = "conv_01936b1f-6c1c-7b7e-a1b5-2f1c0a4d9e10"

        answers = [
            mallory.http.request(method, path.format(**{**talk, "conversation": id}), json=body)
            for id in (unknown, deleted, talk["conversation"], *MALFORMED_IDS)
        ]

        for answer in answers:
            check_problem(answer, 404, "not_found")
            assert same_words(answer) == same_words(answers[0])

    @pytest.mark.parametrize(("method", "path", "body"), BELOW_A_TURN)
    def test_an_unknown_malformed_or_foreign_turn_answers_alike(
        self, talk: dict[str, str], maya: Person, mallory: Person, method: str, path: str, body: Any
    ) -> None:
        others = mallory.ask(words("Hello", text="Hi"))["turn_id"]
        anothers = maya.ask(words("Hello", text="Hi"))["turn_id"]
        unknown = "turn_01936b1f-6c2a-7e11-b6a4-90c4f3c1d7aa"

        answers = [
            maya.http.request(method, path.format(**{**talk, "turn": id}), json=body)
            for id in (unknown, others, anothers, *MALFORMED_IDS)
        ]

        for answer in answers:
            check_problem(answer, 404, "not_found")
            assert same_words(answer) == same_words(answers[0])

    def test_an_unknown_malformed_or_foreign_message_answers_alike(
        self, talk: dict[str, str], maya: Person, mallory: Person
    ) -> None:
        others = mallory.ask(words("Hello", text="Hi"))["message_id"]
        anothers = maya.ask(words("Hello", text="Hi"))["message_id"]
        path = f"/conversations/{talk['conversation']}/messages/"

        answers = [
            maya.http.put(f"{path}{id}/feedback", json={"kind": "positive"})
            for id in ("msg_01936b1f-7a3e-7d52-8c0e-5f0f6f2b8a31", others, anothers, *MALFORMED_IDS)
        ]

        for answer in answers:
            check_problem(answer, 404, "not_found")
            assert same_words(answer) == same_words(answers[0])

    def test_a_message_to_an_unknown_malformed_deleted_or_foreign_conversation(
        self, talk: dict[str, str], mallory: Person
    ) -> None:
        deleted = mallory.ask(words("Hello", text="Hi"))["conversation_id"]
        mallory.http.delete(f"/conversations/{deleted}")

        answers = [
            mallory.send("Hello", id)
            for id in (
                "conv_01936b1f-6c1c-7b7e-a1b5-2f1c0a4d9e10",
                deleted,
                talk["conversation"],
                "nonsense",
                "",
            )
        ]

        for answer in answers:
            check_problem(answer, 404, "not_found")
            assert same_words(answer) == same_words(answers[0])
        assert mallory.http.get("/conversations").json()["data"] == []

    def test_pages_after_what_is_not_there(self, talk: dict[str, str], maya: Person, mallory: Person) -> None:
        for id in ("nonsense", talk["conversation"], "%00"):
            check_problem(
                mallory.http.get(f"/conversations?after={id}"),
                422 if id == "%00" else 404,
                "invalid" if id == "%00" else "not_found",
            )
        answer = maya.http.get(
            f"/conversations/{talk['conversation']}/messages", params={"after": "msg_nonsense"}
        )
        check_problem(answer, 404, "not_found")

    @pytest.mark.parametrize(
        "path", ["/api/", "/api/nothing", "/api/auth/nothing", "/nothing", "/api/a/b/c/d/e"]
    )
    def test_an_unknown_address(self, live_site: Site, path: str) -> None:
        check_problem(httpx.get(f"{live_site.url}{path}"), 404, "not_found")


def _changed(payload: str, **claims: str) -> str:
    claims_now = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return base64.urlsafe_b64encode(json.dumps({**claims_now, **claims}).encode()).decode().rstrip("=")
