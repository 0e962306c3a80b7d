"""Following a log live: fresh batches come as hints, the log has the truth.

Inside a process hints are handed over directly; between processes they travel by the channel layer, where one may be
lost (Redis down, a full channel): a reader that sees a gap reads the log, and each process compares `last_seq` of what
it follows, every second while a turn is unfinished there and every minute otherwise. It also sends itself a word each
second; while that doesn't come back it is deaf, and looks every second after all that it follows.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Sequence
from contextvars import Context, ContextVar
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db import DatabaseError
from django.utils import timezone

from conversations.events.listeners import Follower, Listener, RunWatch
from conversations.events.log import LoggedEvent, bytes_after, standings
from conversations.threads import in_database

logger = logging.getLogger(__name__)

BUSY_CHECK_SECONDS = 1.0
IDLE_CHECK_SECONDS = 60.0
# It tells nobody anything that is not in the log: so nobody waits for it longer.
LAYER_SECONDS = 0.5
# How long before it is noticed an outage may have begun.
UNHEARD = timedelta(seconds=5)


async def follow(
    conversation_id: str,
    after_seq: int,
    *,
    idle: float | None = None,
    known: Sequence[LoggedEvent] = (),
    waits_for_end: bool = False,
) -> AsyncGenerator[list[LoggedEvent], None]:
    """Yield every event after the seq, in order, without a gap or a repeat, for as long as it is read.

    They come in the pieces in which they were logged, which the caller may empty while it passes them on; an empty one
    says that nothing came for `idle` seconds. Ends when readers are sent away, since the process stops; who
    `waits_for_end` of a turn is sent last. What is `known` of the log, right after the seq, isn't read. Raises Gone
    where the log doesn't hold what follows the seq, NotFound when the conversation is deleted.
    """
    follower = Follower(conversation_id, after_seq, waits_for_end)
    if known:
        follower.begin_with(known)
    async with _hub().attached(follower):
        _told_here.set(follower)
        try:
            while (piece := await follower.next_events(idle)) is not None:
                yield piece
        finally:
            _told_here.set(None)


async def unread_bytes() -> int | None:
    """Return how much of its log waits for the reader whom this task tells; None where it tells none of a log."""
    follower = _told_here.get()
    return (
        None if follower is None else await in_database(bytes_after, follower.conversation_id, follower.seq)
    )


def tells_of_a_log() -> bool:
    """Say whether this task passes on a log, which keeps what a slow reader hasn't taken."""
    return _told_here.get() is not None


def send_readers_away(*, all_of_them: bool) -> None:
    """Let whoever follows here come back elsewhere; without `all_of_them`, those stay who wait for a turn's end."""
    _hub().send_readers_away(all_of_them=all_of_them)


async def outages() -> AsyncGenerator[datetime, None]:
    """Yield, each time that this process hears the channel layer again: since when it may have missed something."""
    hub, over = _hub(), asyncio.Queue[datetime]()
    await hub.start()
    hub.outages.add(over)
    try:
        while True:
            yield await over.get()
    finally:
        hub.outages.discard(over)


async def readers_are_sent_away() -> None:
    """Wait until those who read without end are sent away."""
    await _hub().leaving.wait()


def publish(conversation_id: str, events: Sequence[LoggedEvent]) -> None:
    """Hint at fresh events, after they were committed. Never fails and never waits; from any thread."""
    _deliver(conversation_id, events)
    if _has_other_processes():
        told = [[event.seq, event.turn_id, event.payload] for event in events]
        send(_group(conversation_id), {"type": "log", "conversation_id": conversation_id, "events": told})


def publish_deleted(conversation_id: str) -> None:
    """Tell whoever follows that the conversation is gone, after it was committed."""
    _deliver(conversation_id, ())
    if _has_other_processes():
        send(_group(conversation_id), {"type": "deleted", "conversation_id": conversation_id})


