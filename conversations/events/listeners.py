"""Who follows a log: readers, and runs that look after their own fence. What they are told comes from `live`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from conversations import errors
from conversations.events.log import READ_BYTES, READ_LIMIT, LoggedEvent, Standing, read_after
from conversations.threads import in_database

BUFFER_BYTES = 256 * 1024


class Listener(Protocol):
    """Who is told of one conversation's log: what is hinted at, and where it stands."""

    conversation_id: str
    busy: bool

    def send_away(self, *, all_of_them: bool) -> None: ...

    def offer(self, events: Sequence[LoggedEvent]) -> None: ...

    def check(self, standing: Standing | None) -> None: ...


class RunWatch:
    """A run's eye on its own fence."""

    busy = True

    def __init__(self, conversation_id: str, turn_id: str, epoch: int, stop: Callable[[], object]) -> None:
        self.conversation_id = conversation_id
        self._turn_id = turn_id
        self._epoch = epoch
        self._stop = stop

    def offer(self, events: Sequence[LoggedEvent]) -> None:
        if events[-1].turn_id == self._turn_id and events[-1].ends_turn:
            self._stop()

    def check(self, standing: Standing | None) -> None:
        if standing is None or standing.epoch != self._epoch:
            self._stop()

    def send_away(self, *, all_of_them: bool) -> None:
        pass  # the worker decides when its runs end


class Follower:
    """One reader's place in a log. Its buffer is bounded: what doesn't fit is read from the log instead."""

    def __init__(self, conversation_id: str, after_seq: int, waits_for_end: bool) -> None:
        self.conversation_id = conversation_id
        self.seq = after_seq
        self._waits_for_end = waits_for_end
        self._sent_away = False
        self.busy = True
        self._hints: list[Sequence[LoggedEvent]] = []  # few, and an empty deque takes ten times as much
        self._hinted_bytes = 0
        self._must_read = True
        self._deleted = False
        self._waiting: asyncio.Future[None] | None = None

    async def next_events(self, idle: float | None) -> list[LoggedEvent] | None:
        """Wait for what comes next, or for as many seconds; nothing more comes for those who are sent away."""
        while not self._sent_away:
            if self._must_read:
                self._must_read = False
                fresh = await self._read()
            elif self._hints:
                fresh = self._take_hint()
            elif self._deleted:
                raise errors.NotFound()
            elif await self._wait(idle):
                continue
            else:
                return []
            if fresh:
                self.seq = fresh[-1].seq
                self.busy = True
                return fresh
        return None

    def send_away(self, *, all_of_them: bool) -> None:
        if all_of_them or not self._waits_for_end:
            self._sent_away = True
            self._wake()

    async def _wait(self, idle: float | None) -> bool:
        """Wait until there is something to do; False when the time is over."""
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        timer = None if idle is None else loop.call_later(idle, self._wake)
        try:
            await self._waiting
        finally:
            self._waiting = None
            if timer is not None:
                timer.cancel()
        return self._must_read or self._deleted or self._sent_away or bool(self._hints)

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def offer(self, events: Sequence[LoggedEvent]) -> None:
        """Take a hint, or note that the log must be read."""
        size = sum(len(event.payload) for event in events)
        if self._hinted_bytes + size > BUFFER_BYTES:
            self.read_log()
        else:
            self._hinted_bytes += size
            self._hints.append(events)
            self._wake()

    def begin_with(self, known: Sequence[LoggedEvent]) -> None:
        """Take what is known as the first hint. What was logged since and not hinted at here leaves a gap, or is seen
        by the next look.
        """
        self._must_read = False
        self.offer(known)

    def read_log(self) -> None:
        """Go to the log for what comes next."""
        self._hints.clear()
        self._hinted_bytes = 0
        self._must_read = True
        self._wake()

    def check(self, standing: Standing | None) -> None:
        """Compare with what the database says: None is a conversation that is gone."""
        if standing is None:
            self._deleted = True
            self._wake()
            return
        self.busy = standing.unfinished
        if standing.last_seq > self.seq and not self._hints:
            self.read_log()

    def _take_hint(self) -> list[LoggedEvent]:
        events = self._hints.pop(0)
        self._hinted_bytes -= sum(len(event.payload) for event in events)
        fresh = [event for event in events if event.seq > self.seq]
        if fresh and fresh[0].seq != self.seq + 1:
            self.read_log()
            return []
        return fresh

    async def _read(self) -> list[LoggedEvent]:
        fresh: list[LoggedEvent] = await in_database(read_after, self.conversation_id, self.seq)
        if len(fresh) >= READ_LIMIT or sum(len(event.payload) for event in fresh) >= READ_BYTES // 4:
            self._must_read = True  # it is read in pieces, and this one may be full
        return fresh
