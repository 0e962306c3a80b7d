"""A call that no tool can take is told to the model, which goes on; nothing is done, doubled or lost by it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agents_app.failures import MISTAKEN
from agents_app.mistakes import MOST_IN_A_ROW, MOST_MISFITS
from agents_app.runner import AgentRunner
from conversations.errors import AssistantFailed, StateLost
from conversations.responder import Step
from tests.agents_app.collector import Collector
from tests.agents_app.conftest import Practice
from tests.agents_app.test_tools import again, calls_of, claim, profile_of

pytestmark = pytest.mark.django_db(transaction=True)

UNREADABLE = {
    "broken": '{"meal": "veg',
    "deep": "[" * 3000 + "]" * 3000,
    "NaN": '{"meal": NaN}',
    "infinite": '{"meal": 1e999}',
    "digits": '{"meal": ' + "1" * 5000 + "}",
    "list": '["vegan"]',
    "text": '"vegan"',
    "words": "vegan",
    "two": '{"meal": "vegan"}{"meal": "vegan"}',
    "long": '{"meal": "' + "x" * 200_000 + '"}',
}


def outputs_of(body: dict[str, Any]) -> list[str]:
    """Return what a request tells of calls, in order."""
    if "input" in body:
        told = [item["output"] for item in body["input"] if item.get("type") == "function_call_output"]
    else:
        told = [message["content"] for message in body["messages"] if message["role"] == "tool"]
    return [output if isinstance(output, str) else output[0]["text"] for output in told]


def calls_in(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return names and arguments of the calls that a request holds, in order."""
    if "input" in body:
        called = [item for item in body["input"] if item.get("type") == "function_call"]
        return [(item["name"], item["arguments"]) for item in called]
    called = [call["function"] for each in body["messages"] for call in each.get("tool_calls") or ()]
    return [(call["name"], call["arguments"]) for call in called]


@pytest.mark.parametrize("raw", UNREADABLE.values(), ids=UNREADABLE)
async def test_arguments_that_cant_be_read_are_told_to_the_model_which_corrects_them(
    runner: AgentRunner, practice: Practice, alice: Any, raw: str
) -> None:
    right = {"name": "set_meal", "arguments": {"meal": "vegan"}}
    await practice.script({"calls": [{**right, "arguments": raw}]}, {"calls": [right]})
    request, collector = await claim(alice, "a meal"), Collector()

    await runner.respond(request, collector)

    _, corrected, told = await practice.requests()
    assert "can't be read" in outputs_of(corrected)[0]
    assert "vegan" not in outputs_of(corrected)[0]
    assert calls_in(told) == [("set_meal", "{}"), ("set_meal", '{"meal": "vegan"}')]
    assert (await profile_of(alice)).meal == "Vegan"
    assert [(tool, status) for tool, _, status, _ in await calls_of(request)] == [("set_meal", "completed")]
    assert [entry[0] for entry in collector.told] == ["step", "step", "started", "finished", "step"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("no_such_tool", "no_such_tool"),
        ("show my trip!", "unknown_tool"),
        ("x" * 100, "unknown_tool"),
        ("transfer_to_nobody", "transfer_to_nobody"),
        ("Show_My_Trip", "Show_My_Trip"),
    ],
)
async def test_a_tool_that_isnt_there_is_told_to_the_model(
    runner: AgentRunner, practice: Practice, alice: Any, name: str, kept: str
) -> None:
    await practice.script({"calls": [{"name": name}]}, {"calls": [{"name": "show_my_trip"}]})
    request, collector = await claim(alice, "hello"), Collector()

    await runner.respond(request, collector)

    _, corrected, told = await practice.requests()
    assert "There is no tool of this name. There are: " in outputs_of(corrected)[0]
    assert "show_my_trip" in outputs_of(corrected)[0]
    assert calls_in(told)[0] == (kept, "{}")
    assert "LN 418" in collector.text_shown


