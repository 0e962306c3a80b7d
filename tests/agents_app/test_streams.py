"""Deltas are folded where the stream is read, on both APIs, and a stream must end as a complete one does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import openai
import pytest
import pytest_asyncio
from openai import DefaultAioHttpClient
from openai._streaming import AsyncStream, ServerSentEvent

from agents_app.providers.streams import FoldedEvent, FoldingDecoder, FoldingOpenAI, StreamCut, show_text
from tests.agents_app.conftest import Practice

Opener = Callable[[str], Any]


@pytest_asyncio.fixture
async def client(practice: Practice) -> AsyncIterator[FoldingOpenAI]:
    http_client = DefaultAioHttpClient()
    async with FoldingOpenAI(
        api_key="k", base_url=practice.url, http_client=http_client, max_retries=0
    ) as client:
        yield client


@pytest.fixture
def open_stream(client: FoldingOpenAI, api: str) -> Opener:
    async def open_stream(message: str) -> AsyncStream[Any]:
        if api == "responses":
            return await client.responses.create(model="m", input=message, stream=True)
        messages: Any = [{"role": "user", "content": message}]
        return await client.chat.completions.create(model="m", messages=messages, stream=True)

    return open_stream


@pytest_asyncio.fixture
async def shown() -> AsyncIterator[list[str]]:
    """What is shown of the streams that are opened."""
    pieces: list[str] = []

    async def show(text: str) -> None:
        if text:
            pieces.append(text)

    token = show_text.set(show)
    yield pieces
    show_text.reset(token)


def read_delta(event: Any) -> str:
    if getattr(event, "type", "") == "response.output_text.delta":
        return str(event.delta)
    choices = getattr(event, "choices", None)
    return (choices[0].delta.content or "") if choices else ""


def test_the_private_hook_of_the_client_is_what_it_was() -> None:
    """When openai changes this, nothing would fail: replies would only become dear again."""
    assert isinstance(FoldingOpenAI(api_key="k")._make_sse_decoder(), FoldingDecoder)
    assert "_make_sse_decoder" in openai.AsyncOpenAI._make_sse_decoder.__qualname__
    assert "_make_sse_decoder" in AsyncStream.__init__.__code__.co_names
    assert "_process_response_data" in AsyncStream.__stream__.__code__.co_names
    assert "aiter_bytes" in AsyncStream._iter_events.__code__.co_names


async def test_hundreds_of_deltas_are_shown_in_a_few_pieces_and_read_as_one(
    shown: list[str], open_stream: Opener
) -> None:
    stream = await open_stream("[practice: words=300, pace=1]")

    deltas = [delta async for event in stream if (delta := read_delta(event))]

    assert len("".join(shown).split()) == 300
    assert len(shown) <= 40
    assert deltas == ["".join(shown)]


async def test_the_first_delta_is_not_held_back(shown: list[str], open_stream: Opener) -> None:
    stream = await open_stream("[practice: words=15, pace=20]")

    assert [event async for event in stream]

    assert len(shown[0].split()) == 1


async def test_a_large_answer_is_read_without_waiting(shown: list[str], open_stream: Opener) -> None:
    stream = await open_stream("[practice: fault=big]")

    size = sum([len(read_delta(event)) async for event in stream])

    assert size == len("".join(shown)) > 900_000


@pytest.mark.parametrize("fault", ["malformed", "no_finish", "html"])
async def test_a_stream_that_breaks_off_is_an_error_and_its_text_was_shown(
    shown: list[str], open_stream: Opener, fault: str
) -> None:
    stream = await open_stream(f"[practice: fault={fault}, after=4]")

    with pytest.raises(StreamCut):
        assert [event async for event in stream]

    assert fault == "html" or "".join(shown).startswith("Hello, and welcome aboard!")


async def test_text_beside_a_finish_reason_is_shown(shown: list[str]) -> None:
    await decode(said("a", role="assistant") + said("b") + said("c", finish="stop") + b"data: [DONE]\n\n")

    assert "".join(shown) == "abc"


async def decode(*chunks: bytes) -> list[Any]:
    async def read() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return [event async for event in FoldingDecoder().aiter_bytes(read())]


def sse(**event: Any) -> bytes:
    return f"data: {json.dumps(event)}\n\n".encode()


def said(text: str | None, finish: str | None = None, index: int = 0, **delta: Any) -> bytes:
    return sse(choices=[{"index": index, "delta": {"content": text, **delta}, "finish_reason": finish}])


async def test_only_deltas_for_the_same_place_are_folded() -> None:
    kind = "response.output_text.delta"

    events = await decode(
        sse(type=kind, item_id="a", content_index=0, delta="1")
        + sse(type=kind, item_id="a", content_index=0, delta="2")
        + sse(type=kind, item_id="a", content_index=1, delta="3")
        + sse(type="response.output_item.done")
        + sse(type=kind, item_id="a", content_index=1, delta="4")
        + sse(type="response.completed")
    )

    assert [event.json().get("delta") for event in events] == ["12", "3", None, "4", None]


async def test_chunks_with_more_than_text_stay_as_they_are() -> None:
    call = [{"index": 0, "id": "c", "function": {"name": "f", "arguments": ""}}]

    events = await decode(
        said("a", role="assistant")
        + said("b")
        + said(None, tool_calls=call)
        + said("c", finish="stop")
        + b"data: [DONE]\n\n"
    )

    chunks = [event.json()["choices"][0] for event in events[:-1]]
    assert [chunk["delta"]["content"] for chunk in chunks] == ["ab", None, "c"]
    assert chunks[1]["delta"]["tool_calls"] == call
    assert events[-1].data == "[DONE]"


async def test_an_event_may_come_in_pieces_that_split_a_character() -> None:
    whole = said("Grüße 🛫") + said("!", finish="stop")

    events = await decode(*(whole[i : i + 1] for i in range(len(whole))))

    assert [event.json()["choices"][0]["delta"]["content"] for event in events] == ["Grüße 🛫", "!"]


async def test_something_that_is_no_event_cuts_the_stream() -> None:
    with pytest.raises(StreamCut):
        await decode(b"data: [1, 2]\n\n")


def test_events_are_what_the_client_reads() -> None:
    event = FoldedEvent(ServerSentEvent(event="x", data='{"a": 1}'), {"a": 1})

    assert (event.event, event.json(), event.data) == ("x", {"a": 1}, '{"a": 1}')
