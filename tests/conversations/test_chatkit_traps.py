"""What others met with ChatKit: the traps that concern the server. The numbers are CHATKIT.md's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from typing import Any

import pytest
from channels.db import database_sync_to_async
from chatkit.types import (
    AssistantMessageItem,
    HiddenContextItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadStreamEvent,
)

from conversations import events, services
from conversations.models import Conversation, Item, Turn
from conversations.responder import TurnRecorder, TurnRequest
from conversations.server import Caller, ConversationServer, Streamed
from tests.conversations.chatkit_client import ChatKitClient, message, read_event, wait_for
from tests.conversations.conftest import ended
from tests.conversations.scripted import held, say

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chatkit(alice: Any) -> ChatKitClient:
    return ChatKitClient(alice)


async def list_items(chatkit: ChatKitClient, thread_id: str, **params: Any) -> list[dict[str, Any]]:
    answer = await chatkit.request("items.list", {"thread_id": thread_id, "order": "asc", **params})
    items: list[dict[str, Any]] = answer.json["data"]
    return items


# 1. Reload looks like Stop.


async def test_a_client_that_goes_away_stops_nothing(
    worker: None, chatkit: ChatKitClient, responder: Any
) -> None:
    script, _, go_on = held("Half of ")
    responder.script = staticmethod(script)
    answer, stream = await chatkit.open("threads.create", {"input": message()})
    seen = await wait_for(stream, "text_delta")

    go_on.set()
    turn = await ended(await database_sync_to_async(Turn.objects.get)(pk=answer.headers["X-Chat-Turn"]))

    items = await list_items(chatkit, answer.thread_id)
    stored = await database_sync_to_async(list)(Item.objects.in_order().values_list("kind", flat=True))
    assert turn.status == "completed"
    assert [item["content"][0]["text"] for item in items] == ["Hello", "the answer"]
    assert items[1]["id"] == seen[-1]["item_id"]
    assert stored == ["user_message", "assistant_message"]  # no “the user cancelled the stream”


# 3. Every reply has the same id.


async def test_each_reply_has_an_id_of_its_own_from_its_first_event_on(
    worker: None, chatkit: ChatKitClient
) -> None:
    first = await chatkit.create("one")
    second = await chatkit.add(first.thread_id, "two")

    ids = set()
    for answer in (first, second):
        named = {event["item_id"] for event in answer.events if event["type"] == "thread.item.updated"}
        named |= {event["item"]["id"] for event in answer.events if event["type"] == "thread.item.added"}
        assert named == {item["id"] for item in answer.items("assistant_message")}
        ids |= named
    assert len(ids) == 2


# 4. A second `done` for one id.


async def test_a_second_done_changes_the_item_where_it_stands(
    worker: None, chatkit: ChatKitClient, alice: Any
) -> None:
    first = await chatkit.create("one")
    await chatkit.add(first.thread_id, "two")
    before = await list_items(chatkit, first.thread_id)
    server, caller = ConversationServer(), Caller(alice)
    reply = await server.store.load_item(first.thread_id, before[1]["id"], caller)
    assert isinstance(reply, AssistantMessageItem)

    reply.content[0].text = "Corrected"
    await server.store.add_thread_item(first.thread_id, reply, caller)

    after = await list_items(chatkit, first.thread_id)
    assert [item["id"] for item in after] == [item["id"] for item in before]
    assert after[1]["content"][0]["text"] == "Corrected"


# 5. Hidden context leaks.


def hidden(item_id: str, thread_id: str) -> HiddenContextItem:
    return HiddenContextItem(id=item_id, thread_id=thread_id, created_at=datetime.now(), content="SECRET")


class Whispering(ConversationServer):
    """A server whose action tells the assistant something that no client may see."""

    async def action(
        self, thread: Any, action: Any, sender: Any, context: Any
    ) -> AsyncIterator[ThreadStreamEvent]:
        yield ThreadItemAddedEvent(item=hidden("h1", thread.id))
        yield ThreadItemDoneEvent(item=hidden("h1", thread.id))
        yield ThreadItemReplacedEvent(item=hidden("h1", thread.id))


async def test_hidden_context_is_in_no_event_of_an_action(make_conversation: Any, alice: Any) -> None:
    conversation = await database_sync_to_async(make_conversation)()
    params = {"thread_id": conversation.pk, "action": {"type": "whisper", "payload": {}}}

    result = await Whispering().process(
        json.dumps({"type": "threads.custom_action", "params": params}), Caller(alice)
    )

    assert isinstance(result, Streamed)
    seen = [read_event(chunk) async for chunk in result.json_events]
    assert [event["type"] for event in seen] == ["stream_options"]
    assert await database_sync_to_async(events.read_after)(conversation.pk, 0) == []


async def test_hidden_context_is_in_no_page(
    chatkit: ChatKitClient, make_conversation: Any, alice: Any
) -> None:
    conversation = await database_sync_to_async(make_conversation)()
    store = ConversationServer().store
    await store.add_thread_item(conversation.pk, hidden("h1", conversation.pk), Caller(alice))

    pages = [
        await chatkit.request("items.list", {"thread_id": conversation.pk}),
        await chatkit.request("threads.get_by_id", {"thread_id": conversation.pk}),
        await chatkit.request("threads.list"),
    ]

    assert [page.status for page in pages] == [200, 200, 200]
    assert "SECRET" not in "".join(page.body.decode() for page in pages)


@pytest.mark.parametrize("kind", ["thread.item.added", "thread.item.done", "thread.item.replaced"])
async def test_hidden_context_that_got_into_the_log_does_not_get_out(
    worker: None, chatkit: ChatKitClient, responder: Any, kind: str
) -> None:
    def whisper(request: TurnRequest) -> None:
        item = hidden("h1", request.conversation_id).model_dump(mode="json")
        events.append(request.conversation_id, request.turn_id, [{"type": kind, "item": item}])

    async def script(request: TurnRequest, recorder: TurnRecorder) -> None:
        await database_sync_to_async(whisper)(request)
        await say(recorder, "This is no hidden_context_item")

    responder.script = staticmethod(script)

    answer = await chatkit.create()

    text = b"".join(answer.chunks).decode()
    assert "SECRET" not in text
    assert "This is no hidden_context_item" in text


# 6. Order by sequence, not by time.


async def test_items_of_one_moment_are_each_on_one_page(
    chatkit: ChatKitClient, make_conversation: Any
) -> None:
    def make() -> Conversation:
        conversation: Conversation = make_conversation()
        for position in range(5):
            payload = {"type": "end_of_turn", "id": f"i{9 - position}", "thread_id": conversation.pk}
            Item.objects.create(
                conversation=conversation,
                item_id=payload["id"],
                position=position,
                kind="end_of_turn",
                payload={**payload, "created_at": "2026-01-01T00:00:00+00:00"},
            )
        return conversation

    conversation = await database_sync_to_async(make)()

    seen: list[str] = []
    while len(seen) < 5:
        page = await list_items(chatkit, conversation.pk, limit=2, **({"after": seen[-1]} if seen else {}))
        seen += [item["id"] for item in page]
    assert seen == ["i9", "i8", "i7", "i6", "i5"]


# 7. and metadata: what a thread is made from.


async def test_a_thread_in_an_event_has_no_items_and_no_metadata(
    worker: None, chatkit: ChatKitClient, make_conversation: Any
) -> None:
    conversation = await database_sync_to_async(make_conversation)(thread={"metadata": {"secret": 1}})

    added = await chatkit.add(conversation.pk, "Name me")
    read = await chatkit.request("threads.get_by_id", {"thread_id": conversation.pk})

    updated = next(event for event in added.events if event["type"] == "thread.updated")
    assert updated["thread"]["items"] == {"data": [], "has_more": False}
    assert "secret" not in b"".join(added.chunks).decode() + read.body.decode()


# 8. Bad input comes as exceptions: in test_chatkit.py. What fails once the stream has begun is an event:


async def test_a_log_that_is_lost_in_the_middle_ends_the_stream_with_an_error(
    worker: None, chatkit: ChatKitClient, responder: Any, alice: Any
) -> None:
    script, begun, go_on = held()
    responder.script = staticmethod(script)
    answer, stream = await chatkit.open("threads.create", {"input": message()})
    async with aclosing(stream):
        assert read_event(await anext(stream))["type"] == "thread.created"

        await begun.wait()
        await database_sync_to_async(services.delete_conversation)(
            user=alice, conversation_id=answer.thread_id
        )

        *_, last = [read_event(chunk) async for chunk in stream]
    go_on.set()
    assert (last["type"], last["code"], last["allow_retry"]) == ("error", "custom", False)
