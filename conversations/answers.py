"""What is stored, in the API's words."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from conversations import errors, rows, streams
from conversations.models import Approval, Conversation, Item, ToolCall, Turn
from conversations.querysets import MARKS

_FAILURES = {
    failure.code: failure
    for failure in (errors.AssistantFailed, errors.AssistantUnavailable, errors.AssistantTimeout)
}


def failure(turn: Turn) -> errors.AssistantError:
    """Return the error that a failed turn stored; its headers say what a retry has to name."""
    stored = turn.error or {}
    kind = _FAILURES.get(stored.get("code", ""), errors.AssistantFailed)
    return kind(
        stored.get("detail", ""), retry_after=stored.get("retry_after"), headers=streams.turn_headers(turn)
    )


def chat_answer(turn: Turn) -> dict[str, Any]:
    """Return a turn as the chat endpoint's answer; what isn't there yet is null."""
    finished = turn.status in (Turn.Status.COMPLETED, Turn.Status.CANCELLED)
    spoken = "turn_id = %s and role = 'assistant' order by position"
    replies = rows.select(Item, spoken, [turn.pk]) if finished else []
    last = replies[-1] if replies else None
    return {
        "conversation_id": turn.conversation_id,
        "response": "\n\n".join(reply.text for reply in replies) if finished else None,
        "message_id": last and last.item_id,
        "timestamp": last and last.created_at,
        "turn_id": turn.pk,
        "status": turn.status,
        "sequence": last and last.sequence,
        "tool_calls": [
            {"name": call.tool, "arguments": call.arguments, "status": call.status}
            for call in rows.select(ToolCall, "turn_id = %s order by position", [turn.pk])
        ],
        "usage": usage(turn),
    }


def usage(turn: Turn) -> dict[str, int]:
    return {"input_tokens": turn.input_tokens, "output_tokens": turn.output_tokens}


def turn_answer(turn: Turn, approvals: Iterable[Approval] | None = None) -> dict[str, Any]:
    """Return a turn with its state, times and approvals, which are read unless they are known."""
    if approvals is None:
        approvals = Approval.objects.filter(tool_call__turn=turn).select_related("tool_call").order_by("id")
    error = turn.error and {"code": turn.error["code"], "detail": turn.error["detail"]}
    return {
        "id": turn.pk,
        "status": turn.status,
        "error": error,
        "usage": usage(turn),
        "approvals": [_approval(each) for each in approvals],
        "queued_at": turn.queued_at,
        "started_at": turn.started_at,
        "first_token_at": turn.first_token_at,
        "finished_at": turn.finished_at,
    }


def _approval(approval: Approval) -> dict[str, Any]:
    return {
        "id": approval.pk,
        "tool": approval.tool_call.tool,
        "arguments": approval.arguments,
        "decided_by": approval.decided_by,
        "status": approval.status,
        "expires_at": approval.expires_at,
    }


def conversation_answer(conversation: Conversation) -> dict[str, Any]:
    """Return a conversation; `last_message` where the read brought it along."""
    return {
        "id": conversation.pk,
        "title": conversation.title,
        "status": conversation.status,
        "handled_by": conversation.handled_by,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
        "last_message": getattr(conversation, "last_message", None),
    }


def message_answer(item: Item) -> dict[str, Any]:
    return {
        "id": item.item_id,
        "role": item.role,
        "content": item.text,
        "sequence": item.sequence,
        "timestamp": item.created_at,
        "turn_id": item.turn_id,
    }


def found_answer(item: Item) -> dict[str, Any]:
    """Return a message that a search found, with its conversation and where the words stand."""
    snippet = escape(getattr(item, "snippet", ""))
    for mark, tag in zip(MARKS, ("<mark>", "</mark>"), strict=True):
        snippet = snippet.replace(mark, tag)
    return {
        **message_answer(item),
        "conversation_id": item.conversation_id,
        "title": item.conversation.title,
        "snippet": snippet,
    }
