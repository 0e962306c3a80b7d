"""A customer who talks in several conversations at once, and what must come of it whatever happens meanwhile."""

from __future__ import annotations

import random
import threading
import uuid
from dataclasses import dataclass, field

from tests.contract.client import guest, words
from tests.faults.customers import Door, Follower, ask_again_when_refused, send_until_heard

BAG = "Please add a checked bag"
BAGS_OF_A_NEW_TRIP = 1  # and three are the most


@dataclass
class Exchange:
    """One send and what must come of it."""

    message: str
    reply: str = ""
    conversation: str | None = None
    adds_bag: bool = False
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    turn: str = ""

    def again(self) -> Exchange:
        """Return the same, to be said elsewhere."""
        return Exchange(self.message, self.reply, adds_bag=self.adds_bag)


def tale(chance: random.Random, length: int, *, pace: int | None = None) -> Exchange:
    """Make a send whose reply is known word by word."""
    text = " ".join(chance.choice(["cabin", "cloud", "window", "engine", "seat"]) for _ in range(length))
    return Exchange(words("Tell me something", text=text, pace=pace or chance.randrange(5, 15)), text)


def bag(chance: random.Random) -> Exchange:
    """Make a send that has an effect, with text before the tool and after it."""
    return Exchange(words(BAG, preface="true", pace=chance.randrange(5, 40)), adds_bag=True)


class Crowd:
    """A customer's several conversations at once, each followed through whatever happens."""

    def __init__(self, url: str) -> None:
        self.person = guest(url)
        self.followers: dict[str, Follower] = {}
        self.exchanges: list[Exchange] = []
        self._sending: list[threading.Thread] = []

    def say(self, *exchanges: Exchange, door: Door = "stream") -> None:
        """Send messages to a new conversation, one after the other, from a thread of their own."""
        self.exchanges += exchanges
        thread = threading.Thread(target=self._say, args=[exchanges, door], daemon=True)
        self._sending.append(thread)
        thread.start()

    def wait_for_text(self) -> None:
        """Return when a reply of each conversation has begun."""
        for thread in self._sending:
            thread.join()
        for follower in self.followers.values():
            follower.wait_for(lambda event: event.delta)

    @property
    def is_over(self) -> bool:
        """Say whether everything was sent and answered, or will never be."""
        sent = not any(thread.is_alive() for thread in self._sending)
        return sent and all(follower.is_over for follower in self.followers.values())

    def check(self) -> None:
        """Wait for all replies, and look whether anything was lost or doubled."""
        ask_again_when_refused(self.person)
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

    def _say(self, exchanges: tuple[Exchange, ...], door: Door) -> None:
        conversation = None
        for exchange in exchanges:
            turn = send_until_heard(self.person, exchange.message, conversation, key=exchange.key)
            conversation = exchange.conversation = turn["conversation_id"]
            exchange.turn = turn["turn_id"]
            if conversation not in self.followers:
                self.followers[conversation] = Follower(
                    self.person, conversation, turns=len(exchanges), door=door
                )
