"""A tool's effect and its record, committed together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from conversations import events, rows
from conversations.models import ToolCall, Turn
from conversations.services.locking import lock_conversation


class ToolRefused(Exception):
    """A tool says no, in words for the model; stored as the call's result."""


@transaction.atomic
def run_tool_once(
    *, turn_id: str, epoch: int, call_id: str, tool: str, arguments: dict[str, Any], effect: Callable[[], str]
) -> str:
    """Run a tool's effect unless this call was run before; return its result.

    Raises Fenced when the turn is no longer the caller's. A refusal rolls the effect back and is the result.
    """
    turn = Turn.objects.get(pk=turn_id)
    conversation = lock_conversation(id=turn.conversation_id, epoch=epoch)
    known = rows.first(ToolCall, "turn_id = %s and call_id = %s", [turn_id, call_id])
    if known is not None:
        return known.result or ""
    result, status = _run(effect)
    result = events.clean(result)
    ToolCall.objects.create(
        turn=turn,
        call_id=call_id,
        position=conversation.next_position,
        tool=tool,
        arguments=events.clean_json(arguments),
        result=result,
        status=status,
    )
    conversation.next_position += 1
    conversation.save(update_fields=["next_position"])
    return result


def _run(effect: Callable[[], str]) -> tuple[str, ToolCall.Status]:
    try:
        with transaction.atomic():
            return effect(), ToolCall.Status.COMPLETED
    except ToolRefused as refusal:
        return str(refusal), ToolCall.Status.FAILED
