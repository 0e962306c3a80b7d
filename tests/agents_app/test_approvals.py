"""The assistant's tools that need a yes: the run stops, another one goes on, the effect happens once."""

from __future__ import annotations

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from agents_app.airline.refunds import Refund, needs_agreement
from agents_app.airline.services import get_trip
from agents_app.runner import AgentRunner
from conversations import services
from conversations.errors import StateLost
from conversations.models import Approval, ToolCall
from conversations.responder import TurnRequest
from conversations.threads import in_database
from tests.agents_app.collector import Collector
from tests.agents_app.conftest import Practice
from tests.agents_app.test_mcp import call
from tests.agents_app.test_tools import again, calls_of, claim

pytestmark = pytest.mark.django_db(transaction=True)

BIG = "refund 80 € please, my bag came late"


async def refunds() -> list[Decimal]:
    return await in_database(lambda: list(Refund.objects.values_list("amount", flat=True)))


async def approve(request: TurnRequest, **fields: Any) -> None:
    await in_database(
        Approval.objects.filter(tool_call__turn=request.turn_id).update,
        status="approved",
        decided_at="2026-11-21T12:00Z",
    )


async def test_a_small_refund_needs_nobody(runner: AgentRunner, alice: Any) -> None:
    request, collector = await claim(alice, "refund 35 € please, my bag came late"), Collector()

    await runner.respond(request, collector)

    assert await refunds() == [Decimal("35.00")]
    assert "35.00" in collector.steps[-1].text


async def test_a_big_one_in_pieces_is_a_big_one(runner: AgentRunner, alice: Any) -> None:
    request, collector = await claim(alice, "refund 35 € please, my bag came late"), Collector()
    await runner.respond(request, collector)
    request, collector = await claim(alice, "refund 16 € please, for the taxi"), Collector()

    await runner.respond(request, collector)

    assert collector.told[-1] == ("waits",)
    assert await refunds() == [Decimal("35.00")]


def test_pieces_at_once_wait_for_each_other(alice: Any) -> None:
    profile = get_trip(user_id=alice.pk)

    def ask_meanwhile() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("set local lock_timeout = '50ms'")
                needs_agreement(profile=profile, amount=Decimal(30))
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as other:
        assert not needs_agreement(profile=profile, amount=Decimal(30))
        with pytest.raises(OperationalError, match="lock timeout"):
            other.submit(ask_meanwhile).result()


async def test_a_big_one_waits_and_is_given_once_it_is_approved(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    request, first = await claim(alice, f"{BIG} [practice: preface=true]"), Collector()

    await runner.respond(request, first)

    assert first.told == [("step", False), ("waits",)]
    approval = await in_database(Approval.objects.get)
    assert (approval.decided_by, approval.arguments["amount"], await refunds()) == ("staff", 80.0, [])
    await approve(request)
    second, third = Collector(), Collector()
    await runner.respond(again(request, first.steps), second)
    await runner.respond(again(request, first.steps), third)

    assert await refunds() == [Decimal("80.00")]
    assert ("finished", "refund", "Arranged your refund", False) in second.told
    assert "80.00" in second.steps[-1].text
    assert len(await practice.requests()) == 3


async def test_the_staff_reads_in_english_what_a_customer_is_asked_in_another_language(
    runner: AgentRunner, alice: Any
) -> None:
    request = dataclasses.replace(await claim(alice, BIG), language="ja")

    await runner.respond(request, Collector())

    approval = await in_database(Approval.objects.get)
    assert approval.question["title"] == "80.00 €の返金"
    assert approval.question["for_staff"]["title"] == "Refund of 80.00 €"


async def test_the_other_tools_of_the_answer_run_before_it_waits(
    runner: AgentRunner, practice: Practice, alice: Any
) -> None:
    refund = {"name": "refund", "arguments": {"amount": 80, "reason": "late bag"}}
    await practice.script({"calls": [refund, {"name": "show_my_trip"}]})
    request, collector = await claim(alice, "both"), Collector()

    await runner.respond(request, collector)

    assert collector.told[-1] == ("waits",)
    assert ("finished", "show_my_trip", "Looked up your trip", False) in collector.told
    assert {tool: status for tool, _, status, _ in await calls_of(request)} == {
        "refund": "waiting",
        "show_my_trip": "completed",
    }


async def test_a_no_is_told_to_the_model(
    runner: AgentRunner, practice: Practice, alice: Any, staff: Any
) -> None:
    request, first, second = await claim(alice, BIG), Collector(), Collector()
    await runner.respond(request, first)
    await in_database(services.wait_for_decision, request=request, payloads=[], new_items=[], shown_calls=())
    approval = await in_database(Approval.objects.get)
    await in_database(
        services.decide_as_staff, staff=staff, approval_id=approval.pk, approve=False, reason="No receipt."
    )
    claimed = await in_database(
        services.claim_turn, conversation_id=request.conversation_id, job_id=2, resume=True
    )
    assert claimed is not None

    await runner.respond(again(claimed, first.steps), second)

    assert ("finished", "refund", "Couldn’t arrange your refund", True) in second.told
    assert "No receipt." in json.dumps((await practice.requests())[-1])
    assert await refunds() == []


async def test_too_much_is_refused_without_a_question(runner: AgentRunner, alice: Any) -> None:
    request, collector = await claim(alice, "refund 900 € please, I am cross"), Collector()

    await runner.respond(request, collector)

    assert collector.steps[-1].final
    assert "500.00 €" in collector.steps[-1].text
    assert not await in_database(Approval.objects.exists)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "no_such_tool"},
        {"arguments": '{"amount": 80, "reason": "late bag", "currency": "EUR"}'},
        {"arguments": '{"amount": -1, "reason": "late bag"}'},
        {"type": "unheard_of", "name": 7},
    ],
)
async def test_a_stored_call_that_todays_code_doesnt_know_is_a_lost_state(
    runner: AgentRunner, alice: Any, change: dict[str, Any]
) -> None:
    request, first = await claim(alice, BIG), Collector()
    await runner.respond(request, first)
    await approve(request)
    later = again(request, first.steps)
    (stored,) = [item for item in later.steps[0]["output"] if item["type"] == "function_call"]
    stored.update(change)
    if "currency" in stored["arguments"]:  # unknown arguments are dropped, so something known has to differ
        stored["arguments"] = stored["arguments"].replace("late", "lost")

    with pytest.raises(StateLost):
        await runner.respond(later, Collector())

    assert await refunds() == []


async def test_mcp_says_that_an_approval_is_required(alice: Any) -> None:
    result = await call(alice, "refund", amount=80, reason="late bag")

    assert result["isError"] is True
    assert result["content"][0]["text"].startswith("approval_required")
    assert await refunds() == []
    assert not await in_database(ToolCall.objects.exists)
    assert "Done" in (await call(alice, "refund", amount=35, reason="late bag"))["content"][0]["text"]
