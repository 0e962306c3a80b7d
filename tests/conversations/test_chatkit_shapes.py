"""Every event that we make is one that openai-chatkit knows, field by field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from channels.db import database_sync_to_async
from chatkit.types import ThreadItem, ThreadStreamEvent
from pydantic import TypeAdapter

from conversations import errors, services
from conversations.models import Event, Item
from conversations.responder import Step, TurnRecorder, TurnRequest
from tests.conversations.conftest import ended, first_event
from tests.conversations.scripted import held, say

pytestmark = pytest.mark.django_db(transaction=True)

EVENTS: TypeAdapter[ThreadStreamEvent] = TypeAdapter(ThreadStreamEvent)
ITEMS: TypeAdapter[ThreadItem] = TypeAdapter(ThreadItem)


def check(known: TypeAdapter[Any], payload: dict[str, Any]) -> None:
    """Read a payload as the SDK does, write it as the SDK does, and find it unchanged."""
    model = known.validate_json(json.dumps(payload))
    assert known.dump_python(model, mode="json", exclude_unset=True) == payload


async def check_all() -> list[str]:
    """Check every event and every item that is stored; return the types of the events."""
    logged = await database_sync_to_async(list)(
        Event.objects.order_by("conversation_id", "seq").values_list("payload")
    )
    stored = await database_sync_to_async(list)(Item.objects.values_list("payload"))
    assert logged
    for (payload,) in logged:
        check(EVENTS, payload)
    for (payload,) in stored:
        check(ITEMS, payload)
    return [payload["type"] for (payload,) in logged]


async def test_a_reply_with_tools(worker: None, send: Any, responder: Any) -> None:
    async def script(request: TurnRequest, recorder: TurnRecorder) -> None:
        await recorder.text("Let me look. ")
        await recorder.step(Step(response={}, text="Let me look. ", final=False, calls=("c1", "c2")))
        await recorder.tool_started("c1", "show_my_trip", "Looking up your trip")
        await recorder.tool_started("c2", "change_seat", "Changing your seat")
        await recorder.tool_finished("c1", "show_my_trip", "Looked up your trip")
        await recorder.tool_finished("c2", "change_seat", "Could not change your seat", failed=True)
        await say(recorder, "Here it is: **14A**")

    responder.script = staticmethod(script)
    sent = await send("Show my trip")
    await ended(sent.turn)

    types = await check_all()

    assert {"thread.created", "thread.item.added", "thread.item.updated", "thread.item.done"} <= set(types)
    assert await database_sync_to_async(Item.objects.filter(kind="workflow").count)() == 1


async def test_a_reply_that_fails_and_is_tried_again(worker: None, send: Any, responder: Any) -> None:
    async def fail(request: TurnRequest, recorder: TurnRecorder) -> None:
        await recorder.tool_started("c1", "show_my_trip", "Looking up your trip")
        await recorder.text("The beginning")
        raise errors.AssistantFailed

    async def answer(request: TurnRequest, recorder: TurnRecorder) -> None:
        await say(recorder, "Done")

    responder.script = staticmethod(fail)
    sent = await send("Hello")
    turn = await ended(sent.turn)
    responder.script = staticmethod(answer)
    again = await database_sync_to_async(services.retry_turn)(
        user=sent.turn.user, conversation_id=turn.conversation_id, turn_id=turn.pk
    )
    await ended(again)

    types = await check_all()

    assert {"error", "thread.item.removed"} <= set(types)


async def test_a_reply_that_is_stopped_and_a_message_answered_anew(
    worker: None, send: Any, responder: Any
) -> None:
    script, begun, _ = held()
    responder.script = staticmethod(script)
    sent = await send("Hello")
    await begun.wait()
    await first_event(sent.turn, "text_delta")
    await database_sync_to_async(services.cancel_turn)(
        user=sent.turn.user, conversation_id=sent.conversation_id, turn_id=sent.turn.pk
    )
    question = await database_sync_to_async(Item.objects.get)(role="user")
    again = await database_sync_to_async(services.retry_after_item)(
        user=sent.turn.user, conversation_id=sent.conversation_id, item_id=question.item_id
    )
    await database_sync_to_async(services.cancel_turn)(
        user=sent.turn.user, conversation_id=sent.conversation_id, turn_id=again.pk
    )

    types = await check_all()

    assert "thread.item.removed" in types


async def test_a_conversation_that_is_renamed_taken_over_answered_by_a_person_and_closed(
    send: Any, alice: Any, staff: Any
) -> None:
    sent = await send("Hello")
    place = {"conversation_id": sent.conversation_id}
    await database_sync_to_async(services.rename_conversation)(user=alice, title="Seats", **place)
    await database_sync_to_async(services.take_over)(staff=staff, **place)
    await database_sync_to_async(services.reply_as_staff)(staff=staff, text="A person here.", **place)
    await database_sync_to_async(services.hand_back)(staff=staff, **place)
    await database_sync_to_async(services.set_status)(staff=staff, status="closed", reason="Solved", **place)

    types = await check_all()

    assert types.count("thread.updated") >= 2
