"""Customers who give up at nothing: they send again until they are heard, and come back where they had been."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Literal

import httpx
from websockets.exceptions import WebSocketException

from tests.contract.client import SECONDS, Event, Json, Person, frames, read_events
from tests.contract.reducer import fold
from tests.contract.threads import comparable, load

PATIENCE = 60.0
RECOVERY = 10.0  # a site that could not reach its database says so for half a second longer
PAUSE = 0.05

Door = Literal["stream", "socket"]


def send_until_heard(person: Person, message: str, conversation: str | None = None, *, key: str) -> Json:
    """Send a message again and again under one key, as a client does that hears nothing. Return its turn."""
    deadline = time.monotonic() + PATIENCE
    said = "nothing"
    while time.monotonic() < deadline:
        try:
            answer = person.send(message, conversation, client_message_id=key, header_Prefer="respond-async")
        except httpx.TransportError as error:
            said = repr(error)
        else:
            if answer.status_code in (200, 202):
                return dict(answer.json())
            said = answer.text
            assert answer.json()["code"] == "unavailable", said
        threading.Event().wait(PAUSE)
    raise AssertionError(f"the site did not take {message!r}: {said}")


class _AskingAgain(httpx.HTTPTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        deadline = time.monotonic() + RECOVERY
        while (answer := super().handle_request(request)).status_code == 503 and time.monotonic() < deadline:
            answer.close()
            threading.Event().wait(PAUSE)
        return answer


def ask_again_when_refused(person: Person) -> None:
    """Let a person take 503 for an answer no longer, but ask again until the site has recovered."""
    person.http = httpx.Client(
        base_url=person.http.base_url,
        headers=person.http.headers,
        timeout=person.http.timeout,
        transport=_AskingAgain(),
    )


class Follower:
    """Follows a conversation through one door until so many turns have ended, from the last seq after each break."""

    def __init__(
        self,
        person: Person,
        conversation: str,
        *,
        turns: int = 1,
        door: Door = "stream",
        silence: float = SECONDS,  # before it takes the other side for gone
    ) -> None:
        self.person = person
        self.conversation = conversation
        self.seen: list[Event] = []
        self.seen_at: list[float] = []
        self.breaks = 0
        self._turns = turns
        self._silence = silence
        self._read = self._stream if door == "stream" else self._socket
        self._changed = threading.Condition()
        self._failure: BaseException | None = None
        self._deadline = time.monotonic() + PATIENCE
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def wait_for(self, condition: Callable[[Event], object]) -> Event:
        """Return the first event for which the condition holds, once it has come."""

        def found() -> Event | None:
            return next((event for event in self.seen if condition(event)), None)

        with self._changed:
            self._changed.wait_for(lambda: found() or self.is_over, PATIENCE)
        event = found()
        assert event is not None, f"it did not come: {self._failure or [event.kind for event in self.seen]}"
        return event

    def wait_for_more(self) -> None:
        """Return when something has come that wasn't there yet, or everything had come before."""
        known = len(self.seen)
        with self._changed:
            self._changed.wait_for(lambda: len(self.seen) > known or self.is_over, PATIENCE)
        assert len(self.seen) > known or self._has_ended, f"nothing came: {self._failure or 'silence'}"

    def wait_for_the_end(self) -> None:
        """Return when all turns have ended."""
        self._thread.join(PATIENCE)
        if self._failure is not None:
            raise self._failure
        assert self._has_ended, f"no end within {PATIENCE} s, only {[event.kind for event in self.seen]}"

    def check(self) -> list[Json]:
        """Compare what was seen with a thread that is loaded afresh: no gap, no repeat, the same items. Return them."""
        self.wait_for_the_end()
        assert [event.seq for event in self.seen] == list(range(1, len(self.seen) + 1))
        seq, items = load(self.person, self.conversation)
        assert seq == self.seen[-1].seq
        shown = fold([], [event.data for event in self.seen])
        assert comparable(shown) == comparable(items), [event.data for event in self.seen]
        messages = self.person.messages(self.conversation)
        assert [message["sequence"] for message in messages] == list(range(len(messages)))
        return messages

    def pauses(self) -> list[float]:
        """Return how long nothing came, between a reply's first text and its last."""
        told = [at for event, at in zip(self.seen, self.seen_at, strict=True) if event.delta]
        return [later - earlier for earlier, later in pairwise(told)] or [0.0]

    @property
    def _has_ended(self) -> bool:
        return sum(event.ends_turn for event in self.seen) >= self._turns

    @property
    def is_over(self) -> bool:
        """Say whether all turns have ended, or patience has."""
        return self._has_ended or self._failure is not None or time.monotonic() > self._deadline

    def _follow(self) -> None:
        try:
            while not self.is_over:
                try:
                    self._read_on()
                except (httpx.TransportError, WebSocketException, OSError, TimeoutError):
                    self.breaks += 1
                    threading.Event().wait(PAUSE)
        except BaseException as failure:
            self._failure = failure
        finally:
            with self._changed:
                self._changed.notify_all()

    def _read_on(self) -> None:
        after = self.seen[-1].seq if self.seen else 0
        for event in self._read(after):
            with self._changed:
                self.seen.append(event)
                self.seen_at.append(time.monotonic())
                self._changed.notify_all()
            if self.is_over:
                return

    def _stream(self, after: int) -> Iterator[Event]:
        path = f"/conversations/{self.conversation}/events"
        with self.person.http.stream(
            "GET", path, params={"after_seq": after}, timeout=self._silence
        ) as answer:
            if answer.status_code == 503:
                raise httpx.ReadError("unavailable")
            assert answer.status_code == 200, answer.read()
            yield from read_events(answer)
        raise httpx.ReadError("the stream ended")

    def _socket(self, after: int) -> Iterator[Event]:
        path = f"/ws/conversations/{self.conversation}/?after_seq={after}"
        with self.person.socket(path, close_timeout=1) as socket:
            for frame in frames(socket, self._silence):
                yield Event(frame["seq"], frame["event"])
