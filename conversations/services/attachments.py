"""Attachments as ChatKit describes them; their bytes are elsewhere."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from conversations.models import Attachment
from conversations.services.saving import get_external_user


@transaction.atomic
def save_attachment(*, user_id: str, payload: dict[str, Any]) -> Attachment:
    """Store what an attachment of the user's is, over what was known of it."""
    owner = get_external_user(user_id=user_id)
    attachment, _ = Attachment.objects.update_or_create(
        user=owner, attachment_id=payload["id"], defaults={"payload": payload}
    )
    return attachment


@transaction.atomic
def delete_attachment(*, user: Any, attachment_id: str) -> None:
    """Forget the user's attachment, if it is there."""
    Attachment.objects.visible_to(user).filter(attachment_id=attachment_id).delete()
