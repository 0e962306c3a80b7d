"""Requests as the provider gets them: ours are the client's own, only cheaper to make."""

from __future__ import annotations

from typing import Any

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
from openai.types.shared import Reasoning

from agents_app.providers.client import Client
from tests.agents_app.conftest import Practice

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
async def test_a_request_is_the_one_that_the_stock_client_sends(
    practice: Practice, model_class: type[Any]
) -> None:
    ours = await _sent(practice, model_class, Client("k", practice.url, silence_seconds=20))
    stock = await _sent(practice, model_class, AsyncOpenAI(api_key="k", base_url=practice.url))

    assert ours == stock


async def _sent(practice: Practice, model_class: type[Any], client: Any) -> dict[str, Any]:
    """Return the body that the provider gets from a model with this client."""
    events = model_class("practice", client).stream_response(
        "Be brief.",
        HISTORY,
        ModelSettings(
            include_usage=True,
            reasoning=Reasoning(effort="low"),
            extra_body={"seed": 7},
            extra_query={"a": "b"},
        ),
        [show_my_trip],
        None,
        [],
        ModelTracing.DISABLED,
        previous_response_id=None,
        conversation_id=None,
        prompt=None,
    )
    async for _ in events:
        pass
    await client.close()
    return (await practice.requests())[-1]
