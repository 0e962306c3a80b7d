"""What a run carries besides the conversation: whose turn it is, and where to tell what happens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.conf import settings

from conversations.responder import HistoryMessage, HistoryToolCall, TurnRecorder, TurnRequest

_WORD = re.compile(r"[^\W_]+")
# An address is one word: a search for “help linnet” has not invented help@linnet.example.
_WORD_OR_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)*|[^\W_]+")
#: An echo of a part is known from so many letters on, whatever is between them.
MOST_UNTOLD = 4


class Result(NamedTuple):
    """What a tool returned, and what it was called with."""

    tool: str
    text: str
    arguments: dict[str, Any]

    def told(self) -> str:
        """Return the text without what the model itself had put in: an echo proves nothing."""
        parts = _WORD.findall("\n".join(_strings(self.arguments)).lower())
        said, text = "".join(parts), self.text.lower()
        words = [(found, "".join(_WORD.findall(found[0]))) for found in _WORD_OR_ADDRESS.finditer(text)]
        kept, told, at = 0, [], 0
        while at < len(words):
            end, run = at, ""
            while end < len(words) and (longer := run + words[end][1]) in said:
                end, run = end + 1, longer
            if len(run) >= MOST_UNTOLD or run in parts:
                told += [text[kept : words[at][0].start()], " "]
                kept = words[end - 1][0].end()
            at = max(end, at + 1)
        return "".join([*told, text[kept:]])


def _strings(value: Any) -> Iterator[str]:
    """Yield what is in the arguments of a call, values before names."""
    if isinstance(value, dict):
        yield from (text for each in value.values() for text in _strings(each))
        yield from value
    elif isinstance(value, list):
        yield from (text for each in value for text in _strings(each))
    else:
        yield str(value)


@dataclass(frozen=True, slots=True)
class RunContext:
    """Given to every tool call of one run. Identity comes from here, never from the model's arguments."""

    user_id: str
    conversation_id: str
    turn_id: str
    epoch: int
    recorder: TurnRecorder
    #: The calls that wait for a yes or no: while there is one, the model isn't asked again.
    waiting: list[str] = field(default_factory=list)
    #: The calls of the model's latest answer: id and tool.
    calls: list[tuple[str, str]] = field(default_factory=list)
    #: Calls of the model's that nothing runs for, by their ids: what it is told of them instead.
    mistakes: dict[str, str] = field(default_factory=dict)
    #: Calls whose arguments could be read and didn't fit their tool.
    misfits: set[str] = field(default_factory=set)

    #: What was said and returned before this turn, and what its tools returned: tool and text.
    history: Sequence[HistoryMessage | HistoryToolCall] = ()
    summary: str = ""
    results: list[Result] = field(default_factory=list)

    def sees_picture(self) -> bool:
        """Say whether the model is given a picture, which may say what no text does."""
        said = (entry for entry in self.history if isinstance(entry, HistoryMessage))
        return any(image.data is not None for message in said for image in message.images)

    def known_texts(self) -> Iterator[str]:
        """Return all texts that an answer may take its facts from."""
        yield settings.PUBLIC_URL
        yield self.summary
        for entry in self.history:
            if isinstance(entry, HistoryMessage):
                yield entry.text
                yield from (image.name for image in entry.images)
            else:
                yield Result(entry.tool, entry.result or "", entry.arguments).told()
        yield from (result.told() for result in self.results)

    def results_of(self, tool: str) -> Iterator[str]:
        """Yield what a tool returned in this conversation."""
        calls = (entry for entry in self.history if isinstance(entry, HistoryToolCall))
        yield from (call.result or "" for call in calls if call.tool == tool)
        yield from (result.text for result in self.results if result.tool == tool)

    @classmethod
    def of(cls, request: TurnRequest, recorder: TurnRecorder) -> RunContext:
        """Return the context for one attempt of a turn."""
        ids = request.user_id, request.conversation_id, request.turn_id, request.epoch
        return cls(*ids, recorder, history=request.history, summary=request.summary)


#: The run that this code belongs to.
running: ContextVar[RunContext] = ContextVar("running")