def send(group: str, message: dict[str, Any]) -> None:
    """Send to a group of the channel layer without waiting; a lost message is only a later one."""
    for loop, hub in list(_hubs.items()):
        with contextlib.suppress(RuntimeError):  # the loop was closed
            loop.call_soon_threadsafe(hub.send, group, message)
            return
    # No event loop here, so nobody follows here: only another process may want to know.
    if _has_other_processes():
        with contextlib.suppress(Exception):
            async_to_sync(get_channel_layer().group_send)(group, message)


def _deliver(conversation_id: str, events: Sequence[LoggedEvent]) -> None:
    """Hand events to those who follow in this process; none means that the conversation is gone."""
    for loop, hub in list(_hubs.items()):
        with contextlib.suppress(RuntimeError):  # the loop was closed
            loop.call_soon_threadsafe(hub.deliver, conversation_id, events)


def _has_other_processes() -> bool:
    return not isinstance(get_channel_layer(), InMemoryChannelLayer)


def join_loop() -> None:
    """Let this thread's running event loop carry hints; called once where a server or a worker starts."""
    _hub()


@contextlib.asynccontextmanager
async def watched_run(
    conversation_id: str, turn_id: str, epoch: int, stop: Callable[[], object]
) -> AsyncIterator[None]:
    """Call `stop` when the run's turn is ended by somebody else: cancelled, taken over, deleted."""
    async with _hub().attached(RunWatch(conversation_id, turn_id, epoch, stop)):
        yield