async def test_what_is_right_beside_a_mistake_is_done_once(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    bag = {"name": "add_checked_bag", "call_id": "call_0"}
    await practice.script(
        {"calls": [bag, {"name": "no_such_tool"}, {"name": "set_meal", "arguments": "{"}], "preface": True},
        {"text": "Done."},
    )
    request, collector = await claim(alice, "a bag"), Collector()

    await runner.respond(request, collector)

    assert (await profile_of(alice)).checked_bags == 2
    assert len(outputs_of((await practice.requests())[1])) == 3
    assert collector.steps[0].calls == ("call_0",)
    assert collector.text_shown == "Let me take care of that.Done."


async def test_one_who_doesnt_learn_is_stopped(runner: AgentRunner, practice: Practice, alice: Any) -> None:
    bad: list[dict[str, Any]] = [
        {"calls": [{"name": "no_such_tool"}]},
        {"calls": [{"name": "set_meal", "arguments": "{"}]},
    ]
    good = {"calls": [{"name": "show_my_trip"}]}
    await practice.script(*bad, good, *bad, bad[0], {"text": "Never asked."})
    request, collector = await claim(alice, "hello"), Collector()

    with pytest.raises(AssistantFailed) as failure:
        await runner.respond(request, collector)

    assert (failure.value.detail, failure.value.retryable) == (MISTAKEN, False)
    assert len(await practice.requests()) == 2 + 1 + MOST_IN_A_ROW
    assert len(collector.steps) == 2 + 1 + MOST_IN_A_ROW - 1
    assert [spent.usage.input_tokens > 0 for spent in collector.thrown_away] == [True]


async def test_arguments_that_dont_fit_end_the_turn_sooner_than_any_ten_answers(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    bad: dict[str, Any] = {"calls": [{"name": "set_meal", "arguments": {"food": "vegan"}}]}
    fair = {"calls": [*bad["calls"], {"name": "show_my_trip"}]}
    await practice.script(*[bad] * (MOST_MISFITS - 2), fair, *[bad] * MOST_MISFITS, {"text": "Never asked."})
    request, collector = await claim(alice, "a meal"), Collector()

    with pytest.raises(AssistantFailed) as failure:
        await runner.respond(request, collector)

    assert (failure.value.detail, failure.value.retryable) == (MISTAKEN, False)
    asked = await practice.requests()
    assert (
        len(asked) == len(collector.steps) == 2 * MOST_MISFITS - 1
    )  # each of them stored, with what it cost
    assert "set_meal doesn't take these arguments. meal: Field required; food: " in outputs_of(asked[1])[0]


class Killed(Collector):
    """Dies when the first step is stored."""

    async def step(self, step: Step) -> None:
        await super().step(step)
        raise ConnectionError("the process dies here")


async def test_a_mistake_is_replayed_as_one_whatever_is_there_by_then(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    await practice.script(
        {"calls": [{"name": "add_checked_bag"}, {"name": "set_meal", "arguments": "{"}, {"name": "no_such"}]}
    )
    request, first, second = await claim(alice, "a bag"), Killed(), Collector()
    with pytest.raises(ConnectionError):
        await runner.respond(request, first)
    # Today's code has a tool of the name that was unknown when the model called it.
    stored = json.loads(json.dumps(first.steps[0].response).replace('"no_such"', '"request_assistance"'))
    later = again(request, first.steps)
    later.steps[0].update(stored)
    await practice.script({"text": "Done."})

    await runner.respond(later, second)

    told = outputs_of((await practice.requests())[-1])
    assert ["can't be read" in each for each in told] == [False, True, False]
    assert "no tool of this name" in told[2]
    assert [call[0] for call in await calls_of(request)] == ["add_checked_bag"]
    assert (await profile_of(alice)).checked_bags == 2
    assert second.text_shown == "Done."


async def test_a_mistake_is_never_taken_for_a_hand_over_of_todays_code(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    await practice.script({"calls": [{"name": "no_such"}]})
    request, first = await claim(alice, "a bag"), Killed()
    with pytest.raises(ConnectionError):
        await runner.respond(request, first)
    stored = json.loads(json.dumps(first.steps[0].response).replace('"no_such"', '"transfer_to_trips"'))
    later = again(request, first.steps)
    later.steps[0].update(stored)

    with pytest.raises(StateLost):
        await runner.respond(later, Collector())


async def test_a_hand_over_takes_no_arguments_so_none_are_wrong(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    offered = {"name": "transfer_to_trips", "arguments": '{"to'}
    await practice.script({"calls": [offered]}, {"text": "Hello."})
    collector = Collector()

    await runner.respond(await claim(alice, "a trip"), collector)

    assert collector.text_shown == "Hello."
    assert "finished" in [entry[0] for entry in collector.told]
