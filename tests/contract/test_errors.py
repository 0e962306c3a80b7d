"""The contract's table of errors, each provoked from outside."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import httpx
import pytest

from tests.contract.backoffice import BackOffice
from tests.contract.client import PASSWORD, Person, words
from tests.contract.problems import check_problem, fields, same_words
from tests.fixtures.site import Site

OPERATIONS = [
    ("POST", "/chat", {"message": "Hi"}),
    ("GET", "/conversations", None),
    ("GET", "/conversations/{conversation}", None),
    ("PATCH", "/conversations/{conversation}", {"title": "New"}),
    ("DELETE", "/conversations/{conversation}", None),
    ("GET", "/conversations/{conversation}/messages", None),
    ("PUT", "/conversations/{conversation}/messages/{message}/feedback", {"kind": "positive"}),
    ("GET", "/conversations/{conversation}/events", None),
    ("GET", "/conversations/{conversation}/turns/{turn}", None),
    ("POST", "/conversations/{conversation}/turns/{turn}/cancel", None),
    ("POST", "/conversations/{conversation}/turns/{turn}/retry", None),
    ("POST", "/conversations/{conversation}/turns/{turn}/approvals/{approval}", {"approve": True}),
]
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


@pytest.fixture
def talk(maya: Person) -> dict[str, str]:
    """A conversation of maya's with one exchange."""
    answer = maya.ask(words("Hello", text="Hi"))
    return {
        "conversation": answer["conversation_id"],
        "message": answer["message_id"],
        "turn": answer["turn_id"],
        "approval": "apv_01936b1f-8d10-7c3a-9e55-0b6a1f2e3d4c",
    }


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
        expired = office(EXPIRED_TOKEN, id=maya.user_id, seconds=-1)

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


class TestMalformed:
    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b'"Hi"', b"null", b'{"message": NaN}', b"\xff", b'{"message": "Hi",}']
    )
    def test_a_body_that_is_no_json_object(self, maya: Person, body: bytes) -> None:
        answer = maya.http.post("/chat", content=body, headers={"Content-Type": "application/json"})

        check_problem(answer, 400, "malformed")

    def test_at_every_address_that_takes_a_body(self, maya: Person, talk: dict[str, str]) -> None:
        for method, path, body in OPERATIONS:
            if body is not None:
                headers = {"Content-Type": "application/json"}
                answer = maya.http.request(method, path.format(**talk), content=b"{", headers=headers)
                check_problem(answer, 400, "malformed")


class TestTooLarge:
    @pytest.mark.parametrize("announced", [True, False])
    def test_a_body_beyond_any_message(self, maya: Person, announced: bool) -> None:
        body = json.dumps({"message": "x" * 1_000_000}).encode()
        content: Any = body if announced else iter([body[:500_000], body[500_000:]])

        answer = maya.http.post("/chat", content=content, headers={"Content-Type": "application/json"})

        check_problem(answer, 413, "too_large")


class TestUnsupportedMediaType:
    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
    def test_a_body_that_is_not_called_json(self, maya: Person, kind: str | None) -> None:
        headers = {} if kind is None else {"Content-Type": kind}

        answer = maya.http.post("/chat", content=b'{"message": "Hi"}', headers=headers)

        check_problem(answer, 415, "unsupported_media_type")


