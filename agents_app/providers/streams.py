"""The seam on the wire: one reading of a provider's stream, for both APIs.

Text goes from here to whoever shows it, a window at a time. The client and the SDK, which make a dozen objects of each
delta, see one that holds them all: that was most of what a streamed reply cost. And a stream that ends without saying
that it is complete is an error here, where the SDK takes it for success.

It leans on `_make_sse_decoder` and `_process_response_data` of the client, which are private: openai is pinned, and
a test fails when they change.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextvars import ContextVar
from functools import cached_property
from typing import Any, NamedTuple

from openai import AsyncOpenAI
from openai._streaming import ServerSentEvent, SSEDecoder, _SSELineDecoder
from openai.resources.chat import AsyncChat
from openai.resources.responses import AsyncResponses
from openai.types.chat import ChatCompletionChunk
from openai.types.responses import (
    ResponseCompletedEvent,
    ResponseOutputItemDoneEvent,
    ResponseTextDeltaEvent,
)
from pydantic import BaseModel, ValidationError

from .requests import PlainChat, PlainResponses

#: Seconds for which deltas are gathered. The first of a stream is never held back.
FOLD_SECONDS = 0.04
#: What aiohttp hands over at most in one read; a full one means that more is waiting.
_FULL_READ = 16 * 1024
_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed", "error", "response.error"})
# Neither the SDK nor we look at these: what they say comes again, whole, when its item is done.
_UNREAD = frozenset(
    {
        "response.created",
        "response.queued",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.content_part.done",
        "response.output_text.done",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
    }
)
_KNOWN: dict[Any, type[BaseModel]] = {
    "response.output_text.delta": ResponseTextDeltaEvent,
    "response.output_item.done": ResponseOutputItemDoneEvent,
    "response.completed": ResponseCompletedEvent,
    "chat.completion.chunk": ChatCompletionChunk,
}
_CHAT_DELTAS = frozenset({"content", "refusal", "reasoning", "reasoning_content"})

#: Why the answer that is being read has ended, in the words of Chat Completions: `stop`, `length` …
finish_reason: ContextVar[str] = ContextVar("finish_reason", default="")
#: Who shows the text of the answer that is being read.
show_text: ContextVar[Callable[[str], Awaitable[None]] | None] = ContextVar("show_text", default=None)


class StreamCut(Exception):
    """The stream broke off: no finish reason, not a stream at all, or something that is not JSON."""


class FoldingOpenAI(AsyncOpenAI):
    """The client, sending every request as it is and reading every stream through the folding decoder."""

    @cached_property
    def responses(self) -> AsyncResponses:
        return PlainResponses(self)

    @cached_property
    def chat(self) -> AsyncChat:
        return PlainChat(self)

    def _make_sse_decoder(self) -> SSEDecoder:
        return FoldingDecoder()

    def _process_response_data(self, *, data: Any, cast_to: Any, response: Any) -> Any:
        """Make the objects that most of a stream consists of without trying sixty types for each."""
        model = _KNOWN.get(data.get("type") or data.get("object")) if isinstance(data, dict) else None
        if model is not None:
            with contextlib.suppress(ValidationError):  # the client's own way takes what is a little wrong
                return model.model_validate(data)
        return super()._process_response_data(data=data, cast_to=cast_to, response=response)


class FoldingDecoder(SSEDecoder):
    """Decodes a stream in windows, and checks that it ends as a complete one does."""

    def __init__(self) -> None:
        super().__init__()
        self._show_text = show_text.get()
        self._held: FoldedEvent | None = None
        self._complete = False
        self._cut: StreamCut | None = None

    async def aiter_bytes(self, iterator: AsyncIterator[bytes]) -> AsyncIterator[ServerSentEvent]:
        """Show the text of one read, then wait for the window while aiohttp goes on receiving.

        What was read is shown before the next read can fail. With a client that receives nothing between reads
        nothing folds and every delta waits: so the client must be aiohttp's. Yields a run of deltas when something
        else comes.
        """
        lines = _SSELineDecoder()
        async for chunk in iterator:
            events = self._fold(self._decode_lines(lines.feed(chunk)))
            await self._show(events)
            for event in self._hold_deltas(events):
                yield event
            self._raise_cut()
            if any(event.delta for event in events) and not self._complete and len(chunk) < _FULL_READ:
                await asyncio.sleep(FOLD_SECONDS)
        events = self._fold(self._decode_lines(lines.finish()))
        await self._show(events)
        for event in self._hold_deltas(events):
            yield event
        if self._held is not None:
            yield self._held
        self._check_complete()
        self._raise_cut()

    async def _show(self, events: list[FoldedEvent]) -> None:
        if self._show_text is not None:  # no text, too, says that the answer has begun
            await self._show_text("".join(event.read_text() for event in events))

    def _hold_deltas(self, events: list[FoldedEvent]) -> Iterator[FoldedEvent]:
        """Yield the events, runs of deltas as one, which waits for its end in a later read."""
        for event in events:
            if self._held is not None:
                if self._held.absorb(event):
                    continue
                yield self._held
            self._held = event if event.delta else None
            if self._held is None:
                yield event

    def _fold(self, raw_events: Iterator[ServerSentEvent]) -> list[FoldedEvent]:
        """Return the events with runs of deltas merged, up to the first that can't be read."""
        events: list[FoldedEvent] = []
        for raw in raw_events:
            if raw.data.startswith("[DONE]"):
                self._check_complete()
                if self._cut is None:  # the client stops reading here
                    events.append(FoldedEvent(raw, {}))
                break
            try:
                parsed = json.loads(raw.data)
                self._note_end(parsed)
                event = FoldedEvent(raw, parsed)
            except (ValueError, TypeError, AttributeError):
                self._cut = StreamCut("The stream holds something that is not an event.")
                break
            if parsed.get("type") in _UNREAD or (events and events[-1].absorb(event)):
                continue
            events.append(event)
        return events

    def _note_end(self, parsed: dict[str, Any]) -> None:
        if parsed.get("type") in _ENDS or parsed.get("error"):
            self._complete = True
        for choice in parsed.get("choices") or ():
            if reason := choice.get("finish_reason"):
                self._complete = True
                finish_reason.set(reason)

    def _check_complete(self) -> None:
        if not self._complete:
            self._cut = StreamCut("The stream ended without a finish reason.")

    def _raise_cut(self) -> None:
        if self._cut is not None:
            raise self._cut


