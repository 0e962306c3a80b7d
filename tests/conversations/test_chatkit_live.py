"""ChatKit's door of a running site, over a real socket, with the Agents SDK and a provider behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from chatkit.types import ThreadItem
from pydantic import TypeAdapter

from tests.contract.client import Person, guest, words
from tests.conversations.chatkit_client import message, read_event
from tests.conversations.test_chatkit_shapes import EVENTS, check
from tests.fixtures.site import Site

SECONDS = 30.0


class Customer:
    """A guest at ChatKit's door."""

    def __init__(self, site: Site) -> None:
        self.person: Person = guest(site.url)
        self._http = httpx.Client(
            base_url=site.url, headers={"Authorization": f"Bearer {self.person.access}"}, timeout=SECONDS
        )

    @contextmanager
    def stream(self, kind: str, params: Any) -> Iterator[tuple[httpx.Response, Iterator[dict[str, Any]]]]:
        with self._http.stream("POST", "/chatkit", json={"type": kind, "params": params}) as answer:
            assert answer.status_code == 200, answer.read()
            yield answer, _events(answer)

    def say(self, text: str, thread_id: str = "") -> tuple[str, list[dict[str, Any]]]:
        """Send a message; return the thread's id and all events of the reply."""
        kind = "threads.add_user_message" if thread_id else "threads.create"
        params = {"input": message(text), **({"thread_id": thread_id} if thread_id else {})}
        with self.stream(kind, params) as (answer, events):
            return answer.headers["X-Chat-Conversation"], list(events)

    def ask(self, kind: str, **params: Any) -> Any:
        answer = self._http.post("/chatkit", json={"type": kind, "params": params})
        assert answer.status_code == 200, answer.text
        return answer.json()


def _events(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    """Read the stream as bytes: it must be `data: {json}` and an empty line, again and again, and nothing else."""
    rest = b""
    for piece in answer.iter_bytes():
        *whole, rest = (rest + piece).split(b"\n\n")
        for event in whole:
            yield read_event(event + b"\n\n")
    assert rest == b""


@pytest.fixture
def customer(live_site: Site) -> Customer:
    return Customer(live_site)


def text_of(item: dict[str, Any]) -> str:
    return "".join(part["text"] for part in item["content"])


def replies(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    done = [event["item"] for event in events if event["type"] == "thread.item.done"]
    return [item for item in done if item["type"] == "assistant_message"]


def test_all_that_a_real_turn_streams_and_stores_is_chatkits(customer: Customer) -> None:
    thread_id, events = customer.say(words("Show my trip"))
    _, more = customer.say(words("Change my seat to 14C on LN 418"), thread_id)

    for event in events + more:
        check(EVENTS, event)
    assert "error" not in [event["type"] for event in events + more]
    assert "workflow" in [event["item"]["type"] for event in events if event["type"] == "thread.item.done"]
    page = customer.ask("items.list", thread_id=thread_id, order="asc")
    items: TypeAdapter[Any] = TypeAdapter(ThreadItem)
    for item in page["data"]:
        check(items, item)
    assert [item["id"] for item in page["data"] if item["type"] == "assistant_message"] == [
        reply["id"] for reply in replies(events) + replies(more)
    ]


def test_the_deltas_of_a_reply_add_up_to_it(customer: Customer) -> None:
    _, events = customer.say(words("Give me a markdown table"))

    [reply] = replies(events)
    deltas = [event["update"] for event in events if event["type"] == "thread.item.updated"]
    assert "".join(update.get("delta", "") for update in deltas) == text_of(reply)


def test_a_dropped_connection_stops_nothing(customer: Customer) -> None:
    with customer.stream("threads.create", {"input": message(words("Hello", pace=20))}) as (answer, events):
        next(event for event in events if event["type"] == "thread.item.updated")
    thread_id, turn_id = answer.headers["X-Chat-Conversation"], answer.headers["X-Chat-Turn"]

    turn = customer.person.await_turn({"conversation_id": thread_id, "turn_id": turn_id})

    page = customer.ask("items.list", thread_id=thread_id, order="asc")
    assert turn["status"] == "completed"
    assert [item["type"] for item in page["data"]] == ["user_message", "assistant_message"]
    assert "user cancelled" not in json.dumps(page)


def test_stop_is_the_cancel_of_the_turn_that_the_headers_name(customer: Customer) -> None:
    with customer.stream("threads.create", {"input": message(words("Hello", pace=200))}) as (answer, events):
        next(event for event in events if event["type"] == "thread.item.updated")
        cancelled = customer.person.cancel(
            answer.headers["X-Chat-Conversation"], answer.headers["X-Chat-Turn"]
        )
        last = list(events)[-1]

    assert cancelled.json()["status"] == "cancelled"
    assert last == {"type": "stream_options", "stream_options": {"allow_cancel": False}}
