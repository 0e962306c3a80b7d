"""OpenAI's own API as a model of the SDK's. What a request says of the tools is written once, not for each answer.

The SDK's own model of it walks through the tools and the whole history four times a request, which takes longer than
reading the answer (docs/decisions/0040-asking-before-running.md). A test compares the requests of both.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from typing import Any, NoReturn, cast

from agents import Handoff, Model, ModelSettings, Tool
from agents.items import TResponseInputItem, TResponseStreamEvent
from agents.models.fake_id import FAKE_RESPONSES_ID
from agents.models.openai_responses import Converter

from .client import Client
from .transport import Written

#: How many sets of tools are kept as they were written: one for each assistant, and each set of others' tools.
WRITTEN_SETS = 64
_SETTINGS = (
    "temperature", "top_p", "truncation", "parallel_tool_calls", "store", "prompt_cache_retention", "reasoning",
    "metadata",
)  # fmt: skip


class ResponsesModel(Model):
    """Streams answers of one model over the Responses API."""

    def __init__(self, name: str, client: Client) -> None:
        self._name = name
        self._client = client

    async def stream_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: Any,
        handoffs: list[Handoff[Any, Any]],
        tracing: Any,
        **_: Any,
    ) -> AsyncGenerator[TResponseStreamEvent, None]:
        """Yield what the SDK needs of one answer's events. Raises ProviderError."""
        body = {
            "instructions": system_instructions,
            "model": self._name,
            "input": [{"role": "user", "content": input}] if isinstance(input, str) else _clean(input),
            "include": model_settings.response_include or [],
            "tools": write_tools(tools, handoffs),
            "max_output_tokens": model_settings.max_tokens,
            **{name: getattr(model_settings, name) for name in _SETTINGS},
            **(model_settings.extra_args or {}),
        }
        events = await self._client.responses.create(
            stream=True,
            extra_headers=model_settings.extra_headers,
            extra_query=model_settings.extra_query,
            extra_body=model_settings.extra_body,
            **{name: value for name, value in body.items() if value is not None},
        )
        async for event in events:
            yield cast("TResponseStreamEvent", event)

    async def get_response(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: answers are streamed."""
        raise NotImplementedError("answers are streamed")


def write_tools(tools: Sequence[Tool], handoffs: Sequence[Handoff[Any, Any]]) -> Written:
    """Return what a request says of the tools, as it was written when they were first offered."""
    offered = (*tools, *handoffs)
    key = tuple(map(id, offered))
    if (known := _written.get(key)) is not None:
        _written.move_to_end(key)
        return known[1]
    converted = Converter.convert_tools(list(tools), list(handoffs)).tools
    written = Written(json.dumps(converted, ensure_ascii=False, separators=(",", ":")))
    _written[key] = offered, written  # the tools go along: an id means something only as long as they live
    if len(_written) > WRITTEN_SETS:
        _written.popitem(last=False)
    return written


_written: OrderedDict[tuple[int, ...], tuple[Sequence[object], Written]] = OrderedDict()


def _clean(items: Sequence[Any]) -> list[Any]:
    """Leave out what other APIs put into items, and names that the SDK gave to what had none."""
    return [_clean_item(item) if "provider_data" in item or item.get("id") == FAKE_RESPONSES_ID else item
            for item in items]  # fmt: skip


def _clean_item(item: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in item.items() if name != "provider_data"}
    if kept.get("id") == FAKE_RESPONSES_ID:
        del kept["id"]
    return kept
