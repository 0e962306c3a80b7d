"""What happens to turns, told to whoever watches: figures and traces (chatsite) hang themselves in here.

It is told on the hot path, from any thread: a watcher only notes in memory, and never fails or waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from conversations import log_ids
from conversations.errors import AssistantError
from conversations.responder import Step, TurnRequest


class Watcher:
    """Hears of turns. Each method is called after what it tells of was committed, where anything was."""

    def sent(self) -> None:
        """A message was stored, and its turn queued or handed to the staff."""

    def claimed(self, request: TurnRequest) -> None:
        """A run begins in this process: one attempt of a turn."""

    def text_shown(self, request: TurnRequest) -> None:
        """The first text of a run is shown."""

    def step_stored(self, request: TurnRequest, step: Step) -> None:
        """A complete response was stored; a final one completes the turn."""

    def released(self, request: TurnRequest) -> None:
        """The run is over, however it ended."""

    def ended(self, turn_id: str, status: str, code: str) -> None:
        """A turn ended without a complete reply: failed with the code, cancelled, with the staff."""

    def try_failed(self, error: AssistantError) -> None:
        """The provider failed once; the run may try again."""

    def trace_parent(self) -> str:
        """Return the W3C trace context that a message is sent in, to go on from where its turn runs."""
        return ""


_watchers: list[Watcher] = []


def add(watcher: Watcher) -> None:
    """Tell a watcher from now on; once for each process."""
    _watchers.append(watcher)


def remove(watcher: Watcher) -> None:
    _watchers.remove(watcher)


@contextmanager
def run(request: TurnRequest) -> Iterator[None]:
    """Tell of one run from its claim to its end, and put its ids on the log's lines."""
    log_ids.note(request.conversation_id, request.turn_id)
    for watcher in _watchers:
        watcher.claimed(request)
    try:
        yield
    finally:
        for watcher in _watchers:
            watcher.released(request)
        log_ids.note(None)


def sent() -> None:
    for watcher in _watchers:
        watcher.sent()


def text_shown(request: TurnRequest) -> None:
    for watcher in _watchers:
        watcher.text_shown(request)


def step_stored(request: TurnRequest, step: Step) -> None:
    for watcher in _watchers:
        watcher.step_stored(request, step)


def ended(turn_id: str, status: str, code: str = "") -> None:
    for watcher in _watchers:
        watcher.ended(turn_id, status, code)


def try_failed(error: AssistantError) -> None:
    for watcher in _watchers:
        watcher.try_failed(error)


def trace_parent() -> str:
    return next((parent for watcher in _watchers if (parent := watcher.trace_parent())), "")
