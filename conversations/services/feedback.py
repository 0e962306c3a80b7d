"""A customer's thumb under a reply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from conversations import errors
from conversations.models import Feedback, Item


@transaction.atomic
def give_feedback(*, user: Any, conversation_id: str, item_ids: Sequence[str], kind: str) -> None:
    """Set the thumb of items in the user's conversation; the last one counts."""
    if kind not in Feedback.Kind.values:
        raise errors.Invalid(errors=[{"field": "kind", "message": "must be positive or negative"}])
    items = list(Item.objects.visible_to(user).filter(conversation_id=conversation_id, item_id__in=item_ids))
    if len(items) != len(set(item_ids)):
        raise errors.NotFound()
    for item in items:
        Feedback.objects.update_or_create(item=item, defaults={"kind": kind})
