"""The concierge hands over: it is seen, it is stored, and whoever takes over has the conversation from then on."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from agents_app.assistants import ASSISTANTS
from agents_app.runner import AgentRunner
from agents_app.team import Team
from agents_app.tools import TOOLS
from conversations.errors import AssistantFailed
from conversations.responder import HistoryToolCall
from tests.agents_app.collector import Collector, ask
from tests.agents_app.conftest import Practice
from tests.agents_app.test_tools import again, calls_of, claim

pytestmark = pytest.mark.django_db(transaction=True)

BAGGAGE = "Please connect me with baggage"


def instructions_of(body: dict[str, Any]) -> str:
    """Return the title of the instructions that a request was made with."""
    text = body["instructions"] if "instructions" in body else body["messages"][0]["content"]
    return str(text).splitlines()[0]


def tools_of(body: dict[str, Any]) -> set[str]:
    return {tool.get("name") or tool["function"]["name"] for tool in body["tools"]}


async def test_a_hand_over_is_shown_stored_and_followed(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    request, collector = await claim(alice, BAGGAGE), Collector()

    await runner.respond(request, collector)

    assert collector.told == [
        ("step", False),
        ("started", "transfer_to_baggage", "Handing over to Baggage"),
        ("finished", "transfer_to_baggage", "Handed over to Baggage", False),
        ("step", True),
    ]
    assert "Baggage" in collector.text_shown
    first, second = await practice.requests()
    assert (instructions_of(first), instructions_of(second)) == (
        *("# Linnet Air concierge", "# Linnet Air, baggage"),
    )
    assert await calls_of(request) == [("transfer_to_baggage", {}, "completed", '{"assistant": "Baggage"}')]


async def test_a_later_attempt_goes_on_with_the_one_who_took_over(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    request, first = await claim(alice, f"{BAGGAGE} [practice: fault=no_finish, step=2]"), Collector()
    with pytest.raises(AssistantFailed):
        await runner.respond(request, first)
    await practice.script({"text": "Done."})
    second = Collector()

    await runner.respond(again(request, first.steps), second)

    bodies = await practice.requests()
    assert [instructions_of(body) for body in bodies[1:]] == ["# Linnet Air, baggage"] * 2
    assert (len(bodies), second.text_shown) == (3, "Done.")
    assert len(await calls_of(request)) == 1


async def test_the_next_turn_begins_where_the_last_one_ended(runner: AgentRunner, practice: Practice) -> None:
    taken = HistoryToolCall("call_1", "transfer_to_refunds", {}, '{"assistant": "Refunds"}')
    back = HistoryToolCall("call_2", "transfer_to_concierge", {}, '{"assistant": "Concierge"}')

    await runner.respond(ask("my bag is late", taken, "and the money?", "go on"), Collector())
    await runner.respond(ask("my bag is late", taken, back, "thanks"), Collector())

    first, second = await practice.requests()
    assert (instructions_of(first), instructions_of(second)) == (
        *("# Linnet Air, refunds", "# Linnet Air concierge"),
    )
    assert tools_of(first) & {"add_checked_bag", "refund"} == {"refund"}


async def test_the_one_who_took_over_uses_tools_and_hands_back(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    steps: list[dict[str, Any]] = [
        {"calls": [{"name": "transfer_to_baggage"}]},
        {"calls": [{"name": "show_my_trip"}]},
        {"calls": [{"name": "transfer_to_concierge"}]},
        {"text": "All good."},
    ]
    await practice.script(*steps)
    request, collector = await claim(alice, "go"), Collector()

    await runner.respond(request, collector)

    assert [instructions_of(body) for body in await practice.requests()][-1] == "# Linnet Air concierge"
    assert [tool for tool, *_ in await calls_of(request)] == [
        *("transfer_to_baggage", "show_my_trip", "transfer_to_concierge"),
    ]


async def test_who_cant_do_it_hands_back_to_the_one_who_can(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    """In the practice model's plain words, as somebody tries it by hand."""
    request = await claim(alice, "change my seat to 14C on LN 418")
    taken = HistoryToolCall("call_0", "transfer_to_refunds", {}, '{"assistant": "Refunds"}')
    collector = Collector()

    await runner.respond(dataclasses.replace(request, history=[taken, *request.history]), collector)

    assert [tool for tool, *_ in await calls_of(request)] == ["transfer_to_concierge", "change_seat"]
    assert "14C" in collector.text_shown


async def test_of_two_hand_overs_at_once_one_counts(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    await practice.script({"calls": [{"name": "transfer_to_trips"}, {"name": "transfer_to_refunds"}]})
    request, collector = await claim(alice, "go"), Collector()

    await runner.respond(request, collector)

    assert instructions_of((await practice.requests())[-1]) == "# Linnet Air, trips"
    assert [tool for tool, *_ in await calls_of(request)] == ["transfer_to_trips"]


async def test_every_declaration_holds() -> None:
    team = await Team.gather(AgentRunner.assistants)
    named = {tool for assistant in ASSISTANTS.values() for tool in assistant.tools or ()}

    assert {tool.name for tool in TOOLS} - named == set()
    for key, assistant in ASSISTANTS.items():
        member = team._members[key]
        assert member.instructions
        assert [handoff.agent_name for handoff in member.handoffs] == [  # type: ignore[union-attr]
            ASSISTANTS[to].name for to in assistant.hands_over_to
        ]
        json.dumps([tool.params_json_schema for tool in member.tools])  # type: ignore[union-attr]
