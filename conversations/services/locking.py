"""The one door to a conversation's row for writers, and what leaves after their commit."""

from __future__ import annotations

import functools
import hashlib
from typing import Any

from django.db import transaction

from conversations import errors, events
from conversations.models import Conversation


def get_conversation(*, user: Any, id: str) -> Conversation:
    """Return the user's conversation; absent and somebody else's are the same NotFound."""
    conversation = Conversation.objects.visible_to(user).filter(pk=id).first()
    if conversation is None:
        raise errors.NotFound()
    return conversation


def lock_conversation(*, id: str, user: Any = None, epoch: int | None = None) -> Conversation:
    """Lock a conversation for writing. Raises NotFound, or Fenced when the run's epoch has passed."""
    rows = Conversation.objects.select_for_update()
    if user is not None:
        rows = rows.visible_to(user)
    conversation = rows.filter(pk=id).first()
    if epoch is not None and (conversation is None or conversation.epoch != epoch):
        raise errors.Fenced()
    if conversation is None:
        raise errors.NotFound()
    return conversation


def log(conversation: Conversation, turn_id: str | None, payloads: list[dict[str, Any]]) -> int:
    """Append to the log of a locked conversation and push it after the commit. Returns the last seq."""
    if not payloads:
        return conversation.last_seq
    logged = events.append(conversation.pk, turn_id, payloads)
    conversation.last_seq = logged[-1].seq
    transaction.on_commit(functools.partial(events.publish, conversation.pk, logged))
    announce(conversation)
    return logged[-1].seq


def announce(conversation: Conversation) -> None:
    """Tell the user's other pages that the conversation changed, after the commit."""
    message = {
        "type": "conversation.changed",
        "conversation_id": conversation.pk,
        "seq": conversation.last_seq,
    }
    transaction.on_commit(functools.partial(events.send, user_group(conversation.user_id), message))


def user_group(user_id: str) -> str:
    """Name the channel layer's group of everything that happens to a user's conversations."""
    return "user." + hashlib.blake2s(user_id.encode(), digest_size=16).hexdigest()
