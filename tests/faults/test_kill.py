"""kill -9 of the server in the middle of a reply, and what a customer sees of it after the restart."""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.fixtures.site import Site

pytestmark = pytest.mark.faults

PATIENCE_SECONDS = 60
LONG_REPLY = "Tell me about yourself [practice: words=120]"


@dataclass
class Customer:
    """Somebody who follows a conversation from outside, and resumes after each break with the last seq seen."""

    site: Site
    headers: dict[str, str]
    user_id: str
    conversation_id: str = ""
    turn_id: str = ""
    seqs: list[int] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"{self.site.url}/api/{self.user_id}"

    def send(self, text: str, key: str) -> httpx.Response:
        response = httpx.post(
            f"{self.base}/chat",
            json={"message": text, "conversation_id": self.conversation_id or None},
            headers={**self.headers, "Prefer": "respond-async", "Idempotency-Key": key},
        )
        if response.status_code in (200, 202):
            self.conversation_id, self.turn_id = (
                response.json()["conversation_id"],
                response.json()["turn_id"],
            )
        return response

    def follow(self) -> Iterator[dict[str, Any]]:
        """Yield the events after the last one seen, until the connection breaks."""
        with (
            httpx.Client(timeout=30) as client,
            client.stream(
                "GET",
                f"{self.base}/conversations/{self.conversation_id}/events",
                params={"after_seq": self.seqs[-1] if self.seqs else 0},
                headers=self.headers,
            ) as response,
        ):
            assert response.status_code == 200
            deadline = time.monotonic() + PATIENCE_SECONDS
            for line in response.iter_lines():  # a comment every 15 s keeps it going
                assert time.monotonic() < deadline, self.events
                if line.startswith("id: "):
                    self.seqs.append(int(line[4:]))
                elif line.startswith("data: "):
                    self.events.append(json.loads(line[6:]))
                    yield self.events[-1]

    def get(self, path: str) -> Any:
        response = httpx.get(f"{self.base}/conversations/{self.conversation_id}{path}", headers=self.headers)
        assert response.status_code == 200, response.text
        return response.json()

    def follow_to_the_end(self) -> None:
        for event in self.follow():
            if event == {"type": "stream_options", "stream_options": {"allow_cancel": False}}:
                return


def arrive(site: Site) -> Customer:
    """Become a guest."""
    guest = httpx.post(f"{site.url}/api/auth/guest", json={}).json()
    return Customer(site, {"Authorization": f"Bearer {guest['access']}"}, guest["user_id"])


@contextmanager
def until_broken() -> Iterator[None]:
    with suppress(httpx.TransportError):
        yield


def kill(site: Site) -> None:
    assert site.process is not None
    site.process.send_signal(signal.SIGKILL)
    site.process.wait()
    assert site.ended.wait(10)


def shown(events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Fold events into the items that a page would show."""
    items: dict[str, dict[str, Any]] = {}
    for event in events:
        if event["type"] in ("thread.item.added", "thread.item.done", "thread.item.replaced"):
            items[event["item"]["id"]] = event["item"]
        elif event["type"] == "thread.item.removed":
            items.pop(event["item_id"], None)
    return items


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    return make_site(AUTH_RATE_PER_MINUTE="0", CHAT_RATE_PER_MINUTE="0").start()


def assert_one_complete_reply(customer: Customer) -> None:
    assert customer.seqs == list(range(1, len(customer.seqs) + 1))
    messages = customer.get("/messages")["data"]
    items = shown(customer.events)
    told = [item for item in items.values() if item["type"] in ("user_message", "assistant_message")]

    assert [item["content"][0]["text"] for item in told] == [message["content"] for message in messages]
    assert [message["sequence"] for message in messages] == list(range(len(messages)))
    assert customer.get(f"/turns/{customer.turn_id}")["status"] == "completed"


@pytest.mark.parametrize("after_events", [3, 5, 12])
def test_a_reply_goes_on_after_a_kill(site: Site, after_events: int) -> None:
    customer = arrive(site)
    customer.send(LONG_REPLY, "k1")
    with until_broken():
        for _ in customer.follow():
            if len(customer.events) == after_events:
                kill(site)

    site.start()
    again = customer.send(LONG_REPLY, "k1")
    customer.follow_to_the_end()

    assert again.json()["turn_id"] == customer.turn_id
    assert_one_complete_reply(customer)
    assert [message["role"] for message in customer.get("/messages")["data"]] == ["user", "assistant"]


def test_a_tool_that_ran_before_the_kill_does_not_run_again(site: Site) -> None:
    customer = arrive(site)
    customer.send("Show my trip", "k0")
    customer.follow_to_the_end()
    customer.send("Please add a checked bag", "k1")
    with until_broken():
        for event in customer.follow():
            done = event.get("update", {}).get("task", {}).get("status_indicator") == "complete"
            if done and event["type"] == "thread.item.updated":
                kill(site)

    site.start()
    customer.follow_to_the_end()

    assert_one_complete_reply(customer)
    answer = customer.send("Please add a checked bag", "k1").json()
    assert [(call["name"], call["status"]) for call in answer["tool_calls"]] == [
        ("add_checked_bag", "completed")
    ]
    customer.send("Show my trip", "k2")
    customer.follow_to_the_end()
    print([message["content"] for message in customer.get("/messages?limit=100")["data"]])


def test_kills_at_random_moments_lose_and_double_nothing(site: Site) -> None:
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    print(f"seed {seed}")
    customer = arrive(site)
    customer.send(LONG_REPLY, "k1")
    for _ in range(3):
        stop_after = len(customer.events) + chance.randrange(1, 20)
        with until_broken():
            for _ in customer.follow():
                if len(customer.events) >= stop_after:
                    kill(site)
        site.start()

    customer.follow_to_the_end()

    assert_one_complete_reply(customer)
