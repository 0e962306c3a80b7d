"""How one provider wants to be asked: the same conversation, tools and settings in the form that it takes."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agents import FunctionTool, Handoff, ModelSettings, Tool

from .alternation import take_turns
from .schemas import simplify

Item = Mapping[str, Any]

#: Models of OpenAI's that think before they speak; the others refuse to be asked for their thoughts.
_THINKS = re.compile(r"^(o\d|gpt-([5-9]|\d\d)(?!.*chat)|codex|practice-thinks)")
#: What Google says to send where a call has no signature: it came from another model.
NO_SIGNATURE = "skip_thought_signature_validator"


class Responses:
    """OpenAI's own API. Nothing is stored there, so everything that it will need goes along each time."""

    def __init__(self, model: str) -> None:
        self._thinks = bool(_THINKS.match(model))

    def settings(self, given: ModelSettings) -> ModelSettings:
        """Ask that nothing be kept, and for the thoughts in the sealed form in which they can be given back."""
        include = ["reasoning.encrypted_content"] if self._thinks else None
        return replace(given, store=False, response_include=include)

    def items(self, items: Sequence[Item]) -> list[Item]:
        """Leave out thoughts that aren't sealed, or not its own: their ids mean nothing where nothing is kept.

        An item that came with thoughts is refused under its id without them.
        """
        items = shorten_ids(items, 64)
        mine = [item for item in items if item.get("type") != "reasoning" or self._can_read(item)]
        if len(mine) == len(items):
            return mine
        return [_without_id(item) if item.get("type") == "function_call" else item for item in mine]

    def _can_read(self, thoughts: Item) -> bool:
        return self._thinks and bool(thoughts.get("encrypted_content")) and not thoughts.get("provider_data")

    def tools(self, tools: Sequence[Tool]) -> list[Tool]:
        """Leave them as they are."""
        return list(tools)

    def handoffs(self, handoffs: Sequence[Handoff[Any, Any]]) -> list[Handoff[Any, Any]]:
        """Leave them as they are."""
        return list(handoffs)


class ChatCompletions:
    """Any server that speaks the older API."""

    def settings(self, given: ModelSettings) -> ModelSettings:
        """Ask for the count of tokens, and for nothing that only some of them know."""
        return replace(given, include_usage=True, store=None, response_include=None, parallel_tool_calls=None)

    def items(self, items: Sequence[Item]) -> list[Item]:
        """Leave out another API's sealed thoughts, and let both sides take turns."""
        plain = [item for item in items if not item.get("encrypted_content")]
        return take_turns(shorten_ids(plain, 40))

    def tools(self, tools: Sequence[Tool]) -> list[Tool]:
        """Leave them as they are."""
        return list(tools)

    def handoffs(self, handoffs: Sequence[Handoff[Any, Any]]) -> list[Handoff[Any, Any]]:
        """Leave them as they are."""
        return list(handoffs)


class Gemini(ChatCompletions):
    """Google's endpoint: simpler schemas, and a signature on every call of the turn."""

    def items(self, items: Sequence[Item]) -> list[Item]:
        """Sign the calls that another model made, or that were made before signatures were kept."""
        return [
            _signed(item) if item.get("type") == "function_call" else item for item in super().items(items)
        ]

    def tools(self, tools: Sequence[Tool]) -> list[Tool]:
        """Say less in the schemas."""
        return [_simpler(tool) if isinstance(tool, FunctionTool) else tool for tool in tools]

    def handoffs(self, handoffs: Sequence[Handoff[Any, Any]]) -> list[Handoff[Any, Any]]:
        """Say less in the schemas."""
        return [
            replace(handoff, input_json_schema=simplify(handoff.input_json_schema), strict_json_schema=False)
            for handoff in handoffs
        ]


Dialect = Responses | ChatCompletions


def dialect_of(api: str, model: str) -> Dialect:
    """Return how a model wants to be asked."""
    if api == "responses":
        return Responses(model)
    return Gemini() if "gemini" in model.lower() else ChatCompletions()


def shorten_ids(items: Sequence[Item], longest: int) -> list[Item]:
    """Shorten the ids of calls that another server made, and of their results, to what this one takes."""
    return [
        {**item, "call_id": _shorten(item["call_id"])} if len(item.get("call_id") or "") > longest else item
        for item in items
    ]


def _shorten(call_id: str) -> str:
    return f"call_{hashlib.sha256(call_id.encode()).hexdigest()[:32]}"


def _without_id(item: Item) -> Item:
    return {name: value for name, value in item.items() if name != "id"}


def _signed(call: Item) -> Item:
    known = call.get("provider_data") or {}
    if known.get("thought_signature"):
        return call
    return {**call, "provider_data": {**known, "thought_signature": NO_SIGNATURE}}


def _simpler(tool: FunctionTool) -> FunctionTool:
    simple = copy.copy(tool)
    simple.params_json_schema = simplify(tool.params_json_schema)
    simple.strict_json_schema = False
    return simple
