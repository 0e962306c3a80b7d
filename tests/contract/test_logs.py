"""What the log says of everything that can happen, and what it never says."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, LiteralString

import httpx
import psycopg
import pytest

from tests.contract.client import SECONDS, Person, close_code, open_socket, unique
from tests.fixtures.loud_provider import KEY, LoudProvider
from tests.fixtures.site import Site

SECRET: LiteralString = "the-secret-plan-8c41"
HEADERS = {
    "X-Plan": SECRET,
    "Cookie": f"plan={SECRET}",
    "User-Agent": SECRET,
    "Referer": f"http://x/{SECRET}",
}


@pytest.fixture(params=["json", "line"])
def site(request: pytest.FixtureRequest, make_site: Callable[..., Site], loud_provider: LoudProvider) -> Site:
    return make_site(
        **loud_provider.settings(), LOG_FORMAT=request.param, LOG_LEVEL="DEBUG", OPENAI_LOG="debug"
    ).start()


def test_nothing_that_was_sent_is_in_any_log(
    site: Site, loud_provider: LoudProvider, new_person: Callable[..., Person]
) -> None:
    nia = new_person(site.url)
    nia.http.headers.update(HEADERS)

    conversation = nia.ask(SECRET)["conversation_id"]
    _ask_wrongly(site, nia, conversation)
    _offer_bad_credentials(site)
    loud_provider.refuses = 401
    assert nia.send(unique(SECRET), conversation).status_code == 502
    loud_provider.refuses = 400
    assert nia.send(unique(SECRET), conversation, stream=True).status_code == 200
    loud_provider.refuses = 0
    with _a_table_that_refuses(site):
        assert nia.send(unique(SECRET), conversation).status_code == 500
        assert _chatkit(nia, conversation).status_code in (200, 500)
    with _a_table_that_is_gone(site):
        answer = nia.http.put(
            f"/conversations/{conversation}/messages/msg_{SECRET}/feedback", json={"kind": SECRET}
        )
        assert answer.status_code in (404, 422, 500)
    site.stop()

    of_database = (site.data_dir / "postgres/server.log").read_text()
    assert 'violates check constraint "no_secrets"' in of_database
    everything = site.log + of_database
    assert "Unexpected failure" in everything
    assert "The provider failed: Refused, status 401" in everything
    for secret in (SECRET, KEY, nia.access, nia.refresh):
        assert [line for line in everything.splitlines() if secret in line] == []


def test_each_line_is_an_object_that_names_what_it_is_about(
    make_site: Callable[..., Site], loud_provider: LoudProvider, new_person: Callable[..., Person]
) -> None:
    site = make_site(**loud_provider.settings(), LOG_FORMAT="json").start()
    nia = new_person(site.url)
    conversation = nia.ask("Hello")["conversation_id"]
    loud_provider.refuses = 401
    refused = nia.send("Hello?", conversation)
    with _a_table_that_refuses(site):
        broken = nia.send(SECRET, conversation, **{"header_X-Request-ID": "trace-7"})
    site.stop()

    lines = [json.loads(line) for line in site.output if line.startswith("{")]
    assert not [line for line in site.output[1:] if line.strip() and not line.startswith("{")][1:]
    assert {"time", "level", "logger", "message", "pid"} <= set.intersection(*(set(line) for line in lines))
    of_turn = one(lines, "The provider failed: Refused, status 401")
    assert of_turn["conversation_id"] == conversation
    assert of_turn["turn_id"] == refused.headers["X-Chat-Turn"]
    assert "request_id" not in of_turn
    of_request = one(lines, "Unexpected failure")
    assert broken.status_code == 500
    assert of_request["request_id"] == broken.headers["X-Request-ID"] == "trace-7"
    assert of_request["conversation_id"] == conversation
    types = [error["type"] for error in of_request["exception"]]
    assert types[-1] == "psycopg.errors.CheckViolation"
    assert of_request["exception"][-1]["constraint"] == "no_secrets"
    assert any("conversations/services/sending.py" in frame for frame in of_request["exception"][0]["frames"])


def _ask_wrongly(site: Site, nia: Person, conversation: str) -> None:
    """Come in by every door with what it refuses."""
    answers = [
        nia.http.post("/chat", json={"message": {"text": SECRET}}),
        nia.http.post("/chat", content=f'{{"message": "{SECRET}', headers={"Content-Type": "application/json"}),
        nia.http.post("/chat", content=SECRET, headers={"Content-Type": "text/plain"}),
        nia.http.post("/chat", json={"message": SECRET * 50_000}),
        nia.http.post("/chat", json={"message": SECRET, "timestamp": SECRET}),
        nia.http.post("/chat", json={"message": f"{SECRET}\x00"}),
        nia.send(SECRET, "conv_unknown", header_Idempotency_Key=SECRET),
        nia.http.get("/search", params={"q": SECRET}),
        nia.http.get("/conversations", params={"limit": SECRET, "q": SECRET}),
        nia.http.get(f"/conversations/{conversation}/events", headers={"Last-Event-ID": SECRET}),
        nia.http.post(f"{site.url}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": "change_seat", "arguments": {"flight_number": SECRET, "seat": SECRET}}},
            headers={"Accept": "application/json, text/event-stream"}),
        nia.http.post(f"{site.url}/mcp", content=SECRET, headers={"Content-Type": "application/json"}),
        nia.http.post(f"{site.url}/chatkit", json={"type": SECRET, "params": {"x": SECRET}}),
        nia.http.post(f"{site.url}/api/auth/register", json={"username": "nia", "password": SECRET, "email": SECRET}),
        nia.http.post(f"{site.url}/api/auth/token", json={"username": SECRET, "password": SECRET}),
        nia.http.post(f"{site.url}/sign-in/", data={"username": SECRET, "password": SECRET}),
        nia.http.post(f"{site.url}/admin/login/", data={"username": SECRET, "password": SECRET}),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
    assert _chatkit(nia, conversation).status_code == 200
    with nia.socket(f"/ws/conversations/{conversation}/?after_seq={SECRET}") as socket:
        assert close_code(socket) == 4410


def _offer_bad_credentials(site: Site) -> None:
    for authorization in (f"Bearer {SECRET}", f"Basic {SECRET}", SECRET):
        headers = {"Authorization": authorization, "X-Forwarded-For": SECRET}
        assert httpx.get(f"{site.url}/api/auth/me", headers=headers).status_code == 401
        assert httpx.get(f"{site.url}/metrics", headers=headers).status_code == 404
    assert httpx.post(f"{site.url}/api/auth/refresh", json={"refresh": SECRET}).status_code == 401
    with open_socket(site.url, "/ws/me/", subprotocols=["chat.v1", f"bearer.{SECRET}"]) as socket:
        assert close_code(socket) == 4401
    assert httpx.get(site.url, headers={"Host": f"{SECRET}.example"}).status_code == 400


def _chatkit(nia: Person, conversation: str) -> httpx.Response:
    text = {"type": "input_text", "text": f"{SECRET} {uuid.uuid4().hex[:8]}"}
    message = {"content": [text], "attachments": [], "quoted_text": SECRET, "inference_options": {}}
    body = {"type": "threads.add_user_message", "params": {"thread_id": conversation, "input": message}}
    return nia.http.post(f"{nia.url}/chatkit", json=body, timeout=SECONDS)


def _a_table_that_refuses(site: Site) -> AbstractContextManager[None]:
    """Let the database say, as it does, which row it refuses: with all that is in it."""
    return _changed(
        site,
        f"alter table conversations_item add constraint no_secrets check (text not like '%{SECRET}%') not valid",
        "alter table conversations_item drop constraint no_secrets",
    )


def _a_table_that_is_gone(site: Site) -> AbstractContextManager[None]:
    return _changed(
        site,
        "alter table conversations_feedback rename to hidden",
        "alter table hidden rename to conversations_feedback",
    )


@contextmanager
def _changed(site: Site, change: LiteralString, back: LiteralString) -> Iterator[None]:
    with psycopg.connect(site.database, autocommit=True) as connection:
        connection.execute(change)
        yield
        connection.execute(back)


def one(lines: list[dict[str, Any]], message: str) -> dict[str, Any]:
    (found,) = [line for line in lines if line["message"] == message]
    return found
