"""A stock ChatKitServer on ConversationStore: it works, and the rest of the site sees what it does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from channels.db import database_sync_to_async
from chatkit.server import ChatKitServer, NonStreamingResult, StreamingResult
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    HiddenContextItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    WidgetItem,
)
from chatkit.widgets import Card, Text

from conversations import events
from conversations.models import Conversation, Item
from conversations.store import ConversationStore
from tests.conversations.chatkit_client import ChatKitClient, message, read_event

pytestmark = pytest.mark.django_db(transaction=True)


class Echo(ChatKitServer[dict[str, str]]):
    """What a team may have written for ChatKit before."""

    def __init__(self) -> None:
        super().__init__(ConversationStore())

    async def respond(
        self, thread: ThreadMetadata, said: Any, context: Any
    ) -> AsyncIterator[ThreadStreamEvent]:
        reply = AssistantMessageItem(
            id=self.store.generate_item_id("message", thread, context),
            thread_id=thread.id,
            created_at=datetime.now(),
            content=[AssistantMessageContent(text="You said: ")],
        )
        yield ThreadItemAddedEvent(item=reply)
        update = AssistantMessageContentPartTextDelta(content_index=0, delta=said.content[0].text)
        yield ThreadItemUpdatedEvent(item_id=reply.id, update=update)
        reply.content[0].text += said.content[0].text
        yield ThreadItemDoneEvent(item=reply)
        yield ThreadItemDoneEvent(item=reply)
        yield ThreadItemDoneEvent(
            item=HiddenContextItem(
                id="note", thread_id=thread.id, created_at=datetime.now(), content="SECRET"
            )
        )
        yield ThreadItemDoneEvent(item=widget(thread.id, "Book"))
        thread.title, thread.metadata["turns"] = "Echoes", 1

    async def action(
        self, thread: ThreadMetadata, action: Any, sender: Any, context: Any
    ) -> AsyncIterator[ThreadStreamEvent]:
        yield ThreadItemReplacedEvent(item=widget(thread.id, "Booked"))


def widget(thread_id: str, text: str) -> WidgetItem:
    card = Card(children=[Text(value=text)])
    return WidgetItem(id="w1", thread_id=thread_id, created_at=datetime.now(), widget=card)


async def ask(kind: str, user_id: str, **params: Any) -> Any:
    """Return the events of a stream, or the JSON."""
    result = await Echo().process(json.dumps({"type": kind, "params": params}), {"user_id": user_id})
    if isinstance(result, StreamingResult):
        return [read_event(chunk) async for chunk in result]
    assert isinstance(result, NonStreamingResult)
    return json.loads(result.json)


async def test_a_stock_server_answers_and_its_thread_is_read_again(db: None) -> None:
    events = await ask("threads.create", "ann", input=message("Hello"))

    thread_id = events[0]["thread"]["id"]
    thread = await ask("threads.get_by_id", "ann", thread_id=thread_id)

    assert thread["title"] == "Echoes"
    assert [item["type"] for item in thread["items"]["data"]] == [
        "user_message",
        "assistant_message",
        "widget",
    ]
    assert thread["items"]["data"][1]["content"][0]["text"] == "You said: Hello"
    assert "SECRET" not in json.dumps([events, thread])


async def test_what_a_stock_server_says_are_messages_of_the_conversation() -> None:
    streamed = await ask("threads.create", "ann", input=message("one"))
    thread_id = streamed[0]["thread"]["id"]
    await ask("threads.add_user_message", "ann", thread_id=thread_id, input=message("two"))

    rows = Item.objects.messages().order_by("sequence").values_list("role", "sequence", "text")
    conversation = await database_sync_to_async(Conversation.objects.get)(pk=thread_id)

    assert await database_sync_to_async(list)(rows) == [
        ("user", 0, "one"),
        ("assistant", 1, "You said: one"),
        ("user", 2, "two"),
        ("assistant", 3, "You said: two"),
    ]
    assert conversation.message_count == 4


async def test_other_pages_see_what_a_stock_server_does() -> None:
    streamed = await ask("threads.create", "ann", input=message())
    thread_id = streamed[0]["thread"]["id"]

    logged = await database_sync_to_async(events.read_after)(thread_id, 0)

    types = [json.loads(event.payload)["type"] for event in logged]
    assert types[:3] == ["thread.created", "thread.item.done", "thread.item.done"]
    assert types[-1] == "thread.updated"
    assert "SECRET" not in "".join(event.payload for event in logged)


# Trap 9: updates aren't stored, so what an action changed must be `replaced`.


async def test_a_widget_that_an_action_replaced_stays_so_and_where_it_was() -> None:
    streamed = await ask("threads.create", "ann", input=message())
    thread_id = streamed[0]["thread"]["id"]
    before = await ask("items.list", "ann", thread_id=thread_id, order="asc")

    acted = await ask(
        "threads.custom_action", "ann", thread_id=thread_id, item_id="w1", action={"type": "book"}
    )

    after = await ask("items.list", "ann", thread_id=thread_id, order="asc")
    assert acted[-1]["item"]["widget"]["children"][0]["value"] == "Booked"
    assert after["data"][2]["widget"]["children"][0]["value"] == "Booked"
    assert [item["id"] for item in after["data"]] == [item["id"] for item in before["data"]]


async def test_a_conversation_goes_on_from_one_server_to_the_other(
    worker: None, alice: Any, responder: Any
) -> None:
    streamed = await ask("threads.create", alice.pk, input=message("one"))
    thread_id = streamed[0]["thread"]["id"]

    answer = await ChatKitClient(alice).add(thread_id, "two")

    assert [entry.text for entry in responder.requests[0].history] == ["one", "You said: one", "two"]
    assert answer.items("assistant_message")[0]["content"][0]["text"] == "You said: two"
    page = await ask("items.list", alice.pk, thread_id=thread_id, order="asc")
    assert [item["type"] for item in page["data"]] == [
        "user_message",
        "assistant_message",
        "widget",
        "user_message",
        "assistant_message",
    ]


async def test_a_stock_server_retries_and_deletes(db: None) -> None:
    streamed = await ask("threads.create", "ann", input=message())
    thread_id, question = streamed[0]["thread"]["id"], streamed[1]["item"]["id"]

    await ask("threads.retry_after_item", "ann", thread_id=thread_id, item_id=question)
    page = await ask("items.list", "ann", thread_id=thread_id, order="asc")
    assert [item["type"] for item in page["data"]] == ["user_message", "assistant_message", "widget"]
    await ask("threads.delete", "ann", thread_id=thread_id)
    assert not await database_sync_to_async(Conversation.objects.exists)()