class Delta(NamedTuple):
    """A piece of text: where it belongs, and the object and field that hold it."""

    place: tuple[Any, ...]
    holder: dict[str, Any]
    field: str


class FoldedEvent(ServerSentEvent):
    """An event whose JSON is read already, and which takes in the deltas that follow it."""

    def __init__(self, raw: ServerSentEvent, parsed: dict[str, Any]) -> None:
        super().__init__(event=raw.event, data=raw.data)
        self._parsed = parsed
        self.delta = _find_delta(parsed)

    def json(self) -> Any:
        """Return what the client makes its objects from."""
        return self._parsed

    def read_text(self) -> str:
        """Return what the event adds to the answer's text."""
        if self._parsed.get("type") == "response.output_text.delta":
            return str(self._parsed.get("delta") or "")
        choices = self._parsed.get("choices") or [{}]
        return str((choices[0].get("delta") or {}).get("content") or "")

    def absorb(self, later: FoldedEvent) -> bool:
        """Append a delta for the same place, or return False."""
        mine, theirs = self.delta, later.delta
        if mine is None or theirs is None or mine.place != theirs.place:
            return False
        mine.holder[mine.field] += theirs.holder[theirs.field]
        return True


def _find_delta(parsed: dict[str, Any]) -> Delta | None:
    kind = parsed.get("type")
    if kind is not None:
        if kind.endswith(".delta") and isinstance(parsed.get("delta"), str):
            place = (kind, parsed.get("item_id"), parsed.get("content_index"), parsed.get("summary_index"))
            return Delta(place, parsed, "delta")
        return None
    choices = parsed.get("choices") or []
    if len(choices) != 1 or choices[0].get("finish_reason") or parsed.get("usage"):
        return None
    delta = choices[0].get("delta") or {}
    filled = [name for name, value in delta.items() if value and name != "role"]
    if len(filled) == 1 and filled[0] in _CHAT_DELTAS and isinstance(delta[filled[0]], str):
        return Delta((filled[0], choices[0].get("index")), delta, filled[0])
    return None
