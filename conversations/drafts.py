"""What a turn has shown but not stored: its log folded into items. Pure: events in, payloads out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from conversations.events import LoggedEvent


def unfinished_items(events: Iterable[LoggedEvent]) -> list[dict[str, Any]]:
    """Return the items that were added and neither done nor removed, as far as they came, in order."""
    drafts: dict[str, dict[str, Any]] = {}
    for logged in events:
        event = json.loads(logged.payload)
        match event["type"]:
            case "thread.item.added":
                drafts[event["item"]["id"]] = event["item"]
            case "thread.item.done" | "thread.item.replaced":
                drafts.pop(event["item"]["id"], None)
            case "thread.item.removed":
                drafts.pop(event["item_id"], None)
            case "thread.item.updated" if event["item_id"] in drafts:
                _apply(drafts[event["item_id"]], event["update"])
    return list(drafts.values())


def _apply(item: dict[str, Any], update: dict[str, Any]) -> None:
    match update["type"]:
        case "assistant_message.content_part.added":
            item["content"].append(update["content"])
        case "assistant_message.content_part.text_delta":
            item["content"][update["content_index"]]["text"] += update["delta"]
        case "assistant_message.content_part.done":
            item["content"][update["content_index"]] = update["content"]
        case "workflow.task.added":
            item["workflow"]["tasks"].append(update["task"])
        case "workflow.task.updated":
            item["workflow"]["tasks"][update["task_index"]] = update["task"]
