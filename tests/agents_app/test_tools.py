"""Tools run once, as the user of the turn, whatever the model says and however often the turn is tried."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from channels.db import database_sync_to_async

from agents_app.airline.models import FlightSearch, Profile
from agents_app.runner import AgentRunner
from conversations import services
from conversations.errors import AssistantFailed, Fenced
from conversations.models import Conversation, ToolCall
from conversations.responder import Step, TurnRequest
from tests.agents_app.collector import Collector
from tests.agents_app.conftest import Practice

pytestmark = pytest.mark.django_db(transaction=True)


@database_sync_to_async  # type: ignore[untyped-decorator]
def claim(user: Any, text: str) -> TurnRequest:
    """Send a message and take its turn, as the job does."""
    turn = services.send_message(user=user, text=text).turn
    request = services.claim_turn(conversation_id=turn.conversation_id, job_id=1, resume=False)
    assert request is not None
    return request


@database_sync_to_async  # type: ignore[untyped-decorator]
def calls_of(request: TurnRequest) -> list[tuple[str, dict[str, Any], str, str]]:
    calls = ToolCall.objects.filter(turn=request.turn_id).order_by("pk")
    return [(call.tool, call.arguments, call.status, call.result or "") for call in calls]


@database_sync_to_async  # type: ignore[untyped-decorator]
def profile_of(user: Any) -> Profile:
    return Profile.objects.prefetch_related("flights").get(user=user)


def again(request: TurnRequest, steps: list[Step]) -> TurnRequest:
    """Return the request of a later attempt, as another process would get it."""
    stored = json.loads(json.dumps([step.response for step in steps]))
    known = {
        name: getattr(request, name) for name in ("conversation_id", "turn_id", "user_id", "epoch", "history")
    }
    return TurnRequest(**known, attempt=request.attempt + 1, steps=stored)


async def test_a_tool_runs_between_two_steps(runner: AgentRunner, practice: Practice, alice: Any) -> None:
    request, collector = await claim(alice, "show my trip"), Collector()

    await runner.respond(request, collector)

    assert collector.told == [
        ("step", False),
        ("started", "show_my_trip", "Looking up your trip"),
        ("finished", "show_my_trip", "Looked up your trip", False),
        ("step", True),
    ]
    assert "LN 418" in collector.steps[1].text
    assert "seat **14A**" in collector.text_shown
    assert [(tool, status) for tool, _, status, _ in await calls_of(request)] == [
        ("show_my_trip", "completed")
    ]


async def test_the_call_id_is_the_models_own(runner: AgentRunner, alice: Any) -> None:
    request, collector = await claim(alice, "show my trip"), Collector()

    await runner.respond(request, collector)

    call = await database_sync_to_async(ToolCall.objects.get)(turn=request.turn_id)
    assert collector.steps[0].calls == (call.call_id,)


async def test_a_seat_is_changed(runner: AgentRunner, alice: Any) -> None:
    request, collector = await claim(alice, "change my seat to 14c on ln 418"), Collector()

    await runner.respond(request, collector)

    profile = await profile_of(alice)
    assert {flight.number: flight.seat for flight in profile.flights.all()} == {
        "LN 418": "14C",
        "LN 421": "11C",
    }
    assert "14C" in collector.steps[1].text


async def test_a_refusal_is_told_to_the_model_and_shown(runner: AgentRunner, alice: Any) -> None:
    request, collector = await claim(alice, "change my seat to 14B on LN 418"), Collector()

    await runner.respond(request, collector)

    assert ("finished", "change_seat", "Couldn’t change your seat", True) in collector.told
    assert "taken" in collector.steps[1].text
    assert [call[2] for call in await calls_of(request)] == ["failed"]


async def test_arguments_that_dont_fit_are_told_to_the_model(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    await practice.script({"calls": [{"name": "change_seat", "arguments": {"row": 14}}]})
    request, collector = await claim(alice, "sit me somewhere else"), Collector()

    await runner.respond(request, collector)

    assert collector.steps[1].final
    assert "flight_number" in json.dumps((await practice.requests())[1])
    assert await calls_of(request) == []


@pytest.mark.parametrize("meal", [r"vegan\u0000 or", r"vegan\ud800 or"], ids=["NUL", "half a character"])
async def test_arguments_lose_what_no_database_keeps(
    runner: AgentRunner, practice: Practice, alice: Any, meal: str
) -> None:
    raw = f'{{"meal": "{meal} fish"}}'
    await practice.script({"calls": [{"name": "set_meal", "arguments": raw}]})
    request, collector = await claim(alice, "a meal"), Collector()

    await runner.respond(request, collector)

    assert (await profile_of(alice)).meal == "Vegan\ufffd or fish"
    assert "u0000" not in json.dumps(collector.steps[0].response)
    assert "ud800" not in json.dumps(collector.steps[0].response)


async def test_no_arguments_may_be_null(runner: AgentRunner, practice: Practice, alice: Any) -> None:
    await practice.script({"calls": [{"name": "add_checked_bag", "arguments": "null"}]})

    await runner.respond(await claim(alice, "a bag"), Collector())

    assert (await profile_of(alice)).checked_bags == 2


async def test_who_the_user_is_never_comes_from_the_model(
    runner: AgentRunner, practice: Practice, alice: Any, bob: Any
) -> None:
    wrong = {"name": "add_checked_bag", "arguments": {"user_id": bob.pk}}
    await practice.script({"calls": [wrong]}, {"calls": [{"name": "add_checked_bag"}]})

    await runner.respond(await claim(alice, "do it"), Collector())

    assert (await profile_of(alice)).checked_bags == 2
    assert not await database_sync_to_async(Profile.objects.filter(user=bob).exists)()


async def test_several_tools_of_one_answer_all_run(runner: AgentRunner, alice: Any) -> None:
    request, collector = await claim(alice, "show my trip and add a bag"), Collector()

    await runner.respond(request, collector)

    assert {call[0] for call in await calls_of(request)} == {"show_my_trip", "add_checked_bag"}
    assert "2** in all" in collector.steps[1].text


async def test_text_before_a_tool_call_belongs_to_its_step(runner: AgentRunner, alice: Any) -> None:
    request, collector = await claim(alice, "show my trip [practice: preface=true]"), Collector()

    await runner.respond(request, collector)

    assert collector.steps[0].text == "Let me take care of that."
    assert collector.text_shown == collector.steps[0].text + collector.steps[1].text


async def test_a_later_attempt_goes_on_and_changes_nothing_twice(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    """The model would invent new call ids: it must not be asked again for what is stored."""
    request, first = (
        await claim(alice, "add a bag [practice: fault=no_finish, step=2, preface=true]"),
        Collector(),
    )
    with pytest.raises(AssistantFailed):
        await runner.respond(request, first)
    await practice.script({"text": "All done."})
    second = Collector()

    await runner.respond(again(request, first.steps), second)

    bodies = await practice.requests()
    assert (await profile_of(alice)).checked_bags == 2
    assert len(await calls_of(request)) == 1
    assert len(bodies) == 3
    assert sent_conversation(bodies[1]) == sent_conversation(bodies[2])
    assert second.text_shown == "All done."
    assert [step.final for step in second.steps] == [True]


def sent_conversation(body: dict[str, Any]) -> Any:
    return body.get("input") or body.get("messages")


async def test_a_later_attempt_shows_the_same_card(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    words = "find flights to Lisbon [practice: fault=no_finish, step=2, preface=true]"
    request, first, second = await claim(alice, words), Collector(), Collector()
    with pytest.raises(AssistantFailed):
        await runner.respond(request, first)
    await practice.script({"text": "Choose one."})

    await runner.respond(again(request, first.steps), second)

    assert [item["type"] for item in first.shown] == ["widget"]
    assert second.shown == first.shown
    assert await database_sync_to_async(FlightSearch.objects.count)() == 1


async def test_a_stored_step_whose_tools_never_ran_runs_them(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    class Killed(Collector):
        async def step(self, step: Step) -> None:
            await super().step(step)
            raise ConnectionError("the process dies here")

    request, first = await claim(alice, "add a bag"), Killed()
    with pytest.raises(ConnectionError):
        await runner.respond(request, first)
    second = Collector()

    await runner.respond(again(request, first.steps), second)

    assert (await profile_of(alice)).checked_bags == 2
    assert [call[0] for call in await calls_of(request)] == ["add_checked_bag"]


async def test_a_thought_signature_is_sent_back_also_by_a_later_attempt(
    practice: Practice, settings: Any, alice: Any
) -> None:
    """Gemini refuses a turn whose calls come back without what it sent with them."""
    settings.CHAT_PROVIDER, settings.GEMINI_API_KEY = "gemini", "k"
    settings.GEMINI_BASE_URL, settings.GEMINI_MODEL = practice.url, "gemini-practice"
    runner = AgentRunner()
    request, first, second = await claim(alice, "show my trip"), Collector(), Collector()

    await runner.respond(request, first)
    await runner.respond(again(request, first.steps[:1]), second)

    await runner.close()
    assert first.steps[1].final
    assert second.steps[0].final


async def test_a_call_id_that_a_server_uses_twice_is_not_taken_for_the_same_call(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    call = {"name": "add_checked_bag", "call_id": "call_0"}
    await practice.script({"calls": [call]}, {"calls": [call]})
    request, collector = await claim(alice, "two more bags"), Collector()

    await runner.respond(request, collector)

    assert (await profile_of(alice)).checked_bags == 3


async def test_a_tool_that_is_called_for_ever_is_stopped(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    request, collector = await claim(alice, "go [practice: fault=loop]"), Collector()

    with pytest.raises(AssistantFailed, match="kept looking things up") as failure:
        await runner.respond(request, collector)

    assert not failure.value.retryable
    assert len(collector.steps) == len(await practice.requests()) == 10


async def test_a_fence_in_a_tool_ends_the_run_at_once(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    request, collector = await claim(alice, "add a bag"), Collector()
    await database_sync_to_async(Conversation.objects.update)(epoch=request.epoch + 1)

    with pytest.raises(Fenced):
        await runner.respond(request, collector)

    assert len(await practice.requests()) == 1
    assert not await database_sync_to_async(Profile.objects.exists)()


async def test_tools_of_turns_at_the_same_time_act_for_their_own_users(
    runner: AgentRunner, alice: Any, bob: Any
) -> None:
    requests = [await claim(user, "add a bag") for user in (alice, bob, alice, bob)]

    await asyncio.gather(*(runner.respond(request, Collector()) for request in requests))

    assert (await profile_of(alice)).checked_bags == (await profile_of(bob)).checked_bags == 3


async def test_the_log_of_the_process_keeps_its_handlers(runner: AgentRunner) -> None:
    """MCP's server adds a handler to the root logger when it is made."""
    import logging

    from rich.logging import RichHandler

    assert not any(isinstance(handler, RichHandler) for handler in logging.getLogger().handlers)
