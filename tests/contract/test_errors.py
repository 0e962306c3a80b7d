"""What is wrong with a request: the rest of the contract's table of errors."""

from __future__ import annotations

import http.client
import json
import re
import socket
from typing import Any

import httpx
import pytest

from tests.contract.backoffice import SET_STATUS, BackOffice
from tests.contract.client import PASSWORD, Person, unique, words
from tests.contract.operations import OPERATIONS
from tests.contract.problems import check_problem, fields
from tests.fixtures.site import Site


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
    @pytest.mark.parametrize(
        "kind",
        [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            None,
        ],
    )
    def test_a_body_that_is_not_called_json(self, maya: Person, kind: str | None) -> None:
        headers = {} if kind is None else {"Content-Type": kind}

        answer = maya.http.post("/chat", content=b'{"message": "Hi"}', headers=headers)

        check_problem(answer, 415, "unsupported_media_type")


def test_a_refusal_before_any_page_was_asked_has_the_same_form(live_site: Site) -> None:
    with socket.create_connection(("127.0.0.1", live_site.port), timeout=20) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Odd: a\x0bb\r\nConnection: close\r\n\r\n")
        answer = http.client.HTTPResponse(client)
        answer.begin()
        problem = json.loads(answer.read())

    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["code"] == "malformed"
    assert problem["request_id"] == answer.headers["X-Request-ID"]


class TestInvalid:
    @pytest.mark.parametrize(
        "message",
        [
            "",
            " ",
            "\n\t ",
            "\u00a0\u2003",
            " \u200b\u2060\ufeff",
            "x" * 32_001,
            "a\x00b",
            5,
            None,
            True,
            ["Hi"],
            {"text": "Hi"},
        ],
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

    @pytest.mark.parametrize("path", ["/healthz", "/readyz", "/support/health"])
    @pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS"])
    def test_health_is_only_read(self, live_site: Site, method: str, path: str) -> None:
        answer = httpx.request(method, f"{live_site.url}{path}")

        check_problem(answer, 405, "method_not_allowed")
        assert answer.headers["Allow"] == "GET, HEAD"


def test_head_has_no_body_however_long_it_would_be(live_site: Site) -> None:
    with socket.create_connection(("127.0.0.1", live_site.port), timeout=20) as client:
        client.sendall(b"HEAD /api/openapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        head, end, body = b"".join(iter(lambda: client.recv(65_536), b"")).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 200 ")
    assert (end, body) == (b"\r\n\r\n", b"")


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

    def test_stands_in_one_line_of_the_log_for_a_foreign_host(self, live_site: Site) -> None:
        name, next_name = (unique("trace").replace(" ", "-") for _ in range(2))

        httpx.get(f"{live_site.url}/", headers={"Host": "evil.example", "X-Request-ID": name})
        httpx.get(f"{live_site.url}/nothing", headers={"X-Request-ID": next_name})
        live_site.wait_for_line(next_name)

        (line,) = [line for line in live_site.output if name in line]
        assert " WARNING django.security.DisallowedHost " in line
        assert not live_site.output[live_site.output.index(line) + 1].startswith(" ")
        assert "evil.example" not in live_site.log
