"""Builds what the client builds when it reads its first stream: half a second that the first reply needn't wait for."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any

import httpx2
from openai import AsyncStream

from .practice import chat_completions, responses
from .practice.prompt import Call, Prompt, Reply
from .streams import FoldingOpenAI

_PROMPT = Prompt("warm-up", [], frozenset(), stream=True, include_usage=True)
_REPLY = Reply("Welcome aboard!", (Call("show_my_trip"),))


@cache
def warm_up(api: str) -> None:
    """Read an imaginary answer, without a network and in an event loop of its own: call it in a thread."""
    asyncio.run(_read_imaginary_answer(api))


async def _read_imaginary_answer(api: str) -> None:
    transport = httpx2.MockTransport(_answer)
    async with FoldingOpenAI(api_key="none", http_client=httpx2.AsyncClient(transport=transport)) as client:
        if api == "responses":
            await _read(await client.responses.create(model="warm-up", input="", stream=True))
        else:
            await _read(await client.chat.completions.create(model="warm-up", messages=[], stream=True))


def _answer(request: httpx2.Request) -> httpx2.Response:
    api = responses if request.url.path.endswith("/responses") else chat_completions
    return httpx2.Response(200, content=b"".join(frame.data for frame in api.answer_frames(_PROMPT, _REPLY)))


async def _read(stream: AsyncStream[Any]) -> None:
    async for _ in stream:
        pass
