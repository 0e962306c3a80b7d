"""A turn that waits for a yes or no: asked once, decided once, done once, whoever runs it and whenever."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from chatkit.widgets import Card
from django.utils import timezone
from django.utils.translation import gettext
from pydantic import TypeAdapter

from conversations import errors, services, streams
from conversations.languages import speaking
from conversations.models import Approval, Conversation, Item, ToolCall, Turn
from conversations.responder import HistoryToolCall, Step, TurnRecorder, TurnRequest
from conversations.services import Question, Sent
from conversations.services.approvals import WROTE_ON
from conversations.threads import in_database
from tests.conversations.conftest import ended
from tests.conversations.scripted import ScriptedResponder, say

Effects = list[str]
QUESTION = Question(title="Cancel your trip?", text="Berlin to Lisbon.")


@pytest_asyncio.fixture
async def effects(responder: type[ScriptedResponder], worker: None) -> AsyncIterator[Effects]:
    """An assistant that cancels a trip when it is told to, after a yes; what it did."""
    yield _cancelling(responder, lambda: QUESTION)


def _cancelling(responder: type[ScriptedResponder], ask: Callable[[], Question | None]) -> Effects:
    effects: Effects = []

    def effect() -> str:
        effects.append("cancelled")
        return "The trip is cancelled."

    async def run(request: TurnRequest, recorder: TurnRecorder) -> None:
        if "cancel" not in request.history[-1].text:  # type: ignore[union-attr]
            await say(recorder, "Hello.")
            return
        if not request.steps:
            await recorder.step(Step(response={"n": 1}, text="One moment.", final=False, calls=("call_1",)))
        try:
            call = await in_database(
                services.run_tool_once,
                turn_id=request.turn_id,
                epoch=request.epoch,
                call_id="call_1",
                tool="cancel_trip",
                arguments={"trip": 7},
                effect=effect,
                ask=ask,
            )
        except services.ApprovalPending:
            await recorder.wait()
            return
        await say(recorder, str(call.result))

    responder.script = staticmethod(run)
    return effects


async def waiting(send: Any, text: str = "please cancel", **fields: Any) -> tuple[Sent, Approval]:
    """Send something that needs a yes, and wait until it is asked for."""
    sent = await send(text, **fields)
    turn = await ended(sent.turn)
    assert turn.status == "waiting_approval"
    return sent, await approval_of(turn)


async def approval_of(turn: Turn) -> Approval:
    found = Approval.objects.select_related("tool_call", "decider")
    return await in_database(found.get, tool_call__turn=turn.pk)


async def decide(user: Any, sent: Sent, approval: Approval, *, approve: bool, **fields: Any) -> Turn:
    turn: Turn = await in_database(
        services.decide_approval,
        user=user,
        conversation_id=sent.conversation_id,
        turn_id=sent.turn.pk,
        approval_id=approval.pk,
        approve=approve,
        **fields,
    )
    return turn


async def text_of(turn: Turn) -> str:
    said = Item.objects.filter(turn=turn.pk, role="assistant").order_by("position")
    return " ".join(await in_database(lambda: list(said.values_list("text", flat=True))))


async def card_of(turn: Turn) -> dict[str, Any]:
    item = await in_database(Item.objects.get, turn=turn.pk, kind="widget")
    return item.payload["widget"]  # type: ignore[no-any-return]


async def test_a_yes_lets_the_turn_go_on_and_the_effect_happen_once(
    effects: Effects, send: Any, alice: Any
) -> None:
    sent, approval = await waiting(send)
    assert (approval.arguments, approval.tool_call.status, effects) == ({"trip": 7}, "waiting", [])
    assert {"confirm", "cancel"} <= (await card_of(sent.turn)).keys()

    turn = await ended(await decide(alice, sent, approval, approve=True))

    assert (turn.status, effects) == ("completed", ["cancelled"])
    assert await text_of(turn) == "One moment. The trip is cancelled."
    approval = await approval_of(turn)
    assert (approval.status, approval.decider, approval.tool_call.status) == (
        *("approved", alice),
        "completed",
    )
    assert not {"confirm", "cancel"} & (await card_of(sent.turn)).keys()


async def test_a_card_shows_facts_and_once_decided_one_line(
    responder: type[ScriptedResponder], worker: None, send: Any, alice: Any
) -> None:
    _cancelling(responder, lambda: speaking("de", _question_with_facts))
    sent, approval = await waiting(send, language="de")
    card = await card_of(sent.turn)
    shown = json.dumps(card, ensure_ascii=False)
    for words in ("Reise stornieren?", "214 €", "Sie bekommen zurück", "Berlin", "LN 418", "endgültig"):
        assert words in shown
    assert "In one sentence." not in shown

    await ended(await decide(alice, sent, approval, approve=True))

    decided = await card_of(sent.turn)
    assert decided["collapsed"] is True
    assert decided["status"]["text"] == "Reise stornieren? · Zugestimmt"
    for each in (card, decided):  # nothing that openai-chatkit's own types leave out or add
        read = TypeAdapter(Card).validate_python(each)
        assert read.model_dump(mode="json", exclude_none=True) == each


def _question_with_facts() -> Question:
    return Question(
        title=gettext("Cancel trip?"),
        text="In one sentence.",
        amount=("214 €", gettext("You get back")),
        facts=(("Berlin", "LN 418"),),
        consequence="endgültig",
    )


async def test_a_no_is_told_with_its_reason(effects: Effects, send: Any, alice: Any) -> None:
    sent, approval = await waiting(send)

    turn = await ended(await decide(alice, sent, approval, approve=False, reason="I was only asking."))

    assert (turn.status, effects) == ("completed", [])
    assert "Not done" in await text_of(turn)
    assert "I was only asking." in await text_of(turn)
    assert (await approval_of(turn)).tool_call.status == "failed"


async def test_a_second_decision_is_a_conflict(effects: Effects, send: Any, alice: Any) -> None:
    sent, approval = await waiting(send)
    await decide(alice, sent, approval, approve=True)

    with pytest.raises(errors.Conflict):
        await decide(alice, sent, approval, approve=False)

    await ended(await in_database(Turn.objects.get, pk=sent.turn.pk))
    assert effects == ["cancelled"]


async def test_a_stranger_finds_nothing_to_decide(
    effects: Effects, send: Any, alice: Any, mallory: Any
) -> None:
    sent, approval = await waiting(send)

    with pytest.raises(errors.NotFound):
        await decide(mallory, sent, approval, approve=True)

    assert (await approval_of(sent.turn)).status == "pending"


async def test_what_the_staff_decides_the_customer_cant(
    responder: type[ScriptedResponder], worker: None, send: Any, alice: Any, staff: Any
) -> None:
    question = Question(title="Refund of 80 €", text="Why not.", decided_by="staff")
    effects = _cancelling(responder, lambda: question)
    sent, approval = await waiting(send)
    assert not {"confirm", "cancel"} & (await card_of(sent.turn)).keys()

    with pytest.raises(errors.Forbidden):
        await decide(alice, sent, approval, approve=True)
    turn = await in_database(
        services.decide_as_staff, staff=staff, approval_id=approval.pk, approve=True, reason=""
    )

    assert (await ended(turn)).status == "completed"
    assert (effects, (await approval_of(turn)).decider) == (["cancelled"], staff)


async def test_what_the_customer_decides_the_staff_cant(effects: Effects, send: Any, staff: Any) -> None:
    _, approval = await waiting(send)

    with pytest.raises(errors.Forbidden):
        await in_database(services.decide_as_staff, staff=staff, approval_id=approval.pk, approve=True)


async def test_a_new_message_refuses_what_is_pending_and_is_answered_after_it(
    effects: Effects, send: Any, responder: type[ScriptedResponder]
) -> None:
    sent, _ = await waiting(send)

    later = await send("hello", conversation_id=sent.conversation_id)
    await ended(later.turn)

    first = await in_database(Turn.objects.get, pk=sent.turn.pk)
    assert (first.status, effects) == ("completed", [])
    assert "wrote another message" in await text_of(first)
    assert (await approval_of(first)).status == "refused"
    told = [entry for entry in responder.requests[-1].history if isinstance(entry, HistoryToolCall)]
    assert [call.result for call in told] == [WROTE_ON]


async def test_a_message_that_was_there_before_the_question_refuses_it_too(
    responder: type[ScriptedResponder], transactional_db: None, send: Any
) -> None:
    effects = _cancelling(responder, lambda: QUESTION)
    sent = await send("please cancel")
    later = await send("hello", conversation_id=sent.conversation_id)
    request = await in_database(
        services.claim_turn, conversation_id=sent.conversation_id, job_id=1, resume=True
    )
    assert request is not None
    recorder = _Direct(request)

    await ScriptedResponder().respond(request, recorder)  # type: ignore[arg-type]

    assert recorder.more_to_run
    first = await in_database(Turn.objects.get, pk=sent.turn.pk)
    assert (first.status, (await approval_of(first)).status, effects) == ("queued", "refused", [])
    assert later.turn.number == 2


class _Direct:
    """A recorder without a log: only what the services store."""

    def __init__(self, request: TurnRequest) -> None:
        self.request = request
        self.more_to_run = False

    async def step(self, step: Step) -> None:
        await in_database(
            services.commit_step,
            request=self.request,
            step=step,
            payloads=[],
            new_items=[],
            first_token_at=None,
        )

    async def wait(self) -> None:
        self.more_to_run = await in_database(
            services.wait_for_decision, request=self.request, payloads=[], new_items=[], shown_calls=()
        )


async def test_what_is_decided_before_the_turn_waits_keeps_nobody_waiting(
    responder: type[ScriptedResponder], worker: None, send: Any, alice: Any
) -> None:
    """Another tool of the answer may still run when the customer sees the question by the API."""
    effects = _cancelling(responder, lambda: QUESTION)
    script = responder.script

    async def quick(request: TurnRequest, recorder: TurnRecorder) -> None:
        await script(request, _Deciding(request, recorder, alice))

    responder.script = staticmethod(quick)
    sent = await send("please cancel")

    turn = await ended(sent.turn)

    assert (turn.status, effects) == ("completed", ["cancelled"])
    marks = [event for event in await _events_of(turn) if '"allow_cancel"' in event.payload]
    assert [mark.ends_turn for mark in marks] == [False, True]


class _Deciding:
    """A recorder before which the customer's yes comes."""

    def __init__(self, request: TurnRequest, recorder: TurnRecorder, user: Any) -> None:
        self._request, self._recorder, self._user = request, recorder, user

    def __getattr__(self, name: str) -> Any:
        return getattr(self._recorder, name)

    async def wait(self) -> None:
        approval = await in_database(Approval.objects.get, tool_call__turn=self._request.turn_id)
        await in_database(
            services.decide_approval,
            user=self._user,
            conversation_id=self._request.conversation_id,
            turn_id=self._request.turn_id,
            approval_id=approval.pk,
            approve=True,
        )
        await self._recorder.wait()


