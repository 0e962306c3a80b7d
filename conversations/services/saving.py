"""Conversations and items as another server made them. ChatKit's Store writes through these, and other pages see it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from conversations import events
from conversations.models import Conversation, Item
from conversations.services import items
from conversations.services.conversations import thread_payload
from conversations.services.locking import lock_conversation, log


@transaction.atomic
def save_conversation(
    *,
    user_id: str,
    conversation_id: str,
    title: str,
    status: str,
    status_reason: str,
    thread: dict[str, Any],
    created_at: datetime,
) -> Conversation:
    """Store a conversation's head as given: a new one, or over the user's own. Raises NotFound for somebody else's.

    `thread` holds what has no column: see Conversation.thread.
    """
    owner = get_external_user(user_id=user_id)
    _, is_new = Conversation.objects.get_or_create(pk=conversation_id, defaults={"user": owner})
    conversation = lock_conversation(user=owner, id=conversation_id)
    known = thread_payload(conversation)
    conversation.title, conversation.status, conversation.status_reason = title, status, status_reason
    conversation.thread, conversation.created_at = thread, created_at
    conversation.save(update_fields=["title", "status", "status_reason", "thread", "created_at"])
    payload = thread_payload(conversation)
    if is_new:
        log(conversation, None, [events.thread_created(payload)])
    elif payload != known:
        log(conversation, None, [events.thread_updated(payload)])
    return conversation


@transaction.atomic
def add_item(
    *, user: Any, conversation_id: str, payload: dict[str, Any], shown: dict[str, Any], created_at: datetime
) -> Item:
    """Store an item at the end; one whose id is known in its old place, where it never asks anew what was answered.

    `shown` is the payload as a client may see it; hidden context is shown to nobody.
    """
    conversation = lock_conversation(user=user, id=conversation_id)
    item = Item.objects.filter(conversation=conversation, item_id=payload["id"]).first()
    if item is None:
        return _append(conversation, payload, shown, created_at)
    if payload.get("status") != "pending" or item.payload.get("status") == "pending":
        _replace(conversation, item, payload, shown)
    return item


@transaction.atomic
def save_item(
    *, user: Any, conversation_id: str, payload: dict[str, Any], shown: dict[str, Any], created_at: datetime
) -> Item:
    """Store an item in place of the one with its id, or at the end where there is none."""
    conversation = lock_conversation(user=user, id=conversation_id)
    item = Item.objects.filter(conversation=conversation, item_id=payload["id"]).first()
    if item is None:
        return _append(conversation, payload, shown, created_at)
    _replace(conversation, item, payload, shown)
    return item


@transaction.atomic
def delete_item(*, user: Any, conversation_id: str, item_id: str) -> None:
    """Delete an item of the user's conversation, if it is there."""
    conversation = lock_conversation(user=user, id=conversation_id)
    found = list(Item.objects.filter(conversation=conversation, item_id=item_id))
    items.remove_items(conversation, found)
    _save_and_log(conversation, [events.item_removed(item.item_id) for item in found if not item.is_hidden])


def get_external_user(*, user_id: str) -> Any:
    """Return the user with this id, made if need be: known to another server, and unable to sign in here."""
    digest = hashlib.blake2s(user_id.encode(), digest_size=16).hexdigest()
    stranger = {"username": f"external-{digest}", "is_active": False, "password": make_password(None)}
    return get_user_model().objects.get_or_create(pk=user_id, defaults=stranger)[0]


def _append(
    conversation: Conversation, payload: dict[str, Any], shown: dict[str, Any], created_at: datetime
) -> Item:
    item = items.store_item(conversation, payload, created_at=created_at)
    _save_and_log(conversation, [] if item.is_hidden else [events.item_done(shown)])
    return item


def _replace(conversation: Conversation, item: Item, payload: dict[str, Any], shown: dict[str, Any]) -> None:
    was_hidden = item.is_hidden
    items.replace_item(conversation, item, payload)
    if not item.is_hidden:
        _save_and_log(conversation, [events.item_done(shown) if was_hidden else events.item_replaced(shown)])
    else:
        _save_and_log(conversation, [] if was_hidden else [events.item_removed(item.item_id)])


def _save_and_log(conversation: Conversation, payloads: list[dict[str, Any]]) -> None:
    conversation.updated_at = timezone.now()
    conversation.save(update_fields=["next_position", "message_count", "updated_at"])
    log(conversation, None, payloads)
