"""ChatKit's thread events as plain JSON, without ChatKit: its types cost a third of a process's memory.

A test validates every shape made here with openai-chatkit's own types.
"""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]

TURN_STARTED: Json = {"type": "stream_options", "stream_options": {"allow_cancel": True}}
# The last event of every turn, and of nothing else: by it a reader knows that the turn has ended.
TURN_ENDED: Json = {"type": "stream_options", "stream_options": {"allow_cancel": False}}


def dump(payload: Json) -> str:
    """Write a payload as one line of JSON."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def thread_created(thread: Json) -> Json:
    return {"type": "thread.created", "thread": thread}


def thread_updated(thread: Json) -> Json:
    return {"type": "thread.updated", "thread": thread}


def item_added(item: Json) -> Json:
    return {"type": "thread.item.added", "item": item}


def item_done(item: Json) -> Json:
    return {"type": "thread.item.done", "item": item}


def item_removed(item_id: str) -> Json:
    return {"type": "thread.item.removed", "item_id": item_id}


def item_replaced(item: Json) -> Json:
    return {"type": "thread.item.replaced", "item": item}


def item_updated(item_id: str, update: Json) -> Json:
    return {"type": "thread.item.updated", "item_id": item_id, "update": update}


def error_event(message: str, *, allow_retry: bool) -> Json:
    """Say that a turn failed, in words for the customer; the turn's own page has the contract's code."""
    return {"type": "error", "code": "custom", "message": message, "allow_retry": allow_retry}
