"""Who of the staff read what."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from conversations import errors
from conversations.models import AccessLog, Conversation


@transaction.atomic
def record_access(*, staff: Any, conversation_id: str) -> AccessLog:
    """Write down that a member of staff opens a transcript."""
    if not Conversation.objects.filter(pk=conversation_id).exists():
        raise errors.NotFound()
    return AccessLog.objects.create(staff=staff, conversation_id=conversation_id)
