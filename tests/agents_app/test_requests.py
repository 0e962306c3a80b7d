"""Requests as the provider gets them: ours are the client's own, only cheaper to make."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest
from agents import (
    ModelSettings,
    ModelTracing,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    TResponseInputItem,
    function_tool,
)
from openai import AsyncOpenAI

from agents_app.providers.streams import FoldingOpenAI

HISTORY: list[TResponseInputItem] = [
    {"type": "message", "role": "user", "content": "Show my trip, à la carte"},
    {"type": "function_call", "call_id": "call_1", "name": "show_my_trip", "arguments": '{"flight": "LN 418"}'},
    {"type": "function_call_output", "call_id": "call_1", "output": "Seat 14C"},
    {
        "type": "message",
        "id": "msg_1",
        "status": "completed",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "You have seat 14C.", "annotations": []}],
    },
    {"type": "message", "role": "user", "content": "Thank you"},
]  # fmt: skip


@function_tool
def show_my_trip(flight: str) -> str:
    """Look up a flight."""
    return flight


@pytest.mark.parametrize("model_class", [OpenAIResponsesModel, OpenAIChatCompletionsModel])
async def test_a_request_is_the_one_that_the_stock_client_sends(model_class: type[Any]) -> None:
    assert await _body(model_class, FoldingOpenAI) == await _body(model_class, AsyncOpenAI)


async def _body(model_class: type[Any], client_class: type[AsyncOpenAI]) -> dict[str, Any]:
    """Return what goes out, from a server that refuses it."""
    sent: list[dict[str, Any]] = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        sent.append(json.loads(request.content))
        return httpx2.Response(400, json={"error": {"message": "no", "code": "no"}})

    http = httpx2.AsyncClient(transport=httpx2.MockTransport(refuse))
    async with client_class(api_key="none", base_url="http://provider/v1", http_client=http) as client:
        events = model_class("gpt-5-mini", client).stream_response(
            "Be brief.",
            HISTORY,
            ModelSettings(include_usage=True),
            [show_my_trip],
            None,
            [],
            ModelTracing.DISABLED,
            previous_response_id=None,
            conversation_id=None,
            prompt=None,
        )
        with pytest.raises(Exception, match="no"):
            async for _ in events:
                pass
    return sent[0]
