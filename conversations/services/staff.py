"""What a person of the staff says to a customer."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from conversations import errors, events, ids
from conversations.models import Conversation, Item
from conversations.services import items, joining
from conversations.services.locking import lock_conversation, log
from conversations.services.sending import check_text


@transaction.atomic
def reply_as_staff(*, staff: Any, conversation_id: str, text: str, message_id: str | None = None) -> Item:
    """Say something to the customer in a conversation that the staff has taken over.

    ChatKit has no staff: the payload is an assistant's message, the role tells who spoke, and a source names them.
    The same `message_id` again, a form sent twice, is the same message. Raises NotFound, Conflict,
    ConversationClosed, Invalid.
    """
    check_text(text)
    conversation = lock_conversation(id=conversation_id)
    sent = Item.objects.filter(conversation=conversation, item_id=message_id, author=staff).first()
    if sent is not None:
        return sent
    _check_with_staff(conversation)
    message = items.assistant_message(conversation.pk, message_id or ids.new_id("msg"), text)
    message["content"][0]["annotations"].append(joining.sign(staff))
    item = items.store_item(conversation, message, role=Item.Role.STAFF, author=staff)
    conversation.updated_at = timezone.now()
    conversation.save(update_fields=["next_position", "message_count", "updated_at"])
    log(conversation, None, [events.item_done(message)])
    return item


def _check_with_staff(conversation: Conversation) -> None:
    if conversation.handled_by != Conversation.HandledBy.STAFF:
        raise errors.Conflict("The assistant has this conversation. Take it over to reply.")
    if conversation.status == Conversation.Status.CLOSED:
        raise errors.ConversationClosed("This conversation is closed. Reopen it to reply.")