class _Hub:
    """The one place of an event loop that talks to the channel layer, and shares what comes among followers."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}
        self._channel = ""
        self._starting = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._sending: set[asyncio.Task[None]] = set()
        self.leaving = asyncio.Event()
        self._all_leave = False
        self._echo_came = True
        self._deaf_since = timezone.now()
        #: Who wants to hear of the end of an outage.
        self.outages: set[asyncio.Queue[datetime]] = set()

    @contextlib.asynccontextmanager
    async def attached(self, listener: Listener) -> AsyncIterator[None]:
        await self.start()
        listeners = self._listeners.setdefault(listener.conversation_id, set())
        listeners.add(listener)
        if self.leaving.is_set():
            listener.send_away(all_of_them=self._all_leave)
        try:
            if len(listeners) == 1:
                await self._subscribe(listener.conversation_id)
            yield
        finally:
            listeners.discard(listener)
            if not listeners and self._listeners.get(listener.conversation_id) is listeners:
                del self._listeners[listener.conversation_id]
                self._spawn(self._unsubscribe(listener.conversation_id))

    def send_readers_away(self, *, all_of_them: bool) -> None:
        self.leaving.set()
        self._all_leave = self._all_leave or all_of_them
        for listener in [each for group in self._listeners.values() for each in group]:
            listener.send_away(all_of_them=all_of_them)

    def send(self, group: str, message: dict[str, Any]) -> None:
        self._spawn(self._send(group, message))

    async def start(self) -> None:
        """Begin to look after those who follow."""
        async with self._starting:
            if not self._tasks:
                work = [self._watch()]
                if _has_other_processes():
                    work.append(self._receive())
                    await self._join_layer()
                # They outlive the request that is the first to follow: its ids are not theirs.
                self._tasks = [asyncio.create_task(each, context=Context()) for each in work]

    def deliver(self, conversation_id: str, events: Sequence[LoggedEvent]) -> None:
        """Hand events to those who follow here; none means that the conversation is gone."""
        for listener in tuple(self._listeners.get(conversation_id, ())):
            if events:
                listener.offer(events)
            else:
                listener.check(None)

    async def _join_layer(self) -> None:
        """Get a place where hints come to; while there is none, what is followed is read."""
        try:
            async with asyncio.timeout(LAYER_SECONDS):
                self._channel = await get_channel_layer().new_channel("log")
        except Exception:  # whatever the layer's transport raises, here and below
            logger.warning("channel layer unreachable, following by reading", exc_info=True)

    async def _subscribe(self, conversation_id: str) -> None:
        if not self._channel:
            return
        try:
            async with asyncio.timeout(LAYER_SECONDS):
                await get_channel_layer().group_add(_group(conversation_id), self._channel)
        except Exception:
            logger.warning("channel layer unreachable, following by reading", exc_info=True)

    async def _unsubscribe(self, conversation_id: str) -> None:
        if self._channel and conversation_id not in self._listeners:
            with contextlib.suppress(Exception):
                await get_channel_layer().group_discard(_group(conversation_id), self._channel)

    async def _send(self, group: str, message: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(LAYER_SECONDS):
                await get_channel_layer().group_send(group, message)
        except Exception:
            self._echo_came = False  # another process may have failed to send to us
            logger.warning("channel layer unreachable, a hint was not sent", exc_info=True)

    async def _receive(self) -> None:
        while True:
            if not self._channel:
                await asyncio.sleep(BUSY_CHECK_SECONDS)
                continue
            try:
                message = await get_channel_layer().receive(self._channel)
            except Exception:
                logger.warning("channel layer unreachable, following by reading", exc_info=True)
                await asyncio.sleep(BUSY_CHECK_SECONDS)
                continue
            if message["type"] == "echo":
                self._echo_came = True
            else:
                told = [LoggedEvent(*event) for event in message.get("events", ())]
                self.deliver(message["conversation_id"], told)

    async def _watch(self) -> None:
        idle_due = time.monotonic() + IDLE_CHECK_SECONDS
        hears = True
        while True:
            await asyncio.sleep(BUSY_CHECK_SECONDS)
            heard, hears = hears, await self._hears()
            if heard and not hears:
                self._deaf_since = timezone.now() - UNHEARD
            if hears and not heard:
                for over in self.outages:
                    over.put_nowait(self._deaf_since)
                for conversation_id in self._listeners:  # of those who came meanwhile nothing would be heard
                    self._spawn(self._subscribe(conversation_id))
            # Who hears again looks once more: something may have been said before.
            all_of_them = not (heard and hears) or time.monotonic() >= idle_due
            if all_of_them:
                idle_due = time.monotonic() + IDLE_CHECK_SECONDS
            await self._check(
                [each for group in self._listeners.values() for each in group if all_of_them or each.busy]
            )

    async def _hears(self) -> bool:
        """Say whether what the channel layer is told comes here; also of the last word that was sent to ourselves."""
        if not ((self._listeners or self.outages) and _has_other_processes()):
            return True
        if not self._channel:
            await self._join_layer()
            return False
        came, self._echo_came = self._echo_came, False
        try:
            async with asyncio.timeout(LAYER_SECONDS):
                await get_channel_layer().send(self._channel, {"type": "echo"})
        except Exception:
            return False
        return came

    async def _check(self, listeners: list[Listener]) -> None:
        if not listeners:
            return
        wanted = list({listener.conversation_id for listener in listeners})
        try:
            found = await in_database(standings, wanted)
        except DatabaseError:
            logger.warning("database unreachable, followers wait")
            return
        for listener in listeners:
            listener.check(found.get(listener.conversation_id))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)


_told_here: ContextVar[Follower | None] = ContextVar("told_here", default=None)
# One for each event loop: a server has one, a test may have several.
_hubs: dict[asyncio.AbstractEventLoop, _Hub] = {}


def _hub() -> _Hub:
    loop = asyncio.get_running_loop()
    for closed in [known for known in _hubs if known.is_closed()]:
        del _hubs[closed]
    return _hubs.setdefault(loop, _Hub())


def _group(conversation_id: str) -> str:
    """Name a conversation's group; ids may be any text, names of groups may not."""
    return "conversation." + hashlib.blake2s(conversation_id.encode(), digest_size=16).hexdigest()