async def _events_of(turn: Turn) -> list[Any]:
    return [event async for piece in streams.turn_events(turn) for event in piece]


async def test_cancel_while_waiting_lets_the_question_lapse_and_a_retry_asks_anew(
    effects: Effects, send: Any, alice: Any
) -> None:
    sent, approval = await waiting(send)
    where = {"user": alice, "conversation_id": sent.conversation_id, "turn_id": sent.turn.pk}

    turn = await in_database(services.cancel_turn, **where)
    assert (turn.status, (await approval_of(turn)).status) == ("cancelled", "expired")
    with pytest.raises(errors.Conflict):
        await decide(alice, sent, approval, approve=True)
    turn = await ended(await in_database(services.retry_turn, **where))

    assert (turn.status, effects) == ("waiting_approval", [])
    again = await approval_of(turn)
    assert again.pk != approval.pk
    assert (await ended(await decide(alice, sent, again, approve=True))).status == "completed"
    assert effects == ["cancelled"]


async def test_take_over_and_delete_while_waiting(
    effects: Effects, send: Any, alice: Any, staff: Any
) -> None:
    sent, approval = await waiting(send)

    await in_database(services.take_over, staff=staff, conversation_id=sent.conversation_id)
    assert (await approval_of(sent.turn)).status == "expired"
    sent, approval = await waiting(send)
    await in_database(services.delete_conversation, user=alice, conversation_id=sent.conversation_id)

    assert not await in_database(Approval.objects.filter(pk=approval.pk).exists)
    with pytest.raises(errors.NotFound):
        await decide(alice, sent, approval, approve=True)


