"""What every address of the API has in common: who may ask, and how it says no."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from channels.testing import HttpCommunicator
from django.core.asgi import get_asgi_application
from django.test import Client

from chatsite import logs
from chatsite.accounts import tokens
from chatsite.accounts.models import User

PROBLEM = {"type", "title", "status", "code", "detail", "request_id"}
REGISTER = "/api/auth/register"


@pytest.fixture
def send(client: Client) -> Callable[..., Any]:
    """Send a body to an address that takes JSON."""

    def send(body: bytes | str, content_type: str = "application/json", **extra: Any) -> Any:
        return client.generic("POST", REGISTER, body, content_type=content_type, **extra)

    return send


class TestBodies:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"nonsense",
            b"[]",
            b'"text"',
            b"3",
            b"null",
            b'{"username": "maya",}',
            b'{"username": NaN}',
            b'{"username": Infinity}',
            b'{"username": -Infinity}',
            b'{"username": 1e999}',
            b'{"username": "a", "username": "b"}',
            b'{"username": "\xff"}',
            b'{"username": "\xed\xa0\x80"}',
            b'{"username": "a\x00b"}',
            '{"username": "maya"}'.encode("utf-16"),
            '{"username": "maya"}'.encode("utf-8-sig"),
            b'{"username": ' + b"9" * 5000 + b"}",
            b'{"username": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
            b'{"username": ' + b"[" * 200 + b"]" * 200 + b"}",
            b'{"username": ' + b'{"a":' * 200 + b"1" + b"}" * 201,
        ],
    )
    def test_that_are_no_json_object_are_malformed(self, send: Callable[..., Any], body: bytes) -> None:
        answer = send(body)

        check_problem(answer, 400, "malformed")

    @pytest.mark.parametrize(
        "content_type",
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""],
    )
    def test_of_another_type_are_refused(self, send: Callable[..., Any], content_type: str) -> None:
        check_problem(send(b'{"username": "maya"}', content_type), 415, "unsupported_media_type")

    def test_may_name_their_charset(self, send: Callable[..., Any]) -> None:
        check_problem(send(b"{}", "application/json; charset=utf-8"), 422, "invalid")

    def test_that_are_too_large_are_refused(self, send: Callable[..., Any], settings: Any) -> None:
        body = json.dumps({"username": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE})

        check_problem(send(body), 413, "too_large")

    async def test_that_are_too_large_are_refused_without_an_announced_length_too(
        self, settings: Any
    ) -> None:
        body = json.dumps({"username": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE}).encode()
        headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]

        site = HttpCommunicator(get_asgi_application(), "POST", REGISTER, body=body, headers=headers)
        answer = await site.get_response(timeout=10)
        await site.wait()

        assert answer["status"] == 413

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            (b'{"username": "a\\u0000b", "password": "p"}', "username"),
            (b'{"username": "\\ud800", "password": "p"}', "username"),
            (b'{"username": "maya", "password": "p", "more": [{"deep": "\\udc00"}]}', "more.0.deep"),
            (b'{"username": "maya", "password": "p", "\\u0000": 1}', "body"),
        ],
    )
    def test_with_text_that_cannot_be_stored_name_the_field(
        self, send: Callable[..., Any], body: bytes, field: str
    ) -> None:
        answer = send(body)

        check_problem(answer, 422, "invalid")
        assert [error["field"] for error in answer.json()["errors"]] == [field]

    def test_may_have_whole_surrogate_pairs(self, send: Callable[..., Any]) -> None:
        answer = send(b'{"username": "\\ud83d\\ude00"}')

        assert [error["field"] for error in answer.json()["errors"]] == ["password"]


class TestTheCaller:
    """Every address below /api/{user_id} asks the same of its caller; this one stands for all."""

    def test_without_a_token_is_unknown(self, client: Client, alice: User) -> None:
        answer = client.get(f"/api/{alice.id}/conversations")

        check_problem(answer, 401, "not_authenticated")
        assert answer["WWW-Authenticate"] == "Bearer"

    def test_may_ask_for_himself(self, client: Client, alice: User) -> None:
        assert client.get(f"/api/{alice.id}/conversations", headers=bearer(alice)).status_code == 200

    def test_may_not_ask_for_somebody_else(self, client: Client, alice: User, mallory: User) -> None:
        answer = client.get(f"/api/{alice.id}/conversations", headers=bearer(mallory))

        check_problem(answer, 403, "forbidden")

    @pytest.mark.parametrize("user_id", ["user_unknown", "me", "%00", "alice"])
    def test_gets_the_same_answer_for_users_who_do_not_exist(
        self, client: Client, mallory: User, user_id: str
    ) -> None:
        check_problem(client.get(f"/api/{user_id}/conversations", headers=bearer(mallory)), 403, "forbidden")

    def test_may_not_ask_for_others_as_staff(self, client: Client, alice: User, staff: User) -> None:
        answer = client.get(f"/api/{alice.id}/conversations", headers=bearer(staff))

        check_problem(answer, 403, "forbidden")

    def test_may_use_his_session(self, client: Client, alice: User, mallory: User) -> None:
        client.force_login(alice)

        assert client.get(f"/api/{alice.id}/conversations").status_code == 200
        check_problem(client.get(f"/api/{mallory.id}/conversations"), 403, "forbidden")

    def test_needs_the_csrf_token_to_change_something_by_session(self, alice: User) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(alice)
        path = f"/api/{alice.id}/conversations/conv_unknown"
        browser.cookies["csrftoken"] = "t" * 32

        without = browser.delete(path)
        foreign = browser.delete(path, headers={"X-CSRFToken": "t" * 32, "Origin": "https://evil.example"})
        with_it = browser.delete(path, headers={"X-CSRFToken": "t" * 32})

        check_problem(without, 403, "forbidden")
        check_problem(foreign, 403, "forbidden")
        check_problem(with_it, 404, "not_found")

    def test_needs_no_csrf_token_with_a_bearer_token(self, alice: User) -> None:
        answer = Client(enforce_csrf_checks=True).delete(
            f"/api/{alice.id}/conversations/conv_unknown", headers=bearer(alice)
        )

        check_problem(answer, 404, "not_found")

    def test_with_a_bad_token_is_not_taken_for_his_session(self, client: Client, alice: User) -> None:
        client.force_login(alice)

        answer = client.get(f"/api/{alice.id}/conversations", headers={"Authorization": "Bearer nonsense"})

        check_problem(answer, 401, "not_authenticated")

    def test_who_was_deactivated_is_unknown_in_his_session_too(self, client: Client, alice: User) -> None:
        client.force_login(alice)
        User.objects.filter(pk=alice.pk).update(is_active=False)

        check_problem(client.get(f"/api/{alice.id}/conversations"), 401, "not_authenticated")

    @pytest.mark.parametrize("part", ["%00", "conv_%00", "a%00b"])
    def test_finds_nothing_under_an_id_with_nul(self, client: Client, alice: User, part: str) -> None:
        answer = client.get(f"/api/{alice.id}/conversations/{part}", headers=bearer(alice))

        check_problem(answer, 404, "not_found")

    def test_may_not_ask_with_nul_in_the_query(self, client: Client, alice: User) -> None:
        answer = client.get(f"/api/{alice.id}/conversations?q=a%00b", headers=bearer(alice))

        check_problem(answer, 422, "invalid")
        assert answer.json()["errors"][0]["field"] == "q"

    @pytest.mark.parametrize(("query", "field"), [("limit=many", "limit"), ("limit=0", "limit")])
    def test_hears_what_is_wrong_with_the_query(
        self, client: Client, alice: User, query: str, field: str
    ) -> None:
        answer = client.get(f"/api/{alice.id}/conversations?{query}", headers=bearer(alice))

        check_problem(answer, 422, "invalid")
        [error] = answer.json()["errors"]
        assert error["field"] == field
        assert error["message"].startswith("Must be")


class TestAddresses:
    @pytest.mark.parametrize("path", ["/api/nothing", "/api/", "/api/auth/nothing", "/api/a/b/c/d"])
    @pytest.mark.parametrize("debug", [False, True])
    def test_that_are_unknown_are_problems(
        self, client: Client, path: str, debug: bool, settings: Any
    ) -> None:
        settings.DEBUG = debug

        check_problem(client.get(path, headers={"Accept": "text/html"}), 404, "not_found")

    def test_asked_for_under_another_host_are_refused(self, client: Client) -> None:
        check_problem(client.get("/api/openapi.json", headers={"Host": "evil.example"}), 400, "malformed")

    def test_refuse_other_methods_and_name_theirs(self, client: Client) -> None:
        answer = client.get("/api/auth/token")

        check_problem(answer, 405, "method_not_allowed")
        assert answer["Allow"] == "POST"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert int(answer["Content-Length"]) == len(answer.content)


class TestPagesOfOtherSites:
    PREFLIGHT = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }

    def test_may_call_the_api_where_they_are_allowed(self, client: Client, db: None, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
        origin = {"Origin": "https://app.example.com"}

        preflight = client.options(REGISTER, headers=origin | self.PREFLIGHT)
        answer = client.get("/api/auth/me", headers=origin)

        assert preflight.status_code == 200
        assert "idempotency-key" in preflight["Access-Control-Allow-Headers"]
        for each in (preflight, answer):
            assert each["Access-Control-Allow-Origin"] == "https://app.example.com"
            assert "Access-Control-Allow-Credentials" not in each
        assert "x-chat-turn" in answer["Access-Control-Expose-Headers"]

    def test_may_not_where_they_are_not(self, client: Client, db: None, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]

        for origin, path in [("https://evil.example", REGISTER), ("https://app.example.com", "/sign-in/")]:
            answer = client.options(path, headers={"Origin": origin} | self.PREFLIGHT)
            assert "Access-Control-Allow-Origin" not in answer


class TestRequestId:
    def test_is_on_every_answer(self, client: Client, db: None) -> None:
        for path in ["/api/openapi.json", "/api/auth/me", "/sign-in/", "/nothing", "/healthz", "/docs"]:
            assert client.get(path)["X-Request-ID"].startswith("req_"), path

    def test_is_the_callers_own_if_sane(self, client: Client, db: None) -> None:
        answer = client.get("/api/auth/me", headers={"X-Request-ID": "trace-1.2_3"})

        assert answer["X-Request-ID"] == answer.json()["request_id"] == "trace-1.2_3"

    @pytest.mark.parametrize("given", ["", "two words", "x" * 129, "a\nb", "é", "<script>"])
    def test_is_ours_if_the_callers_is_not_sane(self, client: Client, db: None, given: str) -> None:
        answer = client.get("/api/auth/me", headers={"X-Request-ID": given})

        assert answer["X-Request-ID"].startswith("req_")


class TestOurOwnFaults:
    def test_say_nothing_of_themselves_and_are_logged_under_their_request(
        self, client: Client, caplog: pytest.LogCaptureFixture, broken_address: str
    ) -> None:
        client.raise_request_exception = False
        caplog.set_level(logging.ERROR, "chatsite")

        with caplog.filtering(logs.Ids()):
            answer = client.get(broken_address, headers={"X-Request-ID": "r-1"})

        check_problem(answer, 500, "internal_error")
        assert "secret" not in answer.content.decode()
        [record] = [record for record in caplog.records if record.name == "chatsite.problems"]
        assert record.ids == {"request_id": "r-1"}  # type: ignore[attr-defined]
        assert record.exc_info

    @pytest.mark.django_db(transaction=True)
    def test_a_database_out_of_reach_is_said_so(self, client: Client, unreachable_database: None) -> None:
        answer = client.post(
            "/api/auth/token", {"username": "a", "password": "b"}, content_type="application/json"
        )

        check_problem(answer, 503, "unavailable")
        assert answer["Retry-After"] == "5"

    @pytest.mark.django_db(transaction=True)
    def test_a_database_out_of_reach_is_said_so_on_a_page_too(
        self, client: Client, alice: User, request: pytest.FixtureRequest
    ) -> None:
        client.raise_request_exception = False
        client.force_login(alice)
        request.getfixturevalue("unreachable_database")

        answer = client.get("/sign-in/", headers={"Accept": "text/html"})

        assert answer.status_code == 503
        assert "<h1>Unavailable</h1>" in answer.content.decode()


@pytest.fixture
def broken_address(settings: Any) -> str:
    """An address whose code has a fault."""
    settings.ROOT_URLCONF = "tests.chatsite.broken_urls"
    return "/api/broken"


@pytest.fixture
def unreachable_database() -> Any:
    """The database's address is one where nobody listens."""
    from django.db import connection

    connection.close_pool()  # type: ignore[attr-defined]
    real = dict(connection.settings_dict)
    connection.settings_dict.update(
        ENGINE="django.db.backends.postgresql", HOST="127.0.0.1", PORT="1", OPTIONS={"connect_timeout": 1}
    )
    connection.close()
    yield
    connection.close()
    connection.settings_dict.clear()
    connection.settings_dict.update(real)


def bearer(user: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.issue(user).access}"}


def check_problem(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), (
        answer.content
    )
    body = answer.json()
    assert set(body) - {"errors"} == PROBLEM
    assert (body["status"], body["code"]) == (status, code)
    assert ("errors" in body) == (status == 422)
    assert body["request_id"] == answer["X-Request-ID"]
