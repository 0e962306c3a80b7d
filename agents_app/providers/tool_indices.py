"""Tells parallel tool calls of one stream apart where a server gives all of them the same place."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class _Call:
    id: str
    arguments: str = ""

    @property
    def is_whole(self) -> bool:
        try:
            json.loads(self.arguments)
        except ValueError:
            return False
        return True


class ToolIndices:
    """One stream's calls. Gemini, and gateways to it, send each of several calls whole and as number 0.

    Who joins pieces by their number would make one call of them, with all their arguments in a row. A piece that names
    a function under a number whose call has another id, or is whole, begins a call: it gets the next free number, and
    so does what follows it.
    """

    def __init__(self) -> None:
        self._calls: dict[int, _Call] = {}
        self._moved: dict[int, int] = {}

    def mend(self, chunk: Any) -> Any:
        """Give the calls of a chunk numbers of their own; return the chunk."""
        choices = chunk.get("choices") if isinstance(chunk, dict) else None
        for choice in choices or ():
            for piece in (choice.get("delta") or {}).get("tool_calls") or ():
                self._mend(piece)
        return chunk

    def _mend(self, piece: dict[str, Any]) -> None:
        given, function = piece.get("index") or 0, piece.get("function") or {}
        number = self._moved.get(given, given)
        known = self._calls.get(number)
        if known is not None and function.get("name") and _is_another(known, piece.get("id") or ""):
            number = self._moved[given] = max(self._calls) + 1
            known = None
        if known is None:
            known = self._calls[number] = _Call(piece.get("id") or "")
        known.arguments += function.get("arguments") or ""
        piece["index"] = number


def _is_another(known: _Call, call_id: str) -> bool:
    return call_id != known.id if call_id and known.id else known.is_whole
