"""Requests as the provider gets them: ours are the client's own, only cheaper to make."""

from __future__ import annotations

from typing import Any

import pytest
from agents import (
    Agent,
    ModelSettings,
    ModelTracing,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    TResponseInputItem,
    function_tool,
    handoff,
)
from agents.models.fake_id import FAKE_RESPONSES_ID
from openai import AsyncOpenAI
from openai.types.shared import Reasoning

from agents_app.providers.client import Client
from agents_app.providers.responses import ResponsesModel
from tests.agents_app.conftest import Practice

HISTORY: list[TResponseInputItem] = [
    {"type": "message", "role": "user", "content": "Show my trip, à la carte"},
    {"type": "function_call", "call_id": "call_1", "name": "show_my_trip", "arguments": '{"flight": "LN 418"}'},
    {"type": "function_call_output", "call_id": "call_1", "output": "Seat 14C"},
    {
        "type": "message",
        "id": FAKE_RESPONSES_ID,
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


@pytest.mark.parametrize(
    ("our_class", "stock_class"),
    [
        (ResponsesModel, OpenAIResponsesModel),
        (OpenAIChatCompletionsModel, OpenAIChatCompletionsModel),
    ],
)
async def test_a_request_is_the_one_that_the_stock_client_sends(
    practice: Practice, our_class: type[Any], stock_class: type[Any]
) -> None:
    ours = await _sent(practice, our_class, Client("k", practice.url, silence_seconds=20))
    stock = await _sent(practice, stock_class, AsyncOpenAI(api_key="k", base_url=practice.url))

    assert ours == stock


async def _sent(practice: Practice, model_class: type[Any], client: Any) -> dict[str, Any]:
    """Return the body that the provider gets from a model with this client."""
    events = model_class("practice-thinks", client).stream_response(
        "Be brief.",
        HISTORY,
        ModelSettings(
            include_usage=True,
            store=False,
            temperature=0.3,
            max_tokens=900,
            response_include=["reasoning.encrypted_content"],
            reasoning=Reasoning(effort="low"),
            extra_body={"seed": 7},
            extra_query={"a": "b"},
        ),
        [show_my_trip],
        None,
        [handoff(Agent("Refunds"))],
        ModelTracing.DISABLED,
        previous_response_id=None,
        conversation_id=None,
        prompt=None,
    )
    async for _ in events:
        pass
    await client.close()
    return (await practice.requests())[-1]
