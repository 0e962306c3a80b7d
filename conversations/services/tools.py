"""A tool's effect and its record, committed together."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.db import transaction

from conversations import errors, events, rows
from conversations.models import Approval, ToolCall, Turn
from conversations.services import approvals
from conversations.services.approvals import ApprovalPending, Question
from conversations.services.locking import lock_conversation


class ToolRefused(Exception):
    """A tool says no, in words for the model; stored as the call's result."""


def run_tool_once(
    *,
    turn_id: str,
    epoch: int,
    call_id: str,
    tool: str,
    arguments: dict[str, Any],
    effect: Callable[[], str],
    ask: Callable[[], Question | None] | None = None,
) -> ToolCall:
    """Run a tool's effect unless this call was run before; return the call with its result.

    Raises Fenced when the turn is no longer the caller's. A refusal rolls the effect back and is the result. `ask`
    says what needs a yes before the effect: until it is given, ApprovalPending is raised and nothing is done.
    """
    call = _run_once(turn_id, epoch, call_id, tool, arguments, effect, ask)
    if call.status == ToolCall.Status.WAITING:
        raise ApprovalPending
    return call


def waits_for_decision(*, turn_id: str, call_id: str) -> bool:
    """Say whether a call was asked about and not done since."""
    return ToolCall.objects.filter(turn=turn_id, call_id=call_id, status=ToolCall.Status.WAITING).exists()


@transaction.atomic
def _run_once(
    turn_id: str,
    epoch: int,
    call_id: str,
    tool: str,
    arguments: dict[str, Any],
    effect: Callable[[], str],
    ask: Callable[[], Question | None] | None,
) -> ToolCall:
    turn = Turn.objects.get(pk=turn_id)
    conversation = lock_conversation(id=turn.conversation_id, epoch=epoch)
    arguments = events.clean_json(arguments)
    known = rows.first(ToolCall, "turn_id = %s and call_id = %s", [turn_id, call_id])
    if known is not None:
        return _run_approved(known, arguments, effect) if known.status == ToolCall.Status.WAITING else known
    call = ToolCall(
        turn=turn, call_id=call_id, position=conversation.next_position, tool=tool, arguments=arguments
    )
    question = _run(call, effect if ask is None else functools.partial(_effect_or_question, ask, effect))
    call.save()
    if question is not None:
        approvals.ask(call, question)
    conversation.next_position += 1
    conversation.save(update_fields=["next_position"])
    return call


def _run_approved(call: ToolCall, arguments: dict[str, Any], effect: Callable[[], str]) -> ToolCall:
    """Run what was asked, exactly as it was asked, once the yes is there."""
    if call.arguments != arguments:
        raise errors.StateLost
    if Approval.objects.filter(tool_call=call, status=Approval.Status.APPROVED).exists():
        _run(call, effect)
        call.save(update_fields=["status", "result"])
    return call


def _run(call: ToolCall, effect: Callable[[], str | Question]) -> Question | None:
    """Run an effect and note in the call what came of it; return what it asks instead."""
    try:
        with transaction.atomic():
            result = effect()
        call.status = ToolCall.Status.COMPLETED
    except ToolRefused as refusal:
        result, call.status = str(refusal), ToolCall.Status.FAILED
    if isinstance(result, Question):
        call.status = ToolCall.Status.WAITING
        return result
    call.result = events.clean(result)
    return None


def _effect_or_question(ask: Callable[[], Question | None], effect: Callable[[], str]) -> str | Question:
    return ask() or effect()
