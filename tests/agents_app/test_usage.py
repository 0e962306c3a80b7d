"""What a provider says of its use is believed as far as it can be true; else it is estimated."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from agents_app.runner import AgentRunner
from tests.agents_app.collector import Collector, ask

ABSURD: dict[str, Any] = {
    "nothing": None,
    "empty": {},
    "negative": {"in": -5, "out": 7},
    "endless": {"in": 10**30, "out": 7},
    "words": {"in": "many", "out": "few"},
    "halves": {"in": 1.5, "out": 7},
    "a list": [],
}


def frames(api: str, usage: Any) -> list[Any]:
    """Return the events of one answer, “Good day.”, that ends with this usage."""
    if isinstance(usage, dict) and usage:
        names = (
            ("input_tokens", "output_tokens")
            if api == "responses"
            else ("prompt_tokens", "completion_tokens")
        )
        usage = {names[0]: usage["in"], names[1]: usage["out"], "total_tokens": 12}
    if api == "chat_completions":
        chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        said = {"index": 0, "delta": {"role": "assistant", "content": "Good day."}, "finish_reason": None}
        ended = {"index": 0, "delta": {}, "finish_reason": "stop"}
        return [
            {**chunk, "choices": [said]},
            {**chunk, "choices": [ended]},
            {**chunk, "choices": [], "usage": usage},
        ]
    part = {"type": "output_text", "text": "Good day.", "annotations": []}
    item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}
    response = {"id": "r1", "object": "response", "created_at": 1, "status": "completed", "model": "m"}
    response |= {
        "output": [item],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": usage,
    }
    place = {"output_index": 0, "item_id": "msg_1", "content_index": 0}
    return [
        {
            "type": "response.output_text.delta",
            "sequence_number": 1,
            **place,
            "delta": "Good day.",
            "logprobs": [],
        },
        {"type": "response.completed", "sequence_number": 2, "response": response},
    ]


@pytest_asyncio.fixture
async def counting(settings: Any, api: str) -> AsyncIterator[list[Any]]:
    """A provider that says of its use what stands first in the list."""
    said: list[Any] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        body = "".join(f"data: {json.dumps(frame)}\n\n" for frame in frames(api, said[0]))
        return web.Response(text=body + "data: [DONE]\n\n", content_type="text/event-stream")

    app = web.Application()
    app.router.add_post("/v1/responses", answer)
    app.router.add_post("/v1/chat/completions", answer)
    site = web.AppRunner(app)
    await site.setup()
    await web.TCPSite(site, "127.0.0.1", 0).start()
    settings.CHAT_PROVIDER, settings.OPENAI_API_KEY, settings.OPENAI_API = "openai", "k", api
    settings.OPENAI_BASE_URL = f"http://127.0.0.1:{site.addresses[0][1]}/v1"
    yield said
    await site.cleanup()


@pytest.mark.parametrize("usage", ABSURD)
async def test_a_use_that_cannot_be_is_estimated(counting: list[Any], usage: str) -> None:
    counting.append(ABSURD[usage])
    runner, collector = AgentRunner(), Collector()

    await runner.respond(ask("hello"), collector)

    await runner.close()
    (step,) = collector.steps
    assert step.usage.is_estimated
    assert step.usage.input_tokens > 100
    assert step.usage.output_tokens > 0


async def test_a_use_that_can_be_is_believed(counting: list[Any]) -> None:
    counting.append({"in": 1200, "out": 3})
    runner, collector = AgentRunner(), Collector()

    await runner.respond(ask("hello"), collector)

    await runner.close()
    (step,) = collector.steps
    assert (step.usage.input_tokens, step.usage.output_tokens, step.usage.is_estimated) == (1200, 3, False)
