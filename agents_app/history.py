"""The conversation in the form that both of the provider's APIs take, and that a run can be resumed from."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

from agents import TResponseInputItem

from conversations.responder import HistoryImage, HistoryMessage, HistoryToolCall

from .fitting import SUMMARY_ASKED

Entry = HistoryMessage | HistoryToolCall

UNKNOWN_OUTCOME = (
    "The outcome of this call is unknown: it may or may not have taken effect. Don't repeat it; look up the "
    "current state first, and tell the customer."
)
NO_OUTPUT = "(nothing)"
#: How a summary begins: with who had the conversation then.
NOW_WITH = "Now with: "
MOST_NAME_CHARS = 100
FROM_STAFF = "[Written by a human colleague]\n"
_STAFF_MARK = FROM_STAFF.strip()


def make_input(history: Sequence[Entry], *, summary: str = "") -> list[TResponseInputItem]:
    """Return the input items for a model: what was said, without orphaned tool calls, behind a summary of the rest."""
    seen: set[str] = set()
    items = [item for entry in history for item in _make_items(entry, seen)]
    if summary:
        asked = {"role": "user", "content": SUMMARY_ASKED}
        items = [asked, _make_assistant_message("msg_summary", summary), *items]
    return cast("list[TResponseInputItem]", items)


def _make_items(entry: Entry, seen: set[str]) -> Iterator[dict[str, Any]]:
    if isinstance(entry, HistoryToolCall):
        yield from _make_call(entry, seen)
    elif not (entry.text.strip() or entry.images):
        return  # an empty message says nothing, and some servers refuse it
    elif entry.role == "user":
        yield {"role": "user", "content": _make_parts(entry) if entry.images else _unsigned(entry.text)}
    else:
        yield _make_assistant_message(entry.item_id, _spoken(entry))


def _make_parts(message: HistoryMessage) -> list[dict[str, Any]]:
    """Return a message's text and pictures; of one that is not sent again, its name."""
    parts: list[dict[str, Any]] = []
    if message.text:
        parts.append({"type": "input_text", "text": _unsigned(message.text)})
    for image in message.images:
        if image.data is None:
            parts.append(
                {"type": "input_text", "text": f"[A picture that was seen before: {_plain_name(image)}]"}
            )
            continue
        data = base64.b64encode(image.data).decode()
        url = f"data:{image.media_type};base64,{data}"
        parts.append({"type": "input_image", "image_url": url, "detail": "auto"})
    return parts


def _plain_name(image: HistoryImage) -> str:
    """Return a picture's name on one line, which can't end what it stands in."""
    return re.sub(r"[\s\[\]]+", " ", image.name)[:MOST_NAME_CHARS]


def _unsigned(text: str) -> str:
    """Return a customer's text without the mark by which the assistant knows a colleague's."""
    return text.replace(_STAFF_MARK, _STAFF_MARK.strip("[]"))


def _spoken(message: HistoryMessage) -> str:
    return FROM_STAFF + message.text if message.role == "staff" else message.text


def _make_assistant_message(item_id: str, text: str) -> dict[str, Any]:
    """Return a full output item: as a plain message, Chat Completions models refuse the second turn."""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "id": _make_message_id(item_id),
        "content": content,
    }


def _make_message_id(item_id: str) -> str:
    """Return an id that the Responses API takes: it wants `msg` in front and at most 64 characters."""
    if item_id.startswith("msg") and len(item_id) <= 64:
        return item_id
    return f"msg_{hashlib.sha256(item_id.encode()).hexdigest()[:32]}"


def _make_call(call: HistoryToolCall, seen: set[str]) -> Iterator[dict[str, Any]]:
    """Yield a call with its output. An orphan of either kind makes the provider refuse every later turn."""
    call_id = call.call_id
    while call_id in seen:  # some servers count their calls from zero in each answer
        call_id += "_"
    seen.add(call_id)
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    yield {"type": "function_call", "call_id": call_id, "name": call.tool, "arguments": arguments}
    output = UNKNOWN_OUTCOME if call.result is None else call.result or NO_OUTPUT
    yield {"type": "function_call_output", "call_id": call_id, "output": output}
