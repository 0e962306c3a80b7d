"""A stream in which nothing happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from conversations import errors, streams
from conversations.events import LoggedEvent


async def silence() -> AsyncGenerator[LoggedEvent, None]:
    await asyncio.Future()
    yield LoggedEvent(1, None, "{}")


async def deleted() -> AsyncGenerator[LoggedEvent, None]:
    yield LoggedEvent(1, None, "{}")
    raise errors.NotFound


async def test_is_kept_alive_by_comments_from_its_start() -> None:
    answer = streams.stream(silence(), streams.sse, keep_alive=0.01)
    pieces = aiter(answer)

    assert [await anext(pieces) for _ in range(3)] == [b": keep-alive\n\n"] * 3
    await pieces.aclose()  # type: ignore[attr-defined]


async def test_of_a_conversation_that_goes_ends() -> None:
    answer = streams.stream(deleted(), streams.sse)

    assert [piece async for piece in aiter(answer)] == [
        b": keep-alive\n\n",
        b"id: 1\ndata: {}\n\n",
    ]