async def test_a_state_that_cant_be_restored_fails_the_turn_which_can_be_tried_afresh(
    effects: Effects, send: Any, alice: Any, responder: type[ScriptedResponder]
) -> None:
    sent, approval = await waiting(send)
    script = responder.script

    async def changed(request: TurnRequest, recorder: TurnRecorder) -> None:
        raise errors.StateLost

    responder.script = staticmethod(changed)
    turn = await ended(await decide(alice, sent, approval, approve=True))
    assert (turn.status, turn.error["code"], turn.steps) == ("failed", "assistant_failed", [])  # type: ignore[index]
    assert ((await approval_of(turn)).status, effects) == ("expired", [])
    responder.script = script
    retried = await in_database(
        services.retry_turn, user=alice, conversation_id=sent.conversation_id, turn_id=sent.turn.pk
    )

    assert (await ended(retried)).status == "waiting_approval"


async def test_other_arguments_than_the_frozen_ones_are_never_run(effects: Effects, send: Any) -> None:
    sent, approval = await waiting(send)
    await in_database(
        Approval.objects.filter(pk=approval.pk).update, status="approved", decided_at=timezone.now()
    )
    conversation = await in_database(Conversation.objects.get, pk=sent.conversation_id)

    with pytest.raises(errors.StateLost):
        await in_database(
            services.run_tool_once,
            turn_id=sent.turn.pk,
            epoch=conversation.epoch,
            call_id="call_1",
            tool="cancel_trip",
            arguments={"trip": 8},
            effect=lambda: "wrong",
        )

    assert effects == []
    assert (await approval_of(sent.turn)).tool_call.result is None


