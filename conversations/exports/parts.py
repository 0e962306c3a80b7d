"""What an item brings along: files, sources, and the name of the person who spoke."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conversations.models import Item

Json = dict[str, Any]


def attachments_of(item: Item) -> list[Json]:
    """Return the files that a customer's message brought, by name."""
    return [
        {"id": each.get("id", ""), "name": each.get("name", ""), "media_type": each.get("mime_type", "")}
        for each in item.payload.get("attachments") or ()
    ]


def sources_of(item: Item) -> list[Json]:
    """Return what a reply cites, each once."""
    found: list[Json] = []
    for source in _annotated(item):
        if not _names_staff(source):
            title = source.get("title") or source.get("filename") or source.get("id") or ""
            entry = {"title": title, "url": source.get("url")}
            if entry not in found:
                found.append(entry)
    return found


def author_of(item: Item) -> str | None:
    """Return the name of the person of the staff who spoke, as the customer was told it."""
    if item.role != Item.Role.STAFF:
        return None
    return next((str(source.get("title") or "") for source in _annotated(item) if _names_staff(source)), "")


def steps_of(item: Item) -> list[str]:
    """Return what a workflow or a task shows of the assistant's work."""
    tasks = (item.payload.get("workflow") or {}).get("tasks") or [item.payload.get("task") or {}]
    return [str(task["title"]) for task in tasks if task.get("title")]


def _annotated(item: Item) -> Iterator[Json]:
    for part in item.payload.get("content") or ():
        for annotation in part.get("annotations") or () if isinstance(part, dict) else ():
            yield annotation.get("source") or {}


def _names_staff(source: Json) -> bool:
    return bool((source.get("data") or {}).get("author") == "staff")
