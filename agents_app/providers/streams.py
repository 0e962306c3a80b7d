"""Reads a provider's stream: text is shown where it is read, and the SDK sees whole answers.

A provider sends a delta for every word. Client and SDK would make a dozen objects of each; nobody needs any of them
(docs/decisions/0010-model-seam.md). So the text of a window goes to whoever shows it, runs of deltas become one event,
and a stream that doesn't end as a complete one does is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple, cast

from openai import BaseModel
from openai.types.chat import ChatCompletionChunk
from openai.types.responses import (
    ResponseCompletedEvent,
    ResponseErrorEvent,
    ResponseFailedEvent,
    ResponseIncompleteEvent,
    ResponseOutputItemDoneEvent,
)
from pydantic import ValidationError

from .calls import mend_items, mend_pieces
from .counts import mend_usage
from .tool_indices import ToolIndices
from .transport import Answer, ProviderError

#: Seconds for which deltas are gathered. The first of a stream is never held back.
FOLD_SECONDS = 0.04
# Many answers at once come in half as many pieces, each of which costs as much as the text of four.
BUSY_ANSWERS = 12
BUSY_FOLD_SECONDS = 0.08
#: A read of so many bytes means that more is waiting.
_FULL_READ = 64 * 1024
#: How long an answer that has said its last may take to close.
_CLOSING_SECONDS = 1.0
# What the SDK looks at. All else of the Responses API comes again, whole, when its item is done.
_OBJECTS: dict[Any, type[BaseModel]] = {
    "response.output_item.done": ResponseOutputItemDoneEvent,
    "response.completed": ResponseCompletedEvent,
    "response.incomplete": ResponseIncompleteEvent,
    "response.failed": ResponseFailedEvent,
    "error": ResponseErrorEvent,
}
_TEXT_DELTA = "response.output_text.delta"
_COMPLETE = frozenset({"response.completed", "response.incomplete"})
_LAST = frozenset({"response.completed", "response.incomplete", "response.failed", "error"})
_DATA = re.compile(rb"^data: ?(.*)$", re.MULTILINE)
_DONE = object()
_CHAT_DELTAS = frozenset({"content", "refusal", "reasoning", "reasoning_content"})

#: Why the answer that is being read has ended, in the words of Chat Completions: `stop`, `length` …
finish_reason: ContextVar[str] = ContextVar("finish_reason", default="")
#: Who shows the text of the answer that is being read.
show_text: ContextVar[Callable[[str], Awaitable[None]] | None] = ContextVar("show_text", default=None)


class StreamCut(ProviderError):
    """The stream broke off: no finish reason, not a stream at all, or something that is not JSON."""


class StreamFailed(ProviderError):
    """The provider reported an error within its stream, perhaps with a code."""

    def __init__(self, error: Any) -> None:
        super().__init__("the provider's stream reports an error")
        code = error.get("code") if isinstance(error, dict) else None
        self.code = code if isinstance(code, str) else None


async def read_events(answer: Answer) -> AsyncGenerator[BaseModel, None]:
    """Yield what the SDK needs of an answer; show its text, a window at a time, before the next read can fail."""
    show = show_text.get()
    decoder = Decoder()
    items: list[dict[str, Any]] = []
    async with answer:
        while not decoder.ended:
            chunk = await answer.read()
            events = decoder.take(chunk)
            if show is not None:  # no text, too, says that the answer has begun
                await show("".join(map(_read_text, events)))
            for event in _hold_items(decoder.hold_runs(events), items):
                yield make_object(event)
            decoder.check()
            if any(map(_find_delta, events)) and not decoder.complete and len(chunk) < _FULL_READ:
                await answer.rest(FOLD_SECONDS if answer.open_now < BUSY_ANSWERS else BUSY_FOLD_SECONDS)
        await _read_to_the_end(answer)


async def _read_to_the_end(answer: Answer) -> None:
    """Read what follows the last event, which is nothing: so the connection can be used again."""
    try:
        while await answer.read(within=_CLOSING_SECONDS):
            pass
    except ProviderError:
        return


class Decoder:
    """Turns the bytes of a stream into events, and sees whether it ends as a complete one does."""

    def __init__(self) -> None:
        self.complete = False
        self.ended = False
        self._rest = b""
        self._held: dict[str, Any] | None = None
        self._fault: ProviderError | None = None
        self._indices = ToolIndices()

    def take(self, chunk: bytes) -> list[dict[str, Any]]:
        """Return the events of a read, runs of deltas merged; nothing read is the end of the stream."""
        events: list[dict[str, Any]] = []
        for found in _parse(list(self._split(chunk))):
            event = self._read(found)
            if event is None:
                break
            if event and not (events and _absorb(events[-1], event)):
                events.append(event)
        if not chunk:
            self._end()
        return events

    def hold_runs(self, events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield the events of Chat Completions, runs of deltas as one, which waits for its end in a later read."""
        for event in events:
            if "type" in event:
                if event["type"] in _OBJECTS:
                    yield event
                continue
            if self._held is not None:
                if _absorb(self._held, event):
                    continue
                yield self._held
            self._held = event if _find_delta(event) else None
            if self._held is None:
                yield event
        if self.ended and self._held is not None:
            yield self._held
            self._held = None

    def check(self) -> None:
        """Raise what is wrong with the stream. All that came before it has been handed over."""
        if self._fault is not None:
            raise self._fault

    def _split(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the data of server-sent events; nothing else that they may say matters."""
        stream = self._rest + chunk
        if b"\r" in stream:
            stream = stream.replace(b"\r\n", b"\n")
        *blocks, self._rest = stream.split(b"\n\n")
        if not chunk:
            blocks.append(self._rest)
        for block in blocks:
            if lines := _DATA.findall(block):
                yield b"\n".join(lines)

    def _read(self, event: Any) -> dict[str, Any] | None:
        """Return an event, an empty one where nobody needs it, or None where the stream ends."""
        if event is _DONE:
            self._end()
            return None
        try:
            if event.get("type") == _TEXT_DELTA:
                return cast("dict[str, Any]", event)
            mend_pieces(event)
            self._note_end(self._indices.mend(event))
            if error := event.get("error"):
                self._fault = self._fault or StreamFailed(error)
        except (TypeError, AttributeError):
            self._fault = StreamCut("The stream holds something that is not an event.")
        if self._fault is not None:
            self.ended = True
            return None
        return event if _is_needed(event) else {}

    def _note_end(self, event: dict[str, Any]) -> None:
        if event.get("type") in _LAST:
            self.complete = self.ended = True
        for choice in event.get("choices") or ():
            if reason := choice.get("finish_reason"):
                self.complete = True
                finish_reason.set(reason)

    def _end(self) -> None:
        self.ended = True
        if not self.complete and self._fault is None:
            self._fault = StreamCut("The stream ended without a finish reason.")


def _parse(texts: list[bytes]) -> Iterator[Any]:
    """Yield what the texts say, and None for one that isn't JSON. All that came at once is parsed at once."""
    ending = next((at for at, text in enumerate(texts) if text.startswith(b"[DONE]")), None)
    texts = texts[:ending]
    try:
        events = json.loads(b"[%s]" % b",".join(texts))
    except ValueError:
        events = []
    yield from events if len(events) == len(texts) else map(_parse_one, texts)
    if ending is not None:
        yield _DONE


def _parse_one(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _hold_items(events: Iterable[dict[str, Any]], held: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield events, but the items of an answer only where its end doesn't have them again."""
    for event in events:
        if event.get("type") == "response.output_item.done":
            held.append(event)
            continue
        if event.get("type") in _COMPLETE and not _slim(event):
            yield from held
        yield event


def _slim(event: dict[str, Any]) -> bool:
    """Leave out of a complete answer what was asked; say whether it has its items, as it should."""
    response = event.get("response")
    if not isinstance(response, dict):
        return False
    response["tools"], response["instructions"] = [], None
    return bool(response.get("output"))


def make_object(event: dict[str, Any]) -> BaseModel:
    """Return the client's object for an event, also where a provider's is a little wrong."""
    mend_usage(event)
    mend_items(event)
    kind = _OBJECTS.get(event.get("type"), ChatCompletionChunk)
    try:
        return kind.model_validate(event)
    except ValidationError:
        return kind.construct(**event)


class Delta(NamedTuple):
    """A piece of text: where it belongs, and the object and field that hold it."""

    place: tuple[Any, ...]
    holder: dict[str, Any]
    field: str


def _is_needed(event: dict[str, Any]) -> bool:
    kind = event.get("type")
    return kind is None or kind in _OBJECTS


def _read_text(event: dict[str, Any]) -> str:
    """Return what an event adds to the answer's text."""
    if event.get("type") == _TEXT_DELTA:
        return str(event.get("delta") or "")
    choices = event.get("choices") or [{}]
    return str((choices[0].get("delta") or {}).get("content") or "")


def _absorb(earlier: dict[str, Any], later: dict[str, Any]) -> bool:
    """Append a delta for the same place, or return False."""
    mine, theirs = _find_delta(earlier), _find_delta(later)
    if mine is None or theirs is None or mine.place != theirs.place:
        return False
    mine.holder[mine.field] += theirs.holder[theirs.field]
    return True


def _find_delta(event: dict[str, Any]) -> Delta | None:
    if "type" in event:
        if event["type"] == _TEXT_DELTA and isinstance(event.get("delta"), str):
            return Delta((event.get("item_id"), event.get("content_index")), event, "delta")
        return None
    choices = event.get("choices") or []
    if len(choices) != 1 or choices[0].get("finish_reason") or event.get("usage"):
        return None
    delta = choices[0].get("delta") or {}
    filled = [name for name, value in delta.items() if value and name != "role"]
    if len(filled) == 1 and filled[0] in _CHAT_DELTAS and isinstance(delta[filled[0]], str):
        return Delta((filled[0], choices[0].get("index")), delta, filled[0])
    return None
