"""How a thread tells that a person of the staff was asked for, came into a conversation, or went."""

from __future__ import annotations

from typing import Any

from conversations import events, ids
from conversations.models import Conversation, Item
from conversations.services import items
from conversations.services.locking import log

#: What ChatKit clients that don't know staff show; ours says it in the customer's language.
WORDS = {
    "asked": "You asked for a person. Until somebody joins, the assistant answers.",
    "joined": "{name} joined the conversation.",
    "left": "{name} left. The assistant answers again.",
}
UNNAMED = "Customer service"


def note_presence(conversation: Conversation, *, staff: Any, event: str) -> Item:
    """Store and log a line that nobody said. The caller holds the lock.

    `staff` is None where nobody has come. ChatKit has no such item: the payload is an assistant's message whose source
    says what happened. Without a role it is no message of the conversation, for the API, the model and the search.
    """
    text = WORDS[event].format(name=_name(staff) or UNNAMED)
    line = items.assistant_message(conversation.pk, ids.new_id("msg"), text)
    line["content"][0]["annotations"].append(sign(staff, event=event))
    item = items.store_item(conversation, line, is_message=False, author=staff)
    conversation.save(update_fields=["next_position"])
    log(conversation, None, [events.item_done(line)])
    return item


def sign(staff: Any, **more: str) -> dict[str, Any]:
    """Name a person of the staff, where ChatKit's own types keep it; user names are nobody else's business."""
    name = _name(staff)
    data = {"author": "staff", "name": name, **more}
    source = {"type": "entity", "id": "staff", "title": name or UNNAMED, "data": data}
    return {"type": "annotation", "source": source}


def _name(staff: Any) -> str:
    return staff.get_full_name() if staff else ""
