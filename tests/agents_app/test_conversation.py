"""The whole way: a message is sent, the worker runs its turn, the model is asked with what the database holds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from channels.db import database_sync_to_async
from django.utils import timezone

from agents_app.airline.models import Flight
from agents_app.runner import AgentRunner
from conversations import events, services
from conversations.models import Approval, Conversation, Item, ToolCall, Turn
from conversations.services.past import IMAGES_SEEN
from conversations.worker import run_worker
from tests.agents_app.conftest import Practice
from tests.conversations.conftest import _forget_jobs, ended

pytestmark = pytest.mark.django_db(transaction=True)

EXCHANGES = 20


@pytest_asyncio.fixture
async def worker(runner: AgentRunner, transactional_db: None) -> AsyncIterator[None]:
    """A worker in the test's own loop, whose assistant asks the practice provider."""
    await database_sync_to_async(_forget_jobs)()
    stop = asyncio.Event()
    running = asyncio.create_task(run_worker(stop))
    yield
    stop.set()
    await running


async def send(user: Any, text: str, conversation_id: str | None = None) -> Turn:
    """Send a message and return its turn when it has ended."""
    sent = await database_sync_to_async(services.send_message)(
        user=user, text=text, conversation_id=conversation_id
    )
    return await ended(sent.turn)


def question(number: int) -> str:
    return f"number {number}: show my trip" if number % 2 else f"question {number}"


