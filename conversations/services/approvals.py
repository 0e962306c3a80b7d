"""Deciding what a turn waits for."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from conversations import errors, events
from conversations.models import Approval, Turn
from conversations.services.locking import lock_conversation, log
from conversations.services.turns import get_turn


@transaction.atomic
def decide_approval(
    *, user: Any, conversation_id: str, turn_id: str, approval_id: str, approve: bool, reason: str = ""
) -> Turn:
    """Decide the customer's approval once and queue its turn. Raises NotFound, Forbidden, Conflict."""
    conversation = lock_conversation(user=user, id=conversation_id)
    turn = get_turn(conversation=conversation, turn_id=turn_id)
    approval = Approval.objects.filter(pk=approval_id, tool_call__turn=turn).first()
    if approval is None:
        raise errors.NotFound()
    if approval.decided_by == Approval.DecidedBy.STAFF:
        raise errors.Forbidden("A member of the staff must decide this.")
    _decide(approval, user, approve, reason)
    turn.status = Turn.Status.QUEUED
    turn.save(update_fields=["status"])
    log(conversation, turn.pk, [events.TURN_STARTED])
    jobs.configure_task("conversations.run_turns").defer(conversation_id=conversation.pk)
    return turn


def _decide(approval: Approval, decider: Any, approve: bool, reason: str) -> None:
    now = timezone.now()
    undecided = Q(status=Approval.Status.PENDING) & (Q(expires_at__isnull=True) | Q(expires_at__gt=now))
    decided = Approval.objects.filter(undecided, pk=approval.pk).update(
        status=Approval.Status.APPROVED if approve else Approval.Status.REFUSED,
        decider=decider,
        decided_at=now,
        reason=reason,
    )
    if not decided:
        raise errors.Conflict("This was decided before, or its time is over.")
