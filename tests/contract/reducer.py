"""A thread's items as a client keeps them, by what CHATKIT's protocol says of each event; nothing of our own."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]


def fold(items: Iterable[Json], events: Iterable[Json]) -> list[Json]:
    """Return what a client shows after the events, having begun with a snapshot's items."""
    shown = {item["id"]: copy.deepcopy(item) for item in items}
    for event in events:
        match event["type"]:
            case "thread.item.added" | "thread.item.done" | "thread.item.replaced":
                # The place of a known item stays: `done` may come twice, and after `added`.
                shown[event["item"]["id"]] = copy.deepcopy(event["item"])
            case "thread.item.removed":
                shown.pop(event["item_id"], None)
            case "thread.item.updated" if event["item_id"] in shown:
                _update(shown[event["item_id"]], copy.deepcopy(event["update"]))
    return list(shown.values())


def _update(item: Json, update: Json) -> None:
    kind = update["type"]
    if kind.startswith("assistant_message.content_part.") and item["type"] == "assistant_message":
        index, content = update["content_index"], item["content"]
        while len(content) <= index:
            content.append({"type": "output_text", "text": "", "annotations": []})
        match kind.rsplit(".", 1)[1]:
            case "added" | "done":
                content[index] = update["content"]
            case "text_delta":
                content[index]["text"] += update["delta"]
            case "annotation_added":
                content[index]["annotations"].append(update["annotation"])
    elif kind == "workflow.task.added":
        item["workflow"]["tasks"].insert(update["task_index"], update["task"])
    elif kind == "workflow.task.updated":
        item["workflow"]["tasks"][update["task_index"]] = update["task"]
