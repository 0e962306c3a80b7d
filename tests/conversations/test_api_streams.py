"""A stream in which nothing happens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator

import pytest
from channels.testing import WebsocketCommunicator

from chatsite.accounts.models import User
from conversations import consumers, errors, events, streams
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


@pytest.mark.django_db(transaction=True)
async def test_ends_after_a_while_for_its_reader_to_come_back(alice: User) -> None:
    conversation = await Conversation.objects.acreate(user=alice)
    following = events.follow(conversation.pk, 0, idle=0.01)
    answer = streams.stream(following, streams.sse, seconds=0.1)

    async with asyncio.timeout(20):
        assert {piece async for piece in aiter(answer)} == {b": keep-alive\n\n"}


@pytest.mark.django_db(transaction=True)
async def test_a_socket_of_a_session_is_sent_back_after_a_while(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await Conversation.objects.acreate(user=alice)
    monkeypatch.setattr(consumers, "READING_SECONDS", 0.1)
    socket = WebsocketCommunicator(consumers.ConversationConsumer.as_asgi(), "/")
    route = {"kwargs": {"conversation_id": conversation.pk}}
    socket.scope |= {"user": alice, "token_expires_at": None, "url_route": route}

    assert (await socket.connect(timeout=20))[0]
    assert (await socket.receive_output(timeout=20))["code"] == consumers.RESTART


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
