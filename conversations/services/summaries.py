"""The older part of a conversation in a few words: made once, and kept until what is in it is taken back."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from conversations import events, rows
from conversations.models import Conversation, Summary, Turn
from conversations.responder import Spent, TurnRequest
from conversations.services import usage


@transaction.atomic
def begin_summary(*, conversation_id: str, until_turn: int, pause_seconds: float) -> bool:
    """Say whether the caller is the one to sum up to a turn, in whatever process: a row without words says so.

    The same holds of one that began within the pause, whatever came of it.
    """
    conversation = Conversation.objects.select_for_update().filter(pk=conversation_id).first()
    if conversation is None:
        return False
    latest = timezone.now() - timedelta(seconds=pause_seconds)
    known = Summary.objects.filter(conversation=conversation)
    if known.filter(created_at__gt=latest).exists():
        return False
    if known.filter(until_turn__gte=until_turn).exclude(text="").exists():
        return False
    known.filter(text="").delete()
    known.create(conversation=conversation, until_turn=until_turn, created_at=timezone.now())
    return True


@transaction.atomic
def store_summary(*, request: TurnRequest, text: str, until_turn: int, spent: Spent) -> None:
    """Store a summary of a conversation up to a turn, made behind the request's reply; charge the call to its turn.

    It isn't stored where an earlier message was answered anew meanwhile: it may tell of what is gone.
    """
    conversation = Conversation.objects.select_for_update().filter(pk=request.conversation_id).first()
    turn = rows.first(Turn, "id = %s", [request.turn_id])
    if conversation is None or turn is None:
        return
    usage.charge(turn, spent)
    rows.update(turn, *usage.USAGE_COLUMNS)
    if not text or not conversation.items.filter(turn=turn).exists():
        return
    Summary.objects.update_or_create(
        conversation=conversation,
        until_turn=until_turn,
        defaults={"text": events.clean(text), "model": spent.model},
    )
