"""What the staff read and did, as it is written down."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model, QuerySet

from conversations import errors
from conversations.models import AccessLog, Conversation


@transaction.atomic
def record_access(*, staff: Any, conversation_id: str) -> AccessLog:
    """Write down that a member of staff opens a transcript."""
    if not Conversation.objects.filter(pk=conversation_id).exists():
        raise errors.NotFound()
    return AccessLog.objects.create(staff=staff, conversation_id=conversation_id)


def forget_in_staff_log(model: type[Model], ids: Collection[str] | QuerySet[Any, Any]) -> None:
    """Leave in the administration's log that something was done, and not to what, of rows that are about to go."""
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model), object_id__in=ids)
    about.update(object_id=None, object_repr="Erased", change_message="")
