"""Reading a log for somebody who waits: server-sent events, or the end of one turn."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from urllib.parse import quote

from django.http import StreamingHttpResponse

from conversations import errors, events
from conversations.events import LoggedEvent
from conversations.models import Turn

KEEP_ALIVE_SECONDS = 15
#: Whoever reads without end shows so often anew who it is: an account may be disabled meanwhile, or signed out.
READING_SECONDS = 900.0
KEEP_ALIVE = b": keep-alive\n\n"


async def turn_events(
    turn: Turn, *, idle: float | None = None, known: Sequence[LoggedEvent] = ()
) -> AsyncGenerator[list[LoggedEvent], None]:
    """Yield the events of one turn from its start to its end, or until this process stops.

    They come in pieces, as from `events.follow`. `known` are the first of them, which whoever stored them needn't
    read again.
    """
    following = events.follow(
        turn.conversation_id, turn.before_seq, idle=idle, known=known, waits_for_end=True
    )
    async with aclosing(following):
        async for piece in following:
            own = [event for event in piece if event.turn_id == turn.pk]
            is_over = bool(own) and own[-1].ends_turn
            if own or not piece:
                piece.clear()
                yield own
            if is_over:
                return


def check_replayable(turn: Turn) -> None:
    """Raise Gone where the log no longer holds what an old turn logged."""
    events.read_after(turn.conversation_id, turn.before_seq, limit=1)


async def turn_ended(turn: Turn, *, known: Sequence[LoggedEvent] = ()) -> None:
    """Wait until the turn has ended, or this process stops."""
    async with aclosing(turn_events(turn, known=known)) as following:
        async for _ in following:
            pass


def sse(event: LoggedEvent) -> str:
    """Write an event for a reader that resumes by its id, the seq."""
    return f"id: {event.seq}\ndata: {one_line(event.payload)}\n\n"


def chatkit_sse(event: LoggedEvent) -> str:
    """Write an event exactly as ChatKit's clients read it."""
    return f"data: {one_line(event.payload)}\n\n"


def one_line(payload: str) -> str:
    """Escape in JSON what ends no line of an event stream, but does for readers that go by Unicode: httpx is one."""
    return payload if payload.isascii() else payload.translate(_LINE_ENDS)


_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}


def stream(
    following: AsyncGenerator[list[LoggedEvent], None],
    write: Callable[[LoggedEvent], str],
    *,
    headers: dict[str, str] | None = None,
    seconds: float = math.inf,
) -> StreamingHttpResponse:
    """Answer with events as they come, for so long; an empty piece keeps the connection alive.

    A client that goes away stops nothing but this reading.
    """
    return StreamingHttpResponse(
        _chunks(following, write, time.monotonic() + seconds),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no", **(headers or {})},
    )


def turn_headers(turn: Turn) -> dict[str, str]:
    """Say what Stop has to cancel. An id may be any text, a header may not."""
    return {"X-Chat-Conversation": quote(turn.conversation_id, safe=""), "X-Chat-Turn": turn.pk}


async def _chunks(
    following: AsyncGenerator[list[LoggedEvent], None], write: Callable[[LoggedEvent], str], ends_at: float
) -> AsyncIterator[bytes]:
    async with aclosing(following):
        yield KEEP_ALIVE  # the headers go out with the first piece, and a reader waits for them
        try:
            async for piece in following:
                written = "".join(map(write, piece)).encode()
                piece.clear()  # a slow reader is given this for as long as he likes: once is enough
                yield written or KEEP_ALIVE
                if time.monotonic() > ends_at:
                    return
        except errors.AppError:
            return  # deleted, or no longer held by the log: who comes back hears it with a status