def roles_and_texts(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return a request's history in one form for both APIs; tool calls as (call, name) and (output, text)."""
    return [entry for item in body.get("input") or body["messages"] for entry in read_item(item)]


def read_item(item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    match item:
        case {"type": "function_call", "name": name}:
            yield "call", name
        case {"type": "function_call_output", "output": output} | {"role": "tool", "content": output}:
            yield "output", json.dumps(output)
        case {"role": "assistant", "tool_calls": calls}:
            yield from (("call", call["function"]["name"]) for call in calls)
        case {"role": "user" | "assistant" as role, "content": content}:
            yield role, content if isinstance(content, str) else content[0]["text"]


async def test_twenty_exchanges_with_tools_arrive_complete_and_in_order(
    worker: None, practice: Practice, alice: Any
) -> None:
    first = await send(alice, question(0))
    turns = [first] + [
        await send(alice, question(number), first.conversation_id) for number in range(1, EXCHANGES)
    ]

    assert {turn.status for turn in turns} == {Turn.Status.COMPLETED}
    last = roles_and_texts((await practice.requests())[-1])
    expected = [role for number in range(EXCHANGES) for role in roles_of(number)]
    assert [role for role, _ in last] == expected[:-1]  # all but the answer itself
    assert [text for role, text in last if role == "user"] == [
        question(number) for number in range(EXCHANGES)
    ]
    assert all("LN 418" in text for role, text in last if role == "output")
    sequences = await database_sync_to_async(list)(
        Item.objects.filter(sequence__isnull=False).order_by("position").values_list("sequence", flat=True)
    )
    assert sequences == list(range(2 * EXCHANGES))


def roles_of(number: int) -> list[str]:
    return ["user", "call", "output", "assistant"] if number % 2 else ["user", "assistant"]


async def test_a_turn_that_failed_goes_on_with_its_stored_steps(
    worker: None, practice: Practice, alice: Any
) -> None:
    failed = await send(alice, "add a bag [practice: fault=500, step=2, times=4]")
    assert failed.status == Turn.Status.FAILED

    retried = await database_sync_to_async(services.retry_turn)(
        user=alice, conversation_id=failed.conversation_id, turn_id=failed.pk
    )

    turn = await ended(retried)
    assert turn.status == Turn.Status.COMPLETED
    assert await database_sync_to_async(ToolCall.objects.count)() == 1
    asked_first = [body for body in await practice.requests() if "call" not in dict(roles_and_texts(body))]
    assert len(asked_first) == 1


async def test_an_interrupted_answer_is_asked_for_again_when_nothing_was_shown(
    worker: None, practice: Practice, alice: Any
) -> None:
    turn = await send(alice, "hello [practice: fault=empty, times=1]")

    assert turn.status == Turn.Status.COMPLETED
    assert len(await practice.requests()) == 2


async def test_what_was_shown_before_a_fault_is_not_shown_again(
    worker: None, practice: Practice, alice: Any
) -> None:
    turn = await send(alice, "hello [practice: fault=malformed, after=3]")

    assert turn.status == Turn.Status.FAILED
    assert len(await practice.requests()) == 1
    assert json.dumps(turn.error).count("assistant_failed") == 1
    assert await database_sync_to_async(Conversation.objects.count)() == 1


async def test_a_card_comes_behind_its_step_live_and_stored(worker: None, alice: Any) -> None:
    turn = await send(alice, "Please find flights to Lisbon")

    stored = await database_sync_to_async(list)(Item.objects.filter(turn=turn).order_by("position"))
    logged = [json.loads(event.payload) for event in await log_of(turn)]
    assert [item.kind for item in stored] == ["user_message", "workflow", "widget", "assistant_message"]
    added = [event["item"]["id"] for event in logged if event["type"] == "thread.item.added"]
    assert added == [item.item_id for item in stored[1:]]
    done = [event["item"]["id"] for event in logged if event["type"] == "thread.item.done"]
    assert done == [item.item_id for item in stored]


async def test_a_change_tells_the_page_once(worker: None, alice: Any) -> None:
    turn = await send(alice, "change my seat to 14C on LN 418")

    logged = [json.loads(event.payload) for event in await log_of(turn)]
    [effect] = [event for event in logged if event["type"] == "client_effect"]
    assert effect["name"] == "customer_profile/update"
    assert effect["data"]["profile"]["segments"][0]["seat"] == "14C"


@database_sync_to_async  # type: ignore[untyped-decorator]
def log_of(turn: Turn) -> list[events.LoggedEvent]:
    return [event for event in events.read_after(turn.conversation_id, 0) if event.turn_id == turn.pk]


async def test_the_model_sees_a_picture_and_is_told_of_older_ones(
    worker: None, practice: Practice, alice: Any
) -> None:
    turn = None
    for number in range(IMAGES_SEEN + 1):
        attachment_id = await database_sync_to_async(_upload)(alice, f"photo{number}.png")
        sent = await database_sync_to_async(services.send_message)(
            user=alice,
            text=f"photo {number}",
            conversation_id=turn.conversation_id if turn else None,
            attachment_ids=[attachment_id],
        )
        turn = await ended(sent.turn)
        assert turn.status == Turn.Status.COMPLETED

    body = (await practice.requests())[-1]
    parts = [
        part
        for entry in body.get("input") or body["messages"]
        if entry.get("role") == "user"
        for part in entry["content"]
    ]
    images = [part["image_url"] for part in parts if part["type"] in ("input_image", "image_url")]
    assert len(images) == IMAGES_SEEN
    assert json.dumps(images[-1]).count("data:image/png;base64,") == 1
    assert [part["text"] for part in parts if "seen before" in part.get("text", "")] == [
        "[A picture that was seen before: photo0.png]"
    ]


def _upload(user: Any, name: str) -> str:
    announced = services.announce_attachment(
        user=user, name=name, size=9, media_type="image/png", door="http://testserver/chatkit"
    )
    services.store_upload(user=user, attachment_id=announced["id"], data=b"\x89PNG\r\n\x1a\n!")
    return str(announced["id"])


async def test_the_model_knows_what_day_it_is(worker: None, practice: Practice, alice: Any) -> None:
    before = timezone.now().date()
    await send(alice, "hello")

    body = json.dumps((await practice.requests())[-1])
    days = {before.isoformat(), timezone.now().date().isoformat()}
    assert any(f"{day}." in body for day in days)


async def test_a_trip_is_cancelled_after_the_customers_yes(worker: None, alice: Any) -> None:
    turn = await send(alice, "Please cancel my trip")
    assert turn.status == Turn.Status.WAITING_APPROVAL
    approval = await Approval.objects.aget(tool_call__turn=turn)
    assert "214\N{NO-BREAK SPACE}€ back" in approval.question["text"]
    assert await Flight.objects.filter(status=Flight.Status.CANCELLED).acount() == 0

    turn = await database_sync_to_async(services.decide_approval)(
        user=alice,
        conversation_id=turn.conversation_id,
        turn_id=turn.pk,
        approval_id=approval.pk,
        approve=True,
    )
    turn = await ended(turn)

    assert turn.status == Turn.Status.COMPLETED
    assert await Flight.objects.filter(status=Flight.Status.CANCELLED).acount() == 2
    logged = [json.loads(event.payload) for event in await log_of(turn)]
    assert [event["type"] for event in logged].count("client_effect") == 1


async def test_a_server_that_counts_its_calls_anew_in_each_answer_is_understood(
    worker: None, practice: Practice, alice: Any
) -> None:
    call = {"calls": [{"name": "show_my_trip", "call_id": "call_0"}]}
    await practice.script(call, call, {"text": "One."}, call, {"text": "Two."})
    first = await ended(await send(alice, "my trip"))

    second = await ended(await send(alice, "and again", first.conversation_id))

    assert (first.status, second.status) == (Turn.Status.COMPLETED, Turn.Status.COMPLETED)
    assert len(await practice.requests()) == 5
