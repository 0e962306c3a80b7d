"""Deltas are folded where the stream is read, on both APIs, and a stream must end as a complete one does."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import pytest_asyncio

from agents_app.providers.client import Client
from agents_app.providers.streams import Decoder, StreamCut, StreamFailed, make_object, show_text
from agents_app.providers.transport import Refused, Silent, Unreachable, read_retry_after
from tests.agents_app.conftest import Practice

Opener = Callable[[str], Any]


@pytest_asyncio.fixture
async def client(practice: Practice) -> AsyncIterator[Client]:
    client = Client("k", practice.url, silence_seconds=20)
    yield client
    await client.close()


@pytest.fixture
def open_stream(client: Client, api: str) -> Opener:
    async def open_stream(message: str) -> Any:
        if api == "responses":
            return await client.responses.create(model="m", input=message, stream=True)
        messages = [{"role": "user", "content": message}]
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


def read_answer(event: Any) -> str:
    """Return the text that the SDK sees in an event."""
    if getattr(event, "type", "") == "response.completed":
        return str(event.response.output[0].content[0].text)
    choices = getattr(event, "choices", None)
    return (choices[0].delta.content or "") if choices else ""


async def test_hundreds_of_deltas_are_shown_in_a_few_pieces_and_read_as_one(
    shown: list[str], open_stream: Opener
) -> None:
    stream = await open_stream("[practice: words=300, pace=1]")

    answers = [text async for event in stream if (text := read_answer(event))]

    assert len("".join(shown).split()) == 300
    assert len(shown) <= 40
    assert answers == ["".join(shown)]


async def test_the_first_delta_is_not_held_back(shown: list[str], open_stream: Opener) -> None:
    stream = await open_stream("[practice: words=15, pace=20]")

    assert [event async for event in stream]

    assert len(shown[0].split()) == 1


async def test_a_large_answer_is_read_without_waiting(shown: list[str], open_stream: Opener) -> None:
    stream = await open_stream("[practice: fault=big]")

    size = sum([len(read_answer(event)) async for event in stream])

    assert size == len("".join(shown)) > 900_000


@pytest.mark.parametrize("fault", ["malformed", "no_finish", "html"])
async def test_a_stream_that_breaks_off_is_an_error_and_its_text_was_shown(
    shown: list[str], open_stream: Opener, fault: str
) -> None:
    stream = await open_stream(f"[practice: fault={fault}, after=4]")

    with pytest.raises(StreamCut):
        assert [event async for event in stream]

    assert fault == "html" or "".join(shown).startswith("Hello, and welcome aboard!")


async def test_a_connection_is_used_again() -> None:
    async with Provider(body=said("Hello", finish="stop") + b"data: [DONE]\n\n") as provider:
        for _ in range(3):
            assert [event async for event in await provider.ask()]

    assert (provider.asked, provider.connections) == (3, 1)


async def test_an_answer_that_nobody_reads_on_gives_its_connection_up() -> None:
    begun = asyncio.Event()

    async def show(text: str) -> None:
        begun.set()

    token = show_text.set(show)
    async with Provider(headers={"Content-Length": "1000000"}, body=said("Hello")) as provider:
        reading = asyncio.ensure_future(anext(await provider.ask()))
        async with asyncio.timeout(20):
            await begun.wait()
        reading.cancel()

        async with asyncio.timeout(20):
            await asyncio.wait(provider.serving)
    show_text.reset(token)


@pytest.mark.parametrize(
    ("status", "headers", "code", "asked"),
    [
        (401, {}, "invalid_api_key", 1),
        (500, {}, None, 3),
        (429, {"Retry-After": "0.01"}, "rate_limit_exceeded", 3),
        (429, {"Retry-After": "600"}, "rate_limit_exceeded", 1),
        (429, {}, "insufficient_quota", 1),
        (503, {"x-should-retry": "false"}, None, 1),
        (400, {"x-should-retry": "true"}, None, 3),
    ],
)
async def test_a_refusal_is_taken_or_asked_about_again(
    status: int, headers: dict[str, str], code: str | None, asked: int
) -> None:
    body = json.dumps({"error": {"message": "no", "code": code}}).encode()

    async with Provider(status, headers, body) as provider:
        with pytest.raises(Refused) as caught:
            await provider.ask()

    assert (caught.value.status, caught.value.code) == (status, code)
    assert provider.asked == asked


def test_when_to_come_back_is_a_number_or_a_date() -> None:
    assert [read_retry_after(header) for header in ("7", "0.5", "-3")] == [7, 0.5, 0]
    soon = read_retry_after(format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True))
    assert soon is not None
    assert 590 < soon <= 600
    assert read_retry_after("Sat, 21 Nov 2020 00:00:00 GMT") == 0
    assert [read_retry_after(header) for header in (None, "", "soon", "nan", "inf", "1e999")] == [None] * 6
    assert read_retry_after("1e300") == 30 * 86_400


async def test_a_refusal_of_any_form_is_one() -> None:
    for body in (b"", b"<html>", b'[{"error": {"code": 400}}]', b'{"error": "no"}', b"\xff"):
        async with Provider(400, body=body) as provider:
            with pytest.raises(Refused) as caught:
                await provider.ask()
        assert caught.value.code is None


async def test_a_provider_that_closes_before_it_answers_is_asked_again() -> None:
    async with Provider(0) as provider:
        with pytest.raises(Unreachable):
            await provider.ask()

    assert provider.asked == 3


async def test_a_provider_that_says_nothing_is_given_up() -> None:
    async with Provider(silence_seconds=0.05) as provider:
        with pytest.raises(Silent):
            await provider.ask()


class Provider:
    """A provider that answers every request in the same way: with status 0 it hangs up, without a body it hangs."""

    def __init__(
        self,
        status: int = 200,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        silence_seconds: float = 5,
    ) -> None:
        headers = {"Content-Length": str(len(body or b"")), **(headers or {})}
        lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items())]
        self._status = status
        self._answer = b"" if body is None else "\r\n".join([*lines, "", ""]).encode() + body
        self._silence_seconds = silence_seconds
        self.connections = self.asked = 0
        self.serving: set[Any] = set()

    async def __aenter__(self) -> Provider:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        self._client = Client("k", url, silence_seconds=self._silence_seconds)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()
        self._server.close()
        await asyncio.wait(self.serving)

    async def ask(self) -> AsyncGenerator[Any, None]:
        return await self._client.chat.completions.create(model="m", messages=[], stream=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.serving.add(asyncio.current_task())
        with contextlib.suppress(asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
                )
                await reader.readexactly(int(length[15:]))
                self.asked += 1
                writer.write(self._answer)
                if not self._status:
                    break
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def test_text_beside_a_finish_reason_is_read() -> None:
    events = decode(said("a", role="assistant") + said("b") + said("c", finish="stop") + b"data: [DONE]\n\n")

    assert [read_answer(make_object(event)) for event in events] == ["ab", "c"]


def decode(*chunks: bytes) -> list[dict[str, Any]]:
    decoder = Decoder()
    events: list[dict[str, Any]] = []
    for chunk in (*chunks, b""):
        if not decoder.ended:
            events += decoder.hold_runs(decoder.take(chunk))
    decoder.check()
    return events


def sse(**event: Any) -> bytes:
    return f"data: {json.dumps(event)}\n\n".encode()


def said(text: str | None, finish: str | None = None, index: int = 0, **delta: Any) -> bytes:
    return sse(choices=[{"index": index, "delta": {"content": text, **delta}, "finish_reason": finish}])


def contents(events: list[dict[str, Any]]) -> list[Any]:
    return [event["choices"][0]["delta"]["content"] for event in events]


def test_only_what_the_sdk_needs_becomes_an_event() -> None:
    kind = "response.output_text.delta"

    events = decode(
        sse(type="response.created")
        + sse(type=kind, item_id="a", content_index=0, delta="1")
        + sse(type="response.output_item.done")
        + sse(type="response.something_new")
        + sse(type="response.completed")
    )

    assert [event["type"] for event in events] == ["response.output_item.done", "response.completed"]


def test_only_deltas_for_the_same_place_are_folded() -> None:
    events = decode(said("1") + said("2") + said("3", index=1) + said("4", finish="stop"))

    assert contents(events) == ["12", "3", "4"]


def test_chunks_with_more_than_text_stay_as_they_are() -> None:
    call = [{"index": 0, "id": "c", "function": {"name": "f", "arguments": ""}}]

    events = decode(
        said("a", role="assistant")
        + said("b")
        + said(None, tool_calls=call)
        + said("c", finish="stop")
        + sse(choices=[], usage={"total_tokens": 3})
        + b"data: [DONE]\n\n"
    )

    assert contents(events[:3]) == ["ab", None, "c"]
    assert events[1]["choices"][0]["delta"]["tool_calls"] == call
    assert events[3]["usage"] == {"total_tokens": 3}


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_an_event_may_come_in_pieces_that_split_a_character(ending: bytes) -> None:
    whole = b": a comment\n\n" + said("Grüße 🛫") + b"event: x\n" + said("!", finish="stop")
    whole = whole.replace(b"\n", ending)

    assert contents(decode(*(whole[i : i + 1] for i in range(len(whole))))) == ["Grüße 🛫", "!"]


def test_something_that_is_no_event_cuts_the_stream() -> None:
    with pytest.raises(StreamCut):
        decode(b"data: [1, 2]\n\n")


def test_an_error_within_a_stream_has_its_code() -> None:
    with pytest.raises(StreamFailed) as caught:
        decode(said("a") + sse(error={"code": "rate_limit_exceeded", "message": "no"}))

    assert caught.value.code == "rate_limit_exceeded"


def test_an_event_that_is_a_little_wrong_is_read_all_the_same() -> None:
    event: Any = make_object({"type": "response.completed", "response": {"id": "resp_1", "output": []}})

    assert event.response.id == "resp_1"
