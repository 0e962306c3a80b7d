"""Items of a thread: stored in order, replaced in place, removed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.models import F

from conversations import events, ids, rows
from conversations.models import Conversation, Item, Summary, Turn

MESSAGE_ROLES = {"user_message": Item.Role.USER, "assistant_message": Item.Role.ASSISTANT}


def now_text() -> str:
    """The time as ChatKit's items carry it."""
    return time_text(datetime.now(UTC))


def time_text(moment: datetime) -> str:
    """Write a time as ChatKit's types do, so that an event and a page say the same: RFC 3339, ending in Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def user_message(conversation_id: str, text: str, **extra: Any) -> dict[str, Any]:
    """Make a customer's message as ChatKit's payload."""
    return {
        "type": "user_message",
        "id": ids.new_id("msg"),
        "thread_id": conversation_id,
        "created_at": now_text(),
        "content": [{"type": "input_text", "text": text}],
        "attachments": [],
        "inference_options": {},
        **extra,
    }


def assistant_message(conversation_id: str, item_id: str, text: str | None) -> dict[str, Any]:
    """Make the assistant's message; None is a draft that has no content yet."""
    return {
        "type": "assistant_message",
        "id": item_id,
        "thread_id": conversation_id,
        "created_at": now_text(),
        "content": [] if text is None else [output_text(text)],
    }


def output_text(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": []}


def place(conversation_id: str, item: dict[str, Any]) -> dict[str, Any]:
    """Complete an item that somebody else made, for the thread that it comes into."""
    placed: dict[str, Any] = events.clean_json(
        {"id": ids.new_id("item"), **item, "thread_id": conversation_id, "created_at": now_text()}
    )
    return placed


def text_of(payload: dict[str, Any]) -> str:
    """Return what an item says, as plain text."""
    return "".join(part.get("text") or "" for part in payload.get("content") or () if isinstance(part, dict))


def store_item(conversation: Conversation, payload: dict[str, Any], **fields: Any) -> Item:
    """Store a payload, as `make_item` makes a row of it, at once."""
    item = make_item(conversation, payload, **fields)
    rows.insert(item)
    return item


def make_item(
    conversation: Conversation,
    payload: dict[str, Any],
    *,
    turn: Turn | None = None,
    role: Item.Role | None = None,
    is_message: bool = True,
    **fields: Any,
) -> Item:
    """Return the row of a payload at the end of the thread, for the caller to store along with others.

    The caller holds the conversation's lock and saves its counters.
    """
    role = (role or MESSAGE_ROLES.get(payload["type"])) if is_message else None
    item = Item(
        conversation_id=conversation.pk,
        item_id=payload["id"],
        position=conversation.next_position,
        kind=payload["type"],
        role=role,
        sequence=conversation.message_count if role else None,
        text=text_of(payload),
        payload=payload,
        turn_id=turn.pk if turn else None,
        turn_number=turn.number if turn else conversation.turn_count,
        **fields,
    )
    conversation.next_position += 1
    conversation.message_count += 1 if role else 0
    return item


def replace_item(conversation: Conversation, item: Item, payload: dict[str, Any]) -> None:
    """Put another payload in an item's place. The caller holds the lock and saves the counters."""
    role = MESSAGE_ROLES.get(payload["type"])
    if item.role and not role:
        _close_gap(conversation, item)
    elif role and not item.role:
        _open_gap(conversation, item)
    # A message of the staff's stays one: ChatKit knows no such role.
    item.role = role and (item.role or role)
    item.kind, item.text, item.payload = payload["type"], text_of(payload), payload
    item.save(update_fields=["kind", "role", "sequence", "text", "payload"])


def remove_items(conversation: Conversation, items: list[Item]) -> None:
    """Delete items and close the gap in the messages' sequence. The caller holds the lock and saves the counters.

    What was summed up from them goes too.
    """
    if spoken := [item.turn_number for item in items if item.role]:
        Summary.objects.filter(conversation=conversation, until_turn__gte=min(spoken)).delete()
    for item in sorted(items, key=lambda each: -each.position):
        item.delete()
        if item.sequence is not None:
            _close_gap(conversation, item)


def _close_gap(conversation: Conversation, item: Item) -> None:
    later = Item.objects.filter(conversation=conversation, sequence__gt=item.sequence)
    later.update(sequence=F("sequence") - 1)
    conversation.message_count -= 1
    item.sequence = None


def _open_gap(conversation: Conversation, item: Item) -> None:
    later = Item.objects.messages().filter(conversation=conversation, position__gt=item.position)
    item.sequence = conversation.message_count - later.update(sequence=F("sequence") + 1)
    conversation.message_count += 1
