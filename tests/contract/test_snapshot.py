"""A snapshot and the events after its seq show what loading afresh shows, whenever the snapshot was taken."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.contract.client import Event, Json, Person, take_until, unique, words
from tests.contract.reducer import fold
from tests.contract.threads import comparable, load


def check_every_snapshot(person: Person, conversation: str, last: Callable[[Event], bool]) -> list[Event]:
    """Follow a conversation up to a last event, loading it again and again; compare each load with the end."""
    loads = [(0, list[Json]()), load(person, conversation)]
    seen = []
    with person.following(conversation, 0) as events:
        for event in take_until(events, last):
            seen.append(event)
            # Each moment between two events has its turn; what is written goes on while we load.
            if len(seen) % 3 == 0:
                loads.append(load(person, conversation))
    seq, fresh = load(person, conversation)

    assert len(loads) > 3
    assert seq == seen[-1].seq
    for seq, items in loads:
        shown = fold(items, [event.data for event in seen if event.seq > seq])
        assert comparable(shown) == comparable(fresh), f"loaded at {seq}"
    return seen


def ended(number: int) -> Callable[[Event], bool]:
    """Say whether so many turns have ended."""
    ends: list[int] = []

    def check(event: Event) -> bool:
        if event.ends_turn:
            ends.append(event.seq)
        return len(ends) == number

    return check


def test_of_a_reply_that_streams(maya: Person) -> None:
    turn = maya.start(words(unique("Story"), words=60, pace=20))

    check_every_snapshot(maya, turn["conversation_id"], ended(1))


def test_of_a_reply_with_tools_and_text_before_them(maya: Person) -> None:
    turn = maya.start(words(unique("Please show my trip"), preface="true", pace=15))

    seen = check_every_snapshot(maya, turn["conversation_id"], ended(1))

    kinds = {event.data["item"]["type"] for event in seen if event.kind == "thread.item.done"}
    assert kinds == {"user_message", "assistant_message", "workflow"}


def test_of_messages_that_come_while_a_reply_streams(maya: Person) -> None:
    first = maya.start(words(unique("One"), words=60, pace=50))
    maya.await_text(first)
    with ThreadPoolExecutor(1) as thread:
        checked = thread.submit(check_every_snapshot, maya, first["conversation_id"], ended(3))
        for text in ("Two", "Three"):
            maya.start(words(unique(text), words=20, pace=15), first["conversation_id"])
        seen = checked.result()

    roles = [message["role"] for message in maya.messages(first["conversation_id"])]
    assert roles == ["user"] * 3 + ["assistant"] * 3
    assert "thread.item.removed" in [event.kind for event in seen]


def test_of_several_turns_that_wait_for_each_other(maya: Person) -> None:
    first = maya.start(words(unique("One"), words=20, pace=15))
    for text in ("Two", "Three"):
        maya.start(words(unique(text), words=20, pace=15), first["conversation_id"])

    check_every_snapshot(maya, first["conversation_id"], ended(3))


@pytest.mark.parametrize("fault", ["close_mid", "error_event"])
def test_of_a_reply_that_fails_and_is_retried(maya: Person, fault: str) -> None:
    behaviour: dict[str, Any] = {"fault": fault, "times": 1, "after": 10, "words": 40, "pace": 15}
    turn = maya.start(words(unique("Story"), **behaviour))
    maya.await_turn(turn)
    assert maya.retry(turn["conversation_id"], turn["turn_id"]).status_code == 200

    check_every_snapshot(maya, turn["conversation_id"], ended(2))


def test_of_a_reply_that_is_cancelled(maya: Person) -> None:
    turn = maya.start(words(unique("Story"), words=1000, pace=10))
    maya.await_text(turn)
    with ThreadPoolExecutor(1) as thread:
        checked = thread.submit(check_every_snapshot, maya, turn["conversation_id"], ended(1))
        with maya.following(turn["conversation_id"], 0) as events:
            next(event for event in events if event.seq > 30)
        maya.cancel(turn["conversation_id"], turn["turn_id"])
        checked.result()


def test_of_an_answer_that_is_asked_for_anew(maya: Person) -> None:
    first = maya.ask(words(unique("One"), text="First"))
    maya.ask(words("Two", text="Second"), first["conversation_id"])
    [question, *_] = maya.messages(first["conversation_id"])
    anew = {
        "type": "threads.retry_after_item",
        "params": {"thread_id": first["conversation_id"], "item_id": question["id"]},
    }
    with maya.http.stream("POST", f"{maya.url}/chatkit", json=anew) as answer:
        answer.read()

    seq, fresh = load(maya, first["conversation_id"])
    events = maya.events(first["conversation_id"], 0, seq)
    assert comparable(fold([], [event.data for event in events])) == comparable(fresh)
    assert [item["type"] for item in fresh] == ["user_message", "assistant_message"]