class TestInvalid:
    @pytest.mark.parametrize(
        "message",
        ["", " ", "\n\t ", "\u00a0\u2003", "x" * 32_001, "a\x00b", 5, None, True, ["Hi"], {"text": "Hi"}],
    )
    def test_a_message_that_is_none(self, maya: Person, message: Any) -> None:
        assert fields(maya.http.post("/chat", json={"message": message})) == ["message"]

    @pytest.mark.parametrize(
        "body", [b'{"message": "\\ud800"}', b'{"message": "a\\udc00b"}', b'{"message": "\\u0000"}']
    )
    def test_a_message_with_what_cannot_be_stored(self, maya: Person, body: bytes) -> None:
        answer = maya.http.post("/chat", content=body, headers={"Content-Type": "application/json"})

        assert fields(answer) == ["message"]

    def test_no_message(self, maya: Person) -> None:
        assert fields(maya.http.post("/chat", json={})) == ["message"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("conversation_id", 5),
            ("conversation_id", ["conv_x"]),
            ("conversation_id", "a\x00b"),
            ("client_message_id", ""),
            ("client_message_id", "x" * 201),
            ("client_message_id", 5),
            ("client_message_id", "a\x00b"),
            ("stream", "yes"),
            ("stream", 1),
            ("stream", None),
            ("timestamp", "yesterday"),
            ("timestamp", ""),
            ("timestamp", "2026-11-21"),
            ("timestamp", "2026-11-21T09:30:00"),
            ("timestamp", "2026-13-01T09:30:00Z"),
            ("timestamp", "2026-11-21T25:00:00Z"),
            ("timestamp", "1795252200"),
            ("timestamp", "0001-01-01T00:00:00+14:00"),
            ("timestamp", "9999-12-31T23:59:59-14:00"),
            ("timestamp", 1795252200),
            ("timestamp", True),
            ("timestamp", {}),
        ],
    )
    def test_other_fields_of_a_message(self, maya: Person, field: str, value: Any) -> None:
        assert fields(maya.http.post("/chat", json={"message": "Hi", field: value})) == [field]

    def test_an_idempotency_key_that_is_too_long(self, maya: Person) -> None:
        assert fields(maya.send("Hi", header_Idempotency_Key="x" * 201)) == ["Idempotency-Key"]

    def test_nothing_is_stored_of_it(self, maya: Person) -> None:
        maya.http.post("/chat", json={"message": "Hi", "timestamp": "yesterday"})

        assert maya.http.get("/conversations").json()["data"] == []

    @pytest.mark.parametrize("title", ["", "  ", "x" * 201, 5, None, "a\x00b"])
    def test_a_title(self, maya: Person, talk: dict[str, str], title: Any) -> None:
        answer = maya.http.patch(f"/conversations/{talk['conversation']}", json={"title": title})

        assert fields(answer) == ["title"]

    @pytest.mark.parametrize("kind", ["", "good", "POSITIVE", 1, None, True])
    def test_a_thumb(self, maya: Person, talk: dict[str, str], kind: Any) -> None:
        path = f"/conversations/{talk['conversation']}/messages/{talk['message']}/feedback"

        assert fields(maya.http.put(path, json={"kind": kind})) == ["kind"]

    @pytest.mark.parametrize("approve", ["", "yes", 1, None])
    def test_a_decision(self, maya: Person, talk: dict[str, str], approve: Any) -> None:
        path = "/conversations/{conversation}/turns/{turn}/approvals/{approval}".format(**talk)

        assert fields(maya.http.post(path, json={"approve": approve})) == ["approve"]

    @pytest.mark.parametrize(
        ("path", "query", "field"),
        [
            ("/conversations", "limit=0", "limit"),
            ("/conversations", "limit=101", "limit"),
            ("/conversations", "limit=many", "limit"),
            ("/conversations", "q=a%00b", "q"),
            ("/conversations", f"q={'x' * 201}", "q"),
            ("/conversations/{conversation}/messages", "limit=0", "limit"),
            ("/conversations/{conversation}/messages", "limit=101", "limit"),
            ("/conversations/{conversation}/messages", "order=up", "order"),
            ("/conversations/{conversation}/events", "after_seq=-1", "after_seq"),
            ("/conversations/{conversation}/events", "after_seq=one", "after_seq"),
            ("/conversations/{conversation}/events", f"after_seq={2**63}", "after_seq"),
        ],
    )
    def test_a_query(self, maya: Person, talk: dict[str, str], path: str, query: str, field: str) -> None:
        assert fields(maya.http.get(f"{path.format(**talk)}?{query}")) == [field]

    @pytest.mark.parametrize("given", ["one", "-1", "1.5", "9" * 30])
    def test_a_last_event_id(self, maya: Person, talk: dict[str, str], given: str) -> None:
        answer = maya.http.get(
            f"/conversations/{talk['conversation']}/events", headers={"Last-Event-ID": given}
        )

        assert fields(answer) == ["Last-Event-ID"]

    @pytest.mark.parametrize(
        ("account", "field"),
        [
            ({"username": "", "password": PASSWORD}, "username"),
            ({"username": "two words", "password": PASSWORD}, "username"),
            ({"username": "a" * 151, "password": PASSWORD}, "username"),
            ({"username": "someone-new"}, "password"),
            ({"username": "someone-new", "password": "12345678901"}, "password"),
            ({"username": "someone-new", "password": "short"}, "password"),
            ({"username": "someone-new", "password": PASSWORD, "email": "nonsense"}, "email"),
        ],
    )
    def test_an_account(self, live_site: Site, account: dict[str, str], field: str) -> None:
        answer = httpx.post(f"{live_site.url}/api/auth/register", json=account)

        assert field in fields(answer)


