"""kill -9 of the server in the middle of a reply, and what a customer sees of it after the restart."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
import pytest

from tests.contract.client import Event, Json, Person, guest
from tests.fixtures.site import Site

pytestmark = pytest.mark.faults

LONG_REPLY = "Tell me about yourself [practice: words=120]"


@dataclass
class Reader:
    """Somebody who follows a conversation, and after each break goes on from the last seq seen."""

    person: Person
    conversation: str
    seen: list[Event] = field(default_factory=list)

    def read(self) -> Iterator[Event]:
        """Yield the events after the last one seen, until a turn ends or the connection breaks."""
        after = self.seen[-1].seq if self.seen else 0
        with suppress(httpx.TransportError), self.person.following(self.conversation, after) as events:
            for event in events:
                self.seen.append(event)
                yield event
                if event.ends_turn:
                    return

    def read_to_the_end(self) -> None:
        for _ in self.read():
            pass
        assert self.seen[-1].ends_turn

    def shown(self) -> list[str]:
        """Fold the events into the texts that a page would show."""
        items: dict[str, Json] = {}
        for event in self.seen:
            if event.kind in ("thread.item.added", "thread.item.done"):
                items[event.data["item"]["id"]] = event.data["item"]
            elif event.kind == "thread.item.removed":
                items.pop(event.data["item_id"], None)
        return [item["content"][0]["text"] for item in items.values() if item["type"].endswith("_message")]


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    return make_site(AUTH_RATE_PER_MINUTE="0", CHAT_RATE_PER_MINUTE="0").start()


def kill(site: Site) -> None:
    assert site.process is not None
    site.process.send_signal(signal.SIGKILL)
    site.process.wait()
    assert site.ended.wait(10)


def assert_one_complete_reply(reader: Reader, turn: Json) -> None:
    messages = reader.person.messages(reader.conversation)
    assert [event.seq for event in reader.seen] == list(range(1, len(reader.seen) + 1))
    assert reader.shown() == [message["content"] for message in messages]
    assert [message["sequence"] for message in messages] == list(range(len(messages)))
    assert reader.person.turn(reader.conversation, turn["turn_id"])["status"] == "completed"


@pytest.mark.parametrize("after_events", [3, 5, 12])
def test_a_reply_goes_on_after_a_kill(site: Site, after_events: int) -> None:
    person = guest(site.url)
    turn = person.start(LONG_REPLY, client_message_id="k1")
    reader = Reader(person, turn["conversation_id"])
    for _ in reader.read():
        if len(reader.seen) == after_events:
            kill(site)

    site.start()
    again = person.start(LONG_REPLY, client_message_id="k1")
    reader.read_to_the_end()

    assert again["turn_id"] == turn["turn_id"]
    assert_one_complete_reply(reader, turn)
    assert [message["role"] for message in person.messages(reader.conversation)] == ["user", "assistant"]


def test_a_tool_that_ran_before_the_kill_does_not_run_again(site: Site) -> None:
    person = guest(site.url)
    turn = person.start("Please add a checked bag", client_message_id="k1")
    reader = Reader(person, turn["conversation_id"])
    for event in reader.read():
        if event.data.get("update", {}).get("task", {}).get("status_indicator") == "complete":
            kill(site)

    site.start()
    reader.read_to_the_end()

    assert_one_complete_reply(reader, turn)
    answer = person.ask("Please add a checked bag", client_message_id="k1")
    assert [(call["name"], call["status"]) for call in answer["tool_calls"]] == [
        ("add_checked_bag", "completed")
    ]
    # The demo's trip comes with one.
    assert "Checked bags: 2 × 23 kg" in person.ask("Show my trip")["response"]


def test_kills_at_random_moments_lose_and_double_nothing(site: Site) -> None:
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    print(f"seed {seed}")
    person = guest(site.url)
    turn = person.start(LONG_REPLY)
    reader = Reader(person, turn["conversation_id"])
    for _ in range(3):
        stop_after = len(reader.seen) + chance.randrange(1, 20)
        for _ in reader.read():
            if len(reader.seen) >= stop_after:
                kill(site)
        site.start()

    reader.read_to_the_end()

    assert_one_complete_reply(reader, turn)
