"""How a turn ends before its reply is complete: cancelled, failed, handed to a person."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from conversations import errors, events, rows, watching
from conversations.drafts import unfinished_items
from conversations.models import Conversation, Turn
from conversations.services import approvals, items, usage
from conversations.services.locking import log


def end_turn(
    conversation: Conversation, turn: Turn, status: Turn.Status, *, error: errors.AssistantError | None = None
) -> None:
    """End a turn of a locked conversation: keep the text so far, say why, mark the end in the log.

    A running turn's fence is raised, so that nothing of its run is written after this.
    """
    drafts = _unfinished_items(turn)
    if turn.status == Turn.Status.RUNNING:
        conversation.epoch += 1
        # A provider that failed has counted nothing, unless it had begun to answer.
        usage.charge_lost_call(turn, drafts, only_if_shown=status == Turn.Status.FAILED)
    payloads = in_stored_order(conversation, turn, _settle_drafts(conversation, turn, drafts))
    payloads += approvals.expire_waiting(turn)
    if isinstance(error, errors.StateLost):
        turn.steps = []
        rows.update(turn, "steps")
    if error is not None:
        with translation.override(turn.language or settings.LANGUAGE_CODE):
            payloads.append(events.error_event(error.words(), allow_retry=True))
    turn.status = status
    turn.error = None if error is None else _error(error)
    turn.finished_at = timezone.now()
    rows.update(turn, "status", "error", "finished_at", *usage.USAGE_COLUMNS)
    log(conversation, turn.pk, [*payloads, events.TURN_ENDED], "epoch", "next_position", "message_count")
    code = "" if error is None else error.code
    transaction.on_commit(functools.partial(watching.ended, turn.pk, status.value, code))


def in_stored_order(
    conversation: Conversation, turn: Turn, payloads: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Let what was shown as a draft move to where it is stored: behind messages that came in meanwhile.

    A client keeps an item where it first appeared, so the draft has to go before the item comes. So do the items
    of a turn that waited: who replays the log on a page that has them already moves the ones before them.
    """
    if not _overlaps(conversation, turn):
        return list(payloads)
    ordered = []
    for payload in payloads:
        if payload["type"] == "thread.item.done":
            ordered.append(events.item_removed(payload["item"]["id"]))
        ordered.append(payload)
    return ordered


def _overlaps(conversation: Conversation, turn: Turn) -> bool:
    if conversation.turn_count > turn.number:
        return True
    if turn.started_at == turn.queued_at:  # nothing was before it
        return False
    # The one before ended after this one was sent.
    where = "conversation_id = %s and number = %s and finished_at > %s"
    before = [conversation.pk, turn.number - 1, turn.queued_at]
    return turn.number > 1 and rows.first(Turn, where, before) is not None


def take_back_drafts(turn: Turn) -> list[dict[str, Any]]:
    """Return the events that take back what a dead attempt had shown and not stored; what it used is charged."""
    drafts = _unfinished_items(turn)
    if turn.status == Turn.Status.RUNNING:
        usage.charge_lost_call(turn, drafts)
    return [events.item_removed(item["id"]) for item in drafts]


def _settle_drafts(
    conversation: Conversation, turn: Turn, drafts: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    payloads = []
    for draft in drafts:
        if draft["type"] == "assistant_message" and not items.text_of(draft).strip():
            payloads.append(events.item_removed(draft["id"]))
            continue
        if draft["type"] == "workflow":
            for task in draft["workflow"]["tasks"]:
                task["status_indicator"] = "complete"
        items.store_item(conversation, draft, turn=turn, is_partial=True)
        payloads.append(events.item_done(draft))
    return payloads


def _unfinished_items(turn: Turn) -> list[dict[str, Any]]:
    if turn.attempt == 0:
        return []
    logged, seq = [], turn.before_seq
    while page := events.read_after(turn.conversation_id, seq):
        logged += [event for event in page if event.turn_id == turn.pk]
        seq = page[-1].seq
    return unfinished_items(logged)


def _error(error: errors.AssistantError) -> dict[str, Any]:
    stored = {"code": error.code, "detail": error.detail}
    told = {"retry_after": error.retry_after, "trouble": error.trouble or None}
    return stored | {name: value for name, value in told.items() if value is not None}
