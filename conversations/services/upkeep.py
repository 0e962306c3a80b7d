"""What grows is cut back: logs of turns long over, and conversations past their time."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from conversations.models import Conversation
from conversations.services.access import forget_in_staff_log
from conversations.services.attachments import delete_attachments_of

EVENTS_KEPT = timedelta(days=1)


def prune_events() -> int:
    """Delete events older than a day of conversations whose turns ended before; return how many.

    What is deleted of a log is always its beginning, so a reader that asks for it is told to load afresh.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PRUNE, {"bound": timezone.now() - EVENTS_KEPT})
        return int(cursor.rowcount)


# Times of turns are compared with the same bound, so that no event goes within a day of its turn's end.
_PRUNE = """
with old as (
    select id from conversations_conversation as conversation
    where not exists (
        select from conversations_turn as turn
        where turn.conversation_id = conversation.id and (turn.finished_at is null or turn.finished_at > %(bound)s)
    )
)
delete from conversations_event where created_at < %(bound)s and conversation_id in (select id from old)
"""


def delete_expired_conversations() -> int:
    """Delete conversations that nobody wrote in for CHAT_RETENTION_DAYS; return how many. 0 days keep for ever."""
    if not settings.CHAT_RETENTION_DAYS:
        return 0
    oldest = timezone.now() - timedelta(days=settings.CHAT_RETENTION_DAYS)
    expired = Conversation.objects.filter(updated_at__lt=oldest).exclude(
        turns__status__in=["queued", "running", "waiting_approval"]
    )
    delete_attachments_of(expired.values_list("pk", flat=True))
    forget_in_staff_log(Conversation, expired.values("pk"))
    _, counts = expired.delete()
    return counts.get("conversations.Conversation", 0)
