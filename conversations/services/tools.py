"""A tool's effect and its record, committed together."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation

from conversations import errors, events, rows
from conversations.languages import speaking
from conversations.models import Approval, Conversation, ToolCall, Turn
from conversations.services import approvals, items
from conversations.services.approvals import ApprovalPending, Question
from conversations.services.effects import push_effects
from conversations.services.locking import lock_conversation, log


class ToolRefused(Exception):
    """A tool says no, in words for the model; stored as the call's result."""


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """What a call led to: words for the model, items that the thread shows, and client effects for its pages.

    An item is a ChatKit payload without what its thread adds: see `items.place`.
    """

    text: str
    items: tuple[dict[str, Any], ...] = ()
    effects: tuple[dict[str, Any], ...] = ()


#: Words alone are an outcome, too.
Effect = Callable[[], str | ToolOutcome]


def run_tool_once(
    *,
    turn_id: str,
    epoch: int,
    call_id: str,
    tool: str,
    arguments: dict[str, Any],
    effect: Effect,
    ask: Callable[[], Question | None] | None = None,
) -> ToolCall:
    """Run a tool's effect unless this call was run before; return the call with its result.

    Raises Fenced when the turn is no longer the caller's. A refusal rolls the effect back and is the result. `ask`
    says what needs a yes before the effect: until it is given, ApprovalPending is raised and nothing is done.
    Items are stored with the next step, in the thread's order; effects are logged here.
    """
    call = _run_once(turn_id, epoch, call_id, tool, arguments, effect, ask)
    if call.status == ToolCall.Status.WAITING:
        raise ApprovalPending
    return call


@transaction.atomic
def run_or_ask(
    effect: Effect, ask: Callable[[], Question | None] | None = None
) -> str | ToolOutcome | Question:
    """Run the effect of a call that belongs to no turn, in one transaction with what may have to be asked first."""
    return effect() if ask is None else _effect_or_question(ask, effect)


@transaction.atomic
def begin_tool_call(
    *, turn_id: str, epoch: int, call_id: str, tool: str, arguments: dict[str, Any]
) -> ToolCall | None:
    """Store that a call is about to be made elsewhere, where an effect can't be stored along with it.

    Returns the call where it was begun before: one that never ended has an unknown outcome. Raises Fenced.
    """
    turn = Turn.objects.get(pk=turn_id)
    conversation = lock_conversation(id=turn.conversation_id, epoch=epoch)
    known = rows.first(ToolCall, "turn_id = %s and call_id = %s", [turn_id, call_id])
    if known is not None:
        if known.status == ToolCall.Status.RUNNING:
            known.status = ToolCall.Status.UNKNOWN
            known.save(update_fields=["status"])
        return known
    ToolCall.objects.create(
        turn=turn,
        call_id=call_id,
        position=conversation.next_position,
        tool=tool,
        arguments=events.clean_json(arguments),
        status=ToolCall.Status.RUNNING,
    )
    conversation.next_position += 1
    conversation.save(update_fields=["next_position"])
    return None


@transaction.atomic
def end_tool_call(*, turn_id: str, epoch: int, call_id: str, result: str | None, status: str) -> None:
    """Store what came of a call elsewhere; no result is an outcome that nobody knows. Raises Fenced."""
    call = ToolCall.objects.select_related("turn").get(turn=turn_id, call_id=call_id)
    lock_conversation(id=call.turn.conversation_id, epoch=epoch)
    call.result, call.status = None if result is None else events.clean(result), ToolCall.Status(status)
    call.save(update_fields=["result", "status"])


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
    effect: Effect,
    ask: Callable[[], Question | None] | None,
) -> ToolCall:
    turn = Turn.objects.get(pk=turn_id)
    conversation = lock_conversation(id=turn.conversation_id, epoch=epoch)
    arguments = events.clean_json(arguments)
    known = rows.first(ToolCall, "turn_id = %s and call_id = %s", [turn_id, call_id])
    if known is not None:
        if known.status == ToolCall.Status.WAITING:
            _run_approved(conversation, known, arguments, effect)
        return known
    call = ToolCall(
        turn=turn, call_id=call_id, position=conversation.next_position, tool=tool, arguments=arguments
    )
    question = _run(
        conversation, call, effect if ask is None else functools.partial(_effect_or_question, ask, effect)
    )
    call.save()
    if question is not None:
        approvals.ask(call, question, _for_staff(question, ask))
    conversation.next_position += 1
    log(conversation, turn_id, [], "next_position")
    return call


def _run_approved(
    conversation: Conversation, call: ToolCall, arguments: dict[str, Any], effect: Effect
) -> None:
    """Run what was asked, exactly as it was asked, once the yes is there."""
    if call.arguments != arguments:
        raise errors.StateLost
    if Approval.objects.filter(tool_call=call, status=Approval.Status.APPROVED).exists():
        _run(conversation, call, effect)
        call.save(update_fields=["status", "result", "shown"])


def _run(
    conversation: Conversation, call: ToolCall, effect: Callable[[], str | ToolOutcome | Question]
) -> Question | None:
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
    outcome = ToolOutcome(result) if isinstance(result, str) else result
    call.result = events.clean(outcome.text)
    call.shown = [items.place(conversation.pk, each) for each in outcome.items]
    log(conversation, call.turn_id, list(outcome.effects))
    push_effects(user_id=conversation.user_id, effects=outcome.effects, conversation_id=conversation.pk)
    return None


def _for_staff(question: Question, ask: Callable[[], Question | None] | None) -> Question:
    """Return a question in the administration's language."""
    if ask is None or translation.get_language() == settings.LANGUAGE_CODE:
        return question
    return speaking(settings.LANGUAGE_CODE, ask) or question


def _effect_or_question(ask: Callable[[], Question | None], effect: Effect) -> str | ToolOutcome | Question:
    return ask() or effect()
