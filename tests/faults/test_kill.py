"""kill -9 of the server: at any moment of a reply, and on purpose between every two steps of a turn."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.contract.client import guest, words
from tests.faults.customers import Follower, send_until_heard
from tests.faults.database import Database
from tests.faults.form import rounds
from tests.fixtures.site import Site

pytestmark = pytest.mark.faults

BAG = "Please add a checked bag"
BAGS_OF_A_NEW_TRIP = 1
RECOVERY_SECONDS = 8.0


@dataclass
class Exchange:
    """One send and what must come of it."""

    message: str
    reply: str = ""
    conversation: str | None = None
    adds_bag: bool = False
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    turn: str = ""


def tale(chance: random.Random, length: int) -> Exchange:
    text = " ".join(chance.choice(["cabin", "cloud", "window", "engine", "seat"]) for _ in range(length))
    return Exchange(words("Tell me something", text=text, pace=chance.randrange(5, 15)), text)


def bag(chance: random.Random) -> Exchange:
    return Exchange(words(BAG, preface="true", pace=chance.randrange(5, 40)), adds_bag=True)


class Crowd:
    """A customer's several conversations at once, each followed through whatever happens."""

    def __init__(self, site: Site) -> None:
        self.person = guest(site.url)
        self.followers: dict[str, Follower] = {}
        self.exchanges: list[Exchange] = []
        self._sending: list[threading.Thread] = []

    def say(self, *exchanges: Exchange, door: str = "stream") -> None:
        """Send messages to a new conversation, one after the other, from a thread of their own."""
        self.exchanges += exchanges
        thread = threading.Thread(target=self._say, args=[exchanges, door], daemon=True)
        self._sending.append(thread)
        thread.start()

    def check(self) -> None:
        """Wait for all replies, and look whether anything was lost or doubled."""
        for thread in self._sending:
            thread.join()
        assert all(exchange.turn for exchange in self.exchanges), "a message was not taken"
        for follower in self.followers.values():
            self._check_conversation(follower)
        bags = sum(exchange.adds_bag for exchange in self.exchanges)
        trip = self.person.ask(words("Show my trip"))["response"]
        assert f"Checked bags: {BAGS_OF_A_NEW_TRIP + bags} × 23 kg" in trip

    def _check_conversation(self, follower: Follower) -> None:
        messages = follower.check()
        exchanges = [each for each in self.exchanges if each.conversation == follower.conversation]
        said = [message["content"] for message in messages if message["role"] == "user"]
        assert said == [exchange.message for exchange in exchanges]
        for exchange in exchanges:
            assert self.person.turn(follower.conversation, exchange.turn)["status"] == "completed"
            replies = [
                message["content"]
                for message in messages
                if message["turn_id"] == exchange.turn and message["role"] == "assistant"
            ]
            answer = self.person.ask(exchange.message, follower.conversation, client_message_id=exchange.key)
            assert answer["turn_id"] == exchange.turn
            if exchange.adds_bag:
                assert len(replies) == 2
                assert [call["name"] for call in answer["tool_calls"]] == ["add_checked_bag"]
            else:
                assert replies == [exchange.reply]

    def _say(self, exchanges: tuple[Exchange, ...], door: str) -> None:
        conversation = None
        for exchange in exchanges:
            turn = send_until_heard(self.person, exchange.message, conversation, key=exchange.key)
            conversation = exchange.conversation = turn["conversation_id"]
            exchange.turn = turn["turn_id"]
            if conversation not in self.followers:
                self.followers[conversation] = Follower(
                    self.person,
                    conversation,
                    turns=len(exchanges),
                    door=door,  # type: ignore[arg-type]
                )


@pytest.mark.parametrize("number", rounds(short=3, full=100))
def test_at_a_random_moment(site: Site, database: Database, chance: random.Random, number: int) -> None:
    crowd = Crowd(site)
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
    "send committed": ("procrastinate_jobs", "before update", "new.status = 'doing'"),
    "job fetched": (
        "conversations_turn",
        "before update",
        "old.status = 'queued' and new.status = 'running'",
    ),
    "turn claimed": ("conversations_event", "before insert", "new.payload ->> 'type' = 'thread.item.added'"),
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


@pytest.mark.parametrize("number", rounds(short=1, full=4))
@pytest.mark.parametrize("step", STEPS)
def test_between_two_steps(
    site: Site, database: Database, chance: random.Random, step: str, number: int
) -> None:
    """What was under way is lost with the connection, or is done by the database after its process has died."""
    late = chance.random() < 0.5
    crowd = Crowd(site)
    with database.gate(*STEPS[step]) as gate:
        crowd.say(bag(random.Random(1)))
        gate.wait_for_somebody()
        site.kill()
        if late:
            gate.open()
        else:
            gate.turn_away()
        with recovery_within(RECOVERY_SECONDS, site, database):
            site.start()

    crowd.check()
