"""How often one may ask: on sites of their own, with limits that a test can reach."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Callable
from http.client import HTTPResponse
from pathlib import Path

import httpx
import pytest

from chatsite.whole_requests import LONGEST_BODY
from tests.contract.client import PASSWORD, SECONDS, Person, take_until, words
from tests.contract.problems import check_problem
from tests.fixtures.site import Site

MIDNIGHT_SECONDS = 24 * 60 * 60


@pytest.fixture
def strict_site(make_site: Callable[..., Site]) -> Site:
    return make_site(CHAT_RATE_PER_MINUTE="3", AUTH_RATE_PER_MINUTE="4").start()


def test_messages_and_sign_ins_are_limited(strict_site: Site, new_person: Callable[..., Person]) -> None:
    _messages_of_one_user_in_a_minute(strict_site, new_person)
    _sign_ins_of_one_address_in_a_minute(strict_site)


def _messages_of_one_user_in_a_minute(site: Site, new_person: Callable[..., Person]) -> None:
    maya = new_person(site.url)
    first = maya.ask(words("Hello", text="Hi"), client_message_id="first")
    for _ in range(2):
        maya.ask(words("Hello", text="Hi"), first["conversation_id"])

    refused = maya.send(words("Hello", text="Hi"), first["conversation_id"])

    check_problem(refused, 429, "rate_limited")
    assert int(refused.headers["Retry-After"]) <= 60
    assert len(maya.messages(first["conversation_id"])) == 6
    assert maya.ask(words("Hello", text="Hi"), client_message_id="first") == first
    assert new_person(site.url).ask(words("Hello", text="Hi"))["response"] == "Hi"


def _sign_ins_of_one_address_in_a_minute(site: Site) -> None:
    """Guests, registrations and sign-ins count together; two guests were made above."""
    account = {"username": "limited", "password": PASSWORD}
    assert httpx.post(f"{site.url}/api/auth/register", json=account).status_code == 201
    assert httpx.post(f"{site.url}/api/auth/token", json=account).status_code == 200

    for path, body in (("token", account), ("register", account), ("guest", None)):
        answer = httpx.post(f"{site.url}/api/auth/{path}", json=body)
        check_problem(answer, 429, "rate_limited")
        assert int(answer.headers["Retry-After"]) <= 60
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    check_problem(httpx.post(f"{site.url}/api/auth/guest", headers=forwarded), 429, "rate_limited")


def test_a_days_tokens_and_guests_can_be_limited(make_site: Callable[..., Site]) -> None:
    site = make_site(CHAT_DAILY_TOKENS="1", CHAT_GUESTS="off").start()
    check_problem(httpx.post(f"{site.url}/api/auth/guest"), 404, "not_found")
    account = {"username": "frugal", "password": PASSWORD}
    frugal = Person(site.url, **httpx.post(f"{site.url}/api/auth/register", json=account, timeout=20).json())
    frugal.ask(words("Hello", text="Hi"))

    refused = frugal.send(words("Hello", text="Hi"))

    check_problem(refused, 429, "rate_limited")
    assert 0 < int(refused.headers["Retry-After"]) <= MIDNIGHT_SECONDS
    assert "midnight" in refused.json()["detail"]
    frugal.http.close()


def test_a_message_can_be_kept_short_and_a_wait_brief(
    make_site: Callable[..., Site], new_person: Callable[..., Person]
) -> None:
    maya = new_person(make_site(CHAT_MAX_MESSAGE_CHARS="60", CHAT_WAIT_SECONDS="1").start().url)

    check_problem(maya.send("x" * 61), 422, "invalid")
    check_problem(maya.send("x" * 100_000), 413, "too_large")
    _a_slow_reply_is_left_to_the_events(maya)


def _a_slow_reply_is_left_to_the_events(maya: Person) -> None:
    late = maya.send(words("Hello", text="At last", slow=3))

    assert late.status_code == 202
    assert (late.json()["status"], late.json()["response"]) == ("running", None)
    with maya.following(late.json()["conversation_id"], 0) as events:
        said = "".join(event.delta for event in take_until(events, lambda event: event.ends_turn))
    assert said == "At last"


def test_a_body_without_end_fills_no_disk(live_site: Site) -> None:
    assert live_site.process is not None
    open_files = Path(f"/proc/{live_site.process.pid}/fd")
    if not open_files.exists():
        pytest.skip("only Linux shows what a process has open")
    head = b"POST /api/auth/register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("localhost", live_site.port), timeout=SECONDS) as client:
        client.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(60):
            client.sendall(b"100000\r\n" + b"x" * 0x100000 + b"\r\n")
        largest = max(_size(file) for file in open_files.iterdir())
        client.sendall(b"0\r\n\r\n")
        answer = HTTPResponse(client)
        answer.begin()
        problem = json.load(answer)

    assert largest <= LONGEST_BODY
    assert (answer.status, problem["code"]) == (413, "too_large")
    assert answer.headers["X-Request-ID"] == problem["request_id"]


def _size(file: Path) -> int:
    """Return the size of an open file; 0 for sockets and what was closed meanwhile."""
    try:
        status = file.stat()
    except FileNotFoundError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0
