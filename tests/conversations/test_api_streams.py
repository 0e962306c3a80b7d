"""A stream in which nothing happens."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator

import pytest

from chatsite.accounts.models import User
from conversations import errors, events, streams
from conversations.events import LoggedEvent
from conversations.models import Conversation


async def deleted() -> AsyncGenerator[list[LoggedEvent], None]:
    yield [LoggedEvent(1, None, "{}"), LoggedEvent(2, None, "{}")]
    raise errors.NotFound


@pytest.mark.django_db(transaction=True)
async def test_is_kept_alive_by_comments_from_its_start(alice: User) -> None:
    conversation = await Conversation.objects.acreate(user=alice)
    answer = streams.stream(events.follow(conversation.pk, 0, idle=0.01), streams.sse)
    pieces = aiter(answer)

    assert [await anext(pieces) for _ in range(3)] == [b": keep-alive\n\n"] * 3
    await pieces.aclose()  # type: ignore[attr-defined]


async def test_of_a_conversation_that_goes_ends() -> None:
    answer = streams.stream(deleted(), streams.sse)

    assert [piece async for piece in aiter(answer)] == [
        b": keep-alive\n\n",
        b"id: 1\ndata: {}\n\nid: 2\ndata: {}\n\n",
    ]


def test_of_chatkit_has_one_line_for_each_event_too() -> None:
    said = {"text": "one\u2028two\x85three"}

    chunk = streams.chatkit_sse(LoggedEvent(1, None, events.dump(said)))

    [line, _] = chunk.splitlines()
    assert json.loads(line.removeprefix("data: ")) == said
