"""A turn's life: sent, answered, stopped, failed, tried again."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from channels.db import database_sync_to_async

from conversations import errors, events, services
from conversations.models import Conversation, Event, Item, ToolCall, Turn
from conversations.responder import HistoryMessage, HistoryToolCall, Step, TurnRecorder, TurnRequest
from conversations.services.turns import MAX_ATTEMPTS
from tests.conversations.conftest import ended, first_event
from tests.conversations.scripted import held, say

pytestmark = pytest.mark.django_db(transaction=True)


async def messages(conversation_id: str) -> list[tuple[str, int, str]]:
    found = Item.objects.filter(conversation_id=conversation_id, role__isnull=False).order_by("position")
    rows: list[Any] = await database_sync_to_async(list)(found.values_list("role", "sequence", "text"))
    return rows


async def log(conversation_id: str) -> list[dict[str, Any]]:
    logged = await database_sync_to_async(events.read_after)(conversation_id, 0)
    assert [event.seq for event in logged] == list(range(1, len(logged) + 1))
    return [json.loads(event.payload) for event in logged]


async def test_a_message_is_answered_and_both_are_stored(worker: None, send: Any) -> None:
    sent = await send("Hello there")

    turn = await ended(sent.turn)

    assert turn.status == "completed"
    assert await messages(turn.conversation_id) == [
        ("user", 0, "Hello there"),
        ("assistant", 1, "You said: Hello there"),
    ]


async def test_the_log_tells_the_turn_from_its_start_to_its_end(worker: None, send: Any) -> None:
    sent = await send("Hello")
    await ended(sent.turn)

    logged = await log(sent.conversation_id)

    assert [event["type"] for event in logged] == [
        "thread.created",
        "thread.item.done",
        "stream_options",
        "thread.item.added",
        "thread.item.updated",
        "thread.item.updated",
        "thread.item.updated",
        "thread.item.done",
        "stream_options",
    ]
    assert logged[2] == events.TURN_STARTED
    assert logged[-1] == events.TURN_ENDED


async def test_turns_of_a_conversation_run_one_after_another_each_with_the_answers_before_it(
    worker: None, send: Any, responder: Any
) -> None:
    script, begun, go_on = held()
    responder.script = staticmethod(script)
    first = await send("one")
    await begun.wait()
    others = [await send(text, conversation_id=first.conversation_id) for text in ("two", "three")]

    go_on.set()
    for sent in [first, *others]:
        await ended(sent.turn)

    said = [[entry.text for entry in request.history] for request in responder.requests]
    assert said == [
        ["one"],
        ["one", "the answer", "two"],
        ["one", "the answer", "two", "the answer", "three"],
    ]
    assert [sequence for _, sequence, _ in await messages(first.conversation_id)] == list(range(6))


async def test_the_same_send_ten_times_at_once_is_one_turn(worker: None, send: Any) -> None:
    sent = await asyncio.gather(*(send("Book it", idempotency_key="k1") for _ in range(10)))

    assert len({each.turn.pk for each in sent}) == 1
    await ended(sent[0].turn)
    assert await database_sync_to_async(Turn.objects.count)() == 1
    assert await database_sync_to_async(Conversation.objects.count)() == 1


async def test_a_key_used_for_another_message_or_place_is_a_conflict(worker: None, send: Any) -> None:
    first = await send("one", idempotency_key="k1")
    other = await send("other")

    with pytest.raises(errors.Conflict):
        await send("two", idempotency_key="k1")
    with pytest.raises(errors.Conflict):
        await send("one", idempotency_key="k1", conversation_id=other.conversation_id)
    assert (await send("one", idempotency_key="k1", conversation_id=first.conversation_id)).replayed


async def test_stop_keeps_the_text_so_far_and_fences_the_run_off(
    worker: None, send: Any, responder: Any, alice: Any
) -> None:
    script, _begun, go_on = held("Half of ")
    responder.script = staticmethod(script)
    sent = await send("Tell me")
    await first_event(sent.turn, "Half of ")

    where = {"user": alice, "conversation_id": sent.conversation_id, "turn_id": sent.turn.pk}
    await database_sync_to_async(services.cancel_turn)(**where)
    go_on.set()
    turn = await ended(sent.turn)
    again = await database_sync_to_async(services.cancel_turn)(**where)

    assert turn.status == again.status == "cancelled"
    assert await messages(turn.conversation_id) == [("user", 0, "Tell me"), ("assistant", 1, "Half of ")]
    assert (await log(turn.conversation_id))[-1] == events.TURN_ENDED


async def test_stopping_a_turn_that_waits_leaves_the_running_one_alone(
    worker: None, send: Any, responder: Any, alice: Any
) -> None:
    script, begun, go_on = held()
    responder.script = staticmethod(script)
    first = await send("one")
    await begun.wait()
    second = await send("two", conversation_id=first.conversation_id)

    await database_sync_to_async(services.cancel_turn)(
        user=alice, conversation_id=first.conversation_id, turn_id=second.turn.pk
    )
    go_on.set()

    assert (await ended(first.turn)).status == "completed"
    assert (await ended(second.turn)).status == "cancelled"
    assert len(responder.requests) == 1


async def test_a_failed_turn_says_why_and_can_be_tried_again(
    worker: None, send: Any, responder: Any, alice: Any
) -> None:
    async def fail(request: TurnRequest, recorder: TurnRecorder) -> None:
        await recorder.text("Let me lo")
        raise errors.AssistantUnavailable(retry_after=7)

    responder.script = staticmethod(fail)
    sent = await send("Hello")
    failed = await ended(sent.turn)
    shown = await messages(sent.conversation_id)
    responder.script = staticmethod(lambda request, recorder: say(recorder, "Here I am"))
    retried = await database_sync_to_async(services.retry_turn)(
        user=alice, conversation_id=sent.conversation_id, turn_id=failed.pk
    )
    turn = await ended(retried)

    assert failed.status == "failed"
    assert failed.error == {
        "code": "assistant_unavailable",
        "detail": errors.AssistantUnavailable.default_detail,
        "retry_after": 7,
    }
    assert shown == [("user", 0, "Hello"), ("assistant", 1, "Let me lo")]
    assert turn.status == "completed"
    assert turn.error is None
    assert await messages(sent.conversation_id) == [("user", 0, "Hello"), ("assistant", 1, "Here I am")]


async def test_a_page_loaded_again_is_told_that_the_last_turn_failed(
    worker: None, send: Any, responder: Any
) -> None:
    async def fail(request: TurnRequest, recorder: TurnRecorder) -> None:
        raise errors.AssistantFailed

    first = await send("one")
    await ended(first.turn)
    responder.script = staticmethod(fail)
    second = await send("two", conversation_id=first.conversation_id)
    failed = await ended(second.turn)
    conversation = await database_sync_to_async(Conversation.objects.get)(pk=first.conversation_id)
    snapshot_seq = database_sync_to_async(services.snapshot_seq)

    assert await snapshot_seq(conversation) == conversation.last_seq
    assert await snapshot_seq(conversation, replay_failure=True) == failed.before_seq
    await database_sync_to_async(Event.objects.all().delete)()
    assert await snapshot_seq(conversation, replay_failure=True) == conversation.last_seq


async def test_a_retryable_failure_is_tried_again_before_anything_was_shown(
    worker: None, send: Any, responder: Any
) -> None:
    async def fail_once(request: TurnRequest, recorder: TurnRecorder) -> None:
        if len(responder.requests) == 1:
            raise errors.AssistantFailed(retryable=True)
        await say(recorder, "At last")

    responder.script = staticmethod(fail_once)
    sent = await send("Hello")

    assert (await ended(sent.turn)).status == "completed"
    assert len(responder.requests) == 2


async def test_a_turn_that_takes_too_long_fails_as_timed_out(
    worker: None, send: Any, responder: Any, settings: Any
) -> None:
    settings.CHAT_TURN_TIMEOUT_SECONDS = 1
    responder.script = staticmethod(held()[0])
    sent = await send("Hello")

    turn = await ended(sent.turn)

    assert turn.status == "failed"
    assert turn.error is not None
    assert turn.error["code"] == "assistant_timeout"


async def test_only_the_last_turn_can_be_tried_again(worker: None, send: Any, alice: Any) -> None:
    sent = await send("Hello")
    await ended(sent.turn)

    with pytest.raises(errors.Conflict):
        await database_sync_to_async(services.retry_turn)(
            user=alice, conversation_id=sent.conversation_id, turn_id=sent.turn.pk
        )


async def test_a_turn_is_not_tried_again_while_the_staff_handles_its_conversation(
    worker: None, send: Any, responder: Any, alice: Any, staff: Any
) -> None:
    script, begun, _go_on = held()
    responder.script = staticmethod(script)
    sent = await send("Hello")
    await begun.wait()
    await database_sync_to_async(services.take_over)(staff=staff, conversation_id=sent.conversation_id)
    assert (await ended(sent.turn)).status == "cancelled"

    with pytest.raises(errors.Conflict):
        await database_sync_to_async(services.retry_turn)(
            user=alice, conversation_id=sent.conversation_id, turn_id=sent.turn.pk
        )


async def test_answering_an_earlier_message_anew_drops_what_followed(
    worker: None, send: Any, responder: Any, alice: Any
) -> None:
    first = await send("one")
    await ended(first.turn)
    second = await send("two", conversation_id=first.conversation_id)
    await ended(second.turn)
    item = await database_sync_to_async(Item.objects.get)(turn=first.turn, role="user")

    turn = await database_sync_to_async(services.retry_after_item)(
        user=alice, conversation_id=first.conversation_id, item_id=item.item_id
    )
    await ended(turn)

    assert await messages(first.conversation_id) == [("user", 0, "one"), ("assistant", 1, "You said: one")]
    removed = [event for event in await log(first.conversation_id) if event["type"] == "thread.item.removed"]
    assert len(removed) == 3
    assert [entry.text for entry in responder.requests[-1].history] == ["one"]


async def test_a_conversation_with_the_staff_gets_no_reply_until_it_is_handed_back(
    worker: None, send: Any, responder: Any, staff: Any
) -> None:
    first = await send("one")
    await ended(first.turn)
    where = {"staff": staff, "conversation_id": first.conversation_id}
    await database_sync_to_async(services.take_over)(**where)
    second = await send("two", conversation_id=first.conversation_id)
    await database_sync_to_async(services.hand_back)(**where)
    third = await send("three", conversation_id=first.conversation_id)
    await ended(third.turn)

    assert second.turn.status == "with_staff"
    assert [entry.text for entry in responder.requests[-1].history] == [
        "one",
        "You said: one",
        "two",
        "three",
    ]
    assert len(responder.requests) == 2


async def test_taking_over_stops_the_running_turn(
    worker: None, send: Any, responder: Any, staff: Any
) -> None:
    script, _begun, _go_on = held()
    responder.script = staticmethod(script)
    first = await send("one")
    await first_event(first.turn, "Half of ")
    second = await send("two", conversation_id=first.conversation_id)

    await database_sync_to_async(services.take_over)(staff=staff, conversation_id=first.conversation_id)

    assert (await ended(first.turn)).status == "cancelled"
    assert (await ended(second.turn)).status == "with_staff"


@pytest.mark.parametrize("status", ["closed", "locked"])
async def test_a_closed_or_locked_conversation_takes_no_message(
    worker: None, send: Any, staff: Any, status: str
) -> None:
    first = await send("one")
    await ended(first.turn)
    await database_sync_to_async(services.set_status)(
        staff=staff, conversation_id=first.conversation_id, status=status
    )

    with pytest.raises(errors.ConversationClosed):
        await send("two", conversation_id=first.conversation_id)


async def test_deleting_a_conversation_ends_its_run(
    worker: None, send: Any, responder: Any, alice: Any
) -> None:
    stopped = asyncio.Event()

    async def wait_for_ever(request: TurnRequest, recorder: TurnRecorder) -> None:
        await recorder.text("Well")
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    responder.script = staticmethod(wait_for_ever)
    sent = await send("Hello")
    await first_event(sent.turn, "Well")

    await database_sync_to_async(services.delete_conversation)(
        user=alice, conversation_id=sent.conversation_id
    )

    async with asyncio.timeout(10):
        await stopped.wait()
    assert await database_sync_to_async(Turn.objects.count)() == 0


async def test_a_dead_attempts_text_is_withdrawn_and_its_tools_do_not_run_again(
    worker: None, send: Any, responder: Any, alice: Any
) -> None:
    effects: list[str] = []

    def book() -> str:
        effects.append("booked")
        return "Booked 14C"

    async def run(request: TurnRequest, recorder: TurnRecorder) -> None:
        if not request.steps:
            await recorder.text("Let me see.")
            await recorder.step(Step(response={"n": 1}, text="Let me see.", final=False, calls=("call_1",)))
        await recorder.tool_started("call_1", "book", "Booking your seat")
        call = await database_sync_to_async(services.run_tool_once)(
            turn_id=request.turn_id,
            epoch=request.epoch,
            call_id="call_1",
            tool="book",
            arguments={"seat": "14C"},
            effect=book,
        )
        await recorder.tool_finished("call_1", "book", "Booked your seat")
        await recorder.text("You now have ")
        if request.attempt == 1:
            await first_event(sent.turn, "You now have ")
            raise ZeroDivisionError  # a bug of ours: the job goes back to the queue
        await say(recorder, call.result or "")

    responder.script = staticmethod(run)
    sent = await send("14C please")
    turn = await ended(sent.turn)

    assert (turn.status, turn.attempt, effects) == ("completed", 2, ["booked"])
    kinds = await database_sync_to_async(list)(
        Item.objects.filter(turn=turn).order_by("position").values_list("kind", "text")
    )
    assert kinds == [
        ("user_message", "14C please"),
        ("assistant_message", "Let me see."),
        ("workflow", ""),
        ("assistant_message", "Booked 14C"),
    ]
    steps = await Item.objects.aget(turn=turn, kind="workflow")
    assert re.fullmatch(r"\d+\.\d+ s", steps.payload["workflow"]["tasks"][0]["content"])
    drafts: set[str] = set()
    for event in await log(turn.conversation_id):
        if event["type"] == "thread.item.added":
            drafts.add(event["item"]["id"])
        elif event["type"] in ("thread.item.done", "thread.item.removed"):
            drafts.discard(event.get("item_id") or event["item"]["id"])
    assert not drafts


async def test_a_turn_that_keeps_failing_ends_as_failed(
    worker: None, send: Any, responder: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def crash(request: TurnRequest, recorder: TurnRecorder) -> None:
        # All its attempts are used up: each one more would wait a second in the queue.
        await database_sync_to_async(Turn.objects.filter(pk=request.turn_id).update)(attempt=MAX_ATTEMPTS)
        raise ZeroDivisionError

    responder.script = staticmethod(crash)
    sent = await send("Hello")

    turn = await ended(sent.turn)

    assert turn.status == "failed"
    assert turn.error is not None
    assert turn.error["code"] == "assistant_failed"
    [told] = [line for line in caplog.records if "broke off" in line.getMessage()]
    assert told.exc_info is not None
    assert told.exc_info[0] is ZeroDivisionError


async def test_the_history_holds_the_tool_calls_of_earlier_turns(
    worker: None, send: Any, responder: Any
) -> None:
    first = await send("one")
    turn = await ended(first.turn)
    await database_sync_to_async(ToolCall.objects.create)(
        turn=turn, call_id="c1", position=0, tool="show", arguments={}, result="14A"
    )
    second = await send("two", conversation_id=first.conversation_id)
    await ended(second.turn)

    history = responder.requests[-1].history

    assert [type(entry) for entry in history].count(HistoryToolCall) == 1
    assert isinstance(history[-1], HistoryMessage)
    assert history[-1].text == "two"


async def test_what_a_customer_quotes_reaches_the_assistant(worker: None, send: Any, responder: Any) -> None:
    sent = await send("What does this mean?", extra={"quoted_text": "Light Plus\nno refund"})

    await ended(sent.turn)

    assert responder.requests[0].history[0].text == "> Light Plus\n> no refund\n\nWhat does this mean?"


async def test_spoilt_text_from_a_model_is_cleaned(worker: None, send: Any, responder: Any) -> None:
    responder.script = staticmethod(lambda request, recorder: say(recorder, "a\x00b\ud800c"))
    sent = await send("Hello")

    await ended(sent.turn)

    assert (await messages(sent.conversation_id))[1][2] == "a\ufffdb\ufffdc"


async def test_strangers_can_do_nothing_with_a_conversation(worker: None, send: Any, mallory: Any) -> None:
    sent = await send("Hello")
    turn = await ended(sent.turn)
    where = {"user": mallory, "conversation_id": turn.conversation_id}

    for call in (
        lambda: services.get_conversation(user=mallory, id=turn.conversation_id),
        lambda: services.send_message(text="Hi", **where),
        lambda: services.rename_conversation(title="Mine", **where),
        lambda: services.delete_conversation(**where),
        lambda: services.cancel_turn(turn_id=turn.pk, **where),
        lambda: services.retry_turn(turn_id=turn.pk, **where),
        lambda: services.give_feedback(item_ids=["x"], kind="positive", **where),
    ):
        with pytest.raises(errors.NotFound):
            await database_sync_to_async(call)()
