"""Tool calls as a provider sent them, made what the client's objects take, also where they are a little wrong."""

from __future__ import annotations

import json
from typing import Any


def mend_pieces(event: dict[str, Any]) -> None:
    """Make the pieces of calls in an event of Chat Completions what they should be."""
    for choice in event.get("choices") or ():
        delta = choice.get("delta") or {}
        if pieces := delta.get("tool_calls"):
            delta["tool_calls"] = [_mend_piece(piece) for piece in pieces if isinstance(piece, dict)]


def mend_items(event: dict[str, Any]) -> None:
    """Make the calls in an event of the Responses API what they should be."""
    response = event.get("response")
    items = [event.get("item"), *((response.get("output") or ()) if isinstance(response, dict) else ())]
    for item in items:
        if isinstance(item, dict) and item.get("type") == "function_call":
            item.update(
                name=_as_text(item.get("name")),
                arguments=_as_json(item.get("arguments")),
                call_id=_as_text(item.get("call_id")),
            )
            if item.get("id") is not None:
                item["id"] = _as_text(item["id"]) or None


def _mend_piece(piece: dict[str, Any]) -> dict[str, Any]:
    function = piece.get("function")
    function = function if isinstance(function, dict) else {}
    index = piece.get("index")
    return {
        **piece,
        "index": index if isinstance(index, int) and index >= 0 else 0,
        # Who has none gets one of ours later.
        "id": _as_text(piece.get("id")),
        "function": {
            **function,
            "name": _as_text(function.get("name")),
            "arguments": _as_json(function.get("arguments")),
        },
    }


def _as_text(value: Any) -> str:
    """Return an id or a name; a number is one, too."""
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _as_json(value: Any) -> str:
    """Return arguments; some servers send them as what they say, and not as its JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
