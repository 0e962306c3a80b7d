"""kill -9 of the server: at any moment of a reply, and on purpose between every two steps of a turn."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.contract.client import Json, guest, words
from tests.faults.crowd import Crowd, bag, tale
from tests.faults.customers import Follower
from tests.faults.database import Database
from tests.faults.form import rounds, some_of
from tests.fixtures.site import Site

pytestmark = pytest.mark.faults

RECOVERY_SECONDS = 10.0  # as the contract says; alone it takes a fifth of a second


@pytest.mark.parametrize("number", rounds(short=3, full=100))
def test_at_a_random_moment(site: Site, database: Database, chance: random.Random, number: int) -> None:
    crowd = Crowd(site.url)
    crowd.say(tale(chance, 60))
    crowd.say(bag(chance), door="socket")
    crowd.say(bag(chance), tale(chance, 30))
    crowd.say(tale(chance, 20), tale(chance, 20), tale(chance, 20), door="socket")

    threading.Event().wait(chance.uniform(0, 1.2))
    site.kill()
    with recovery_within(RECOVERY_SECONDS, site, database):
        site.start()
    if chance.random() < 0.3:
        threading.Event().wait(chance.uniform(0, 1.0))
        site.kill()
        site.start()

    crowd.check()


@contextmanager
def recovery_within(seconds: float, site: Site, database: Database) -> Iterator[None]:
    """Start the site, and look that what was running then is soon taken up again."""
    running = database.rows("select id, attempt from conversations_turn where status = 'running'")
    yield
    for turn, attempt in running:
        query = "select from conversations_turn where id = %(turn)s and (attempt > %(attempt)s or status <> 'running')"
        database.wait_for(query, seconds, turn=turn, attempt=attempt)


# Between which two steps: the table, the trigger and the row that the second step begins with.
STEPS = {
    "before the send is committed": ("conversations_turn", "before insert", "true"),
    "send committed": (
        "conversations_event",
        "before insert",
        "new.payload ->> 'type' = 'thread.item.added'",
    ),
    "first text shown": (
        "conversations_turn",
        "before update",
        "jsonb_array_length(new.steps) > jsonb_array_length(old.steps)",
    ),
    "step stored, tool's effect under way": ("conversations_toolcall", "before insert", "true"),
    "tool done": (
        "conversations_event",
        "before insert",
        "new.payload -> 'update' ->> 'type' = 'workflow.task.updated'",
    ),
    "all shown": ("conversations_turn", "before update", "new.status = 'completed'"),
    "reply stored": ("procrastinate_jobs", "before delete", "true"),
}
# What waits behind another message is not answered where it was sent: its job is fetched, and its turn claimed.
STEPS_BEHIND = {
    "send behind another committed": ("procrastinate_jobs", "before update", "new.status = 'doing'"),
    "turn behind another claimed": (
        "conversations_turn",
        "before update",
        "old.status = 'queued' and new.status = 'running'",
    ),
}


@pytest.mark.parametrize("number", rounds(short=1, full=4))
@pytest.mark.parametrize("step", [*some_of(STEPS, short=3), *some_of(STEPS_BEHIND, short=1)])
def test_between_two_steps(
    site: Site, database: Database, chance: random.Random, step: str, number: int
) -> None:
    """What was under way is lost with the connection, or is done by the database after its process has died."""
    late = chance.random() < 0.5
    before = [tale(chance, 60, pace=15)] if step in STEPS_BEHIND else []
    crowd = Crowd(site.url)
    with database.gate(*(STEPS | STEPS_BEHIND)[step]) as gate:
        crowd.say(*before, bag(random.Random(1)))
        gate.wait_for_somebody()
        site.kill()
        if late:
            gate.open()
        else:
            gate.turn_away()
        with recovery_within(RECOVERY_SECONDS, site, database):
            site.start()

    crowd.check()


HAND_OVER = {
    "hand-over under way": STEPS["step stored, tool's effect under way"],
    "handed over": STEPS["tool done"],
    "the other's answer": ("conversations_turn", "before update", "jsonb_array_length(new.steps) = 2"),
}


@pytest.mark.parametrize("step", some_of(HAND_OVER, short=1))
def test_amid_a_hand_over(site: Site, database: Database, step: str) -> None:
    """Who took over answers, is told of once, and has the conversation from then on."""
    person = guest(site.url)
    message = words("Connect me with baggage, please", pace=5)
    with database.gate(*HAND_OVER[step]) as gate:
        turn = person.start(message, client_message_id="mine")
        follower = Follower(person, turn["conversation_id"])
        gate.wait_for_somebody()
        site.kill()
        gate.turn_away()
        with recovery_within(RECOVERY_SECONDS, site, database):
            site.start()

    [_, reply] = follower.check()
    assert reply["content"].startswith("**Baggage** here")
    assert _tools(person.ask(message, client_message_id="mine")) == ["transfer_to_baggage"]
    later = person.ask(words("Please refund 20 €, I had to wait"), turn["conversation_id"])
    assert _tools(later) == ["transfer_to_concierge", "refund"]  # baggage gives no money back


def _tools(answer: Json) -> list[str]:
    return [call["name"] for call in answer["tool_calls"]]
