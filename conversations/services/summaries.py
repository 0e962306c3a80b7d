"""What was said long ago, in a few words for the model: made once, kept until something in it is taken back."""

from __future__ import annotations

from django.db import transaction

from conversations import events, rows
from conversations.models import Conversation, Summary, Turn
from conversations.responder import Spent, TurnRequest
from conversations.services import usage


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
    if not conversation.items.filter(turn=turn).exists():
        return
    Summary.objects.update_or_create(
        conversation=conversation,
        until_turn=until_turn,
        defaults={"text": events.clean(text), "model": spent.model},
    )