class TestConflict:
    def test_a_name_that_is_taken(self, live_site: Site, maya: Person) -> None:
        account = {"username": maya.username, "password": PASSWORD}

        check_problem(httpx.post(f"{live_site.url}/api/auth/register", json=account), 409, "conflict")

    def test_a_retry_of_what_was_answered(self, maya: Person, talk: dict[str, str]) -> None:
        check_problem(maya.retry(talk["conversation"], talk["turn"]), 409, "conflict")

    @pytest.mark.parametrize("status", ["closed", "locked"])
    def test_a_message_to_a_closed_or_locked_conversation(
        self, maya: Person, talk: dict[str, str], office: BackOffice, status: str
    ) -> None:
        office(SET_STATUS, id=talk["conversation"], status=status)

        answer = maya.send("Are you there?", talk["conversation"])

        check_problem(answer, 409, "conversation_closed")
        assert maya.conversation(talk["conversation"])["status"] == status
        assert len(maya.messages(talk["conversation"])) == 2

    def test_a_conversation_that_is_open_again_takes_messages(
        self, maya: Person, talk: dict[str, str], office: BackOffice
    ) -> None:
        for status in ("closed", "open"):
            office(SET_STATUS, id=talk["conversation"], status=status)

        assert maya.ask(words("Again", text="Yes"), talk["conversation"])["response"] == "Yes"


class TestMethodNotAllowed:
    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("GET", "/chat", "POST"),
            ("DELETE", "/conversations", "GET"),
            ("POST", "/conversations/{conversation}", "DELETE, GET, PATCH"),
            ("POST", "/conversations/{conversation}/messages", "GET"),
            ("POST", "/conversations/{conversation}/events", "GET"),
            ("POST", "/conversations/{conversation}/messages/{message}/feedback", "PUT"),
            ("DELETE", "/conversations/{conversation}/turns/{turn}", "GET"),
            ("GET", "/conversations/{conversation}/turns/{turn}/cancel", "POST"),
            ("GET", "/conversations/{conversation}/turns/{turn}/retry", "POST"),
        ],
    )
    def test_names_the_methods_that_are(
        self, maya: Person, talk: dict[str, str], method: str, path: str, allowed: str
    ) -> None:
        answer = maya.http.request(method, path.format(**talk))

        check_problem(answer, 405, "method_not_allowed")
        assert answer.headers["Allow"] == allowed

    @pytest.mark.parametrize("path", ["/api/auth/token", "/chatkit"])
    def test_elsewhere(self, live_site: Site, maya: Person, path: str) -> None:
        answer = maya.http.get(f"{live_site.url}{path}")

        check_problem(answer, 405, "method_not_allowed")
        assert answer.headers["Allow"] == "POST"


class TestRequestId:
    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/sign-in/",
            "/docs",
            "/api/openapi.json",
            "/healthz",
            "/readyz",
            "/admin/",
            "/nothing",
            "/static/nothing.js",
        ],
    )
    def test_is_on_every_answer(self, live_site: Site, path: str) -> None:
        assert httpx.get(f"{live_site.url}{path}").headers["X-Request-ID"].startswith("req_")

    def test_is_on_static_files(self, live_site: Site) -> None:
        page = httpx.get(f"{live_site.url}/sign-in/").text
        [path, *_] = re.findall(r'href="(/static/[^"]+\.css)"', page)

        answer = httpx.get(f"{live_site.url}{path}")

        assert answer.status_code == 200
        assert answer.headers["X-Request-ID"].startswith("req_")

    def test_is_the_callers_own(self, maya: Person) -> None:
        answer = maya.http.get("/conversations", headers={"X-Request-ID": "trace-7"})

        assert answer.headers["X-Request-ID"] == "trace-7"

    def test_is_on_streams_and_replies(self, maya: Person) -> None:
        assert maya.send(words("Hello", text="Hi")).headers["X-Request-ID"].startswith("req_")
        with maya.streamed(words("Hello", text="Hi")) as answer:
            assert answer.headers["X-Request-ID"].startswith("req_")

    @pytest.mark.parametrize("host", ["evil.example", "localhost:port", "a b"])
    def test_is_on_refusals_of_a_host(self, live_site: Site, host: str) -> None:
        answer = httpx.get(f"{live_site.url}/api/auth/me", headers={"Host": host})

        check_problem(answer, 400, "malformed")


def _changed(payload: str, **claims: str) -> str:
    claims_now = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return base64.urlsafe_b64encode(json.dumps({**claims_now, **claims}).encode()).decode().rstrip("=")


SET_STATUS = "services.set_status(staff=None, conversation_id=id, status=status).status"
EXPIRED_TOKEN = (
    "[token := tokens.jwt.RefreshToken(tokens.issue(User.objects.get(pk=id)).refresh).access_token,"
    " token.set_exp(lifetime=datetime.timedelta(seconds=seconds)), str(token)][2]"
)