async def test_a_question_that_nobody_answers_lapses_and_the_model_says_so(
    effects: Effects, send: Any, alice: Any
) -> None:
    sent, approval = await waiting(send)
    past = timezone.now() - timedelta(seconds=1)
    await in_database(Approval.objects.filter(pk=approval.pk).update, expires_at=past)
    with pytest.raises(errors.Conflict):
        await decide(alice, sent, approval, approve=True)

    assert await in_database(services.expire_overdue) == 1

    turn = await ended(await in_database(Turn.objects.get, pk=sent.turn.pk))
    assert (turn.status, effects) == ("completed", [])
    assert "in time" in await text_of(turn)
    assert (await approval_of(turn)).status == "expired"


async def test_a_refusal_by_the_tool_comes_before_any_question(
    responder: type[ScriptedResponder], worker: None, send: Any
) -> None:
    def ask() -> Question:
        raise services.ToolRefused("There is no trip to cancel.")

    effects = _cancelling(responder, ask)

    turn = await ended((await send("please cancel")).turn)

    assert (turn.status, effects) == ("completed", [])
    assert "There is no trip" in await text_of(turn)
    assert not await in_database(Approval.objects.exists)


async def test_a_reader_of_the_turn_gets_its_end_each_time(effects: Effects, send: Any, alice: Any) -> None:
    sent, approval = await waiting(send)
    first = await _events_of(sent.turn)
    assert '"widget"' in first[-2].payload
    assert first[-1].ends_turn

    turn = await decide(alice, sent, approval, approve=True)
    second = await _events_of(turn)

    assert second[0].seq > first[-1].seq
    assert "thread.item.replaced" in second[1].payload
    assert second[-1].ends_turn
    assert await in_database(ToolCall.objects.filter(status="waiting").count) == 0
