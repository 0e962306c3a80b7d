"""A conversation as JSON, in the names that the API gives its parts."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator
from typing import Any

from ninja import Schema
from pydantic_core import to_jsonable_python

from conversations import answers
from conversations.exports.downloads import gathered
from conversations.exports.parts import attachments_of, author_of, sources_of
from conversations.exports.reading import read_items, read_turns
from conversations.models import Conversation, Item, Turn
from conversations.schemas import ConversationOut, ExportedMessage, ExportedTurn


def json_file(*, user: Any, conversation: Conversation) -> Generator[bytes]:
    """Yield the file. Broken off it is no JSON."""
    return gathered(_texts(user, conversation))


def _texts(user: Any, conversation: Conversation) -> Iterator[str]:
    place = {"user": user, "conversation_id": conversation.pk}
    yield f'{{"conversation": {_dump(ConversationOut, answers.conversation_answer(conversation))}'
    yield from _list(
        "messages",
        (
            _dump(ExportedMessage, _message(item))
            for page in read_items(**place)
            for item in page.items
            if item.role
        ),
    )
    yield from _list(
        "turns", (_dump(ExportedTurn, _turn(turn)) for page in read_turns(**place) for turn in page)
    )
    yield from _list("items", (_text(_shown(item)) for page in read_items(**place) for item in page.items))
    yield "}\n"


def _list(name: str, entries: Iterable[str]) -> Iterator[str]:
    yield f',\n"{name}": ['
    before = "\n"
    for entry in entries:
        yield before + entry
        before = ",\n"
    yield "\n]"


def _message(item: Item) -> dict[str, Any]:
    feedback = getattr(item, "feedback", None)
    return {
        **answers.message_answer(item),
        "author": author_of(item),
        "is_partial": item.is_partial,
        "attachments": attachments_of(item),
        "sources": sources_of(item),
        "feedback": feedback and feedback.kind,
        "client_timestamp": item.client_timestamp,
    }


def _turn(turn: Turn) -> dict[str, Any]:
    calls = list(turn.tool_calls.all())
    approvals = [call.approval for call in calls if hasattr(call, "approval")]
    told = [{"name": call.tool, "arguments": call.arguments, "status": call.status} for call in calls]
    return {**answers.turn_answer(turn, approvals), "tool_calls": told}


def _shown(item: Item) -> dict[str, Any]:
    """Return an item as ChatKit's clients get it: what a server keeps at an attachment for itself isn't in it."""
    payload = dict(item.payload)
    if payload.get("attachments"):
        payload["attachments"] = [
            {name: value for name, value in each.items() if name not in ("metadata", "upload_descriptor")}
            for each in payload["attachments"]
        ]
    return payload


def _dump(schema: type[Schema], values: dict[str, Any]) -> str:
    return _text(schema.model_validate(values).model_dump(mode="json"))


def _text(value: Any) -> str:
    return json.dumps(to_jsonable_python(value), ensure_ascii=False)
