"""What a conversation asks of an assistant. Nothing here knows of agents, models or providers.

`settings.CHAT_RESPONDER` is the dotted path of a class that satisfies `Responder`. One instance serves a
worker process; it keeps no state between turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

Role = Literal["user", "assistant", "staff"]


@dataclass(frozen=True, slots=True)
class HistoryImage:
    """A picture that came with a message. `data` is None for older ones, which an assistant need not see again."""

    name: str
    media_type: str
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class HistoryMessage:
    """Something that was said: plain text (Markdown for the assistant's)."""

    item_id: str
    role: Role
    text: str
    turn_number: int = 0
    images: tuple[HistoryImage, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryToolCall:
    """A tool call of an earlier turn. `result` is None where the outcome is not known."""

    call_id: str
    tool: str
    arguments: dict[str, Any]
    result: str | None
    turn_number: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that a provider counted."""

    input_tokens: int = 0
    output_tokens: int = 0
    # Of the input: what the provider had in its cache, which is cheaper.
    cached_tokens: int = 0
    # Of the input: what it has put there now, for which some charge more.
    written_tokens: int = 0
    # Of speech.
    seconds: float = 0.0
    # Nobody counted: it is what the texts' lengths suggest.
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """What one call of a model used. The model's name leads to its price."""

    model: str
    usage: Usage


#: What a second of speech counts for against limits that are in tokens: as much as OpenAI's models count.
TOKENS_A_SECOND = 10


@dataclass(frozen=True, slots=True)
class Transcript:
    """What somebody said, who wrote it down, and what that used where it was counted."""

    text: str
    model: str = ""
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One complete response of the model, stored before its tools run.

    `response` is JSON that only the responder reads: it gets it back as it was after a crash.
    `final` is True when no tool call follows from it; `calls` are the ids of those that do.
    """

    response: dict[str, Any]
    text: str
    final: bool
    calls: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    # ChatKit's annotations of the text: its sources, and where they are cited.
    annotations: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """One turn to answer: the whole of what an assistant may know.

    `history` is in order, and its last entry is the message to answer. `steps` are what earlier attempts of
    this turn stored: go on from them, ask the model only for what is missing. `epoch` is the fence that every
    write of this attempt carries (`services.run_tool_once` takes it). `shown_calls` are tool calls that the
    thread shows already; the recorder leaves them out.
    """

    conversation_id: str
    turn_id: str
    user_id: str
    epoch: int
    attempt: int
    history: Sequence[HistoryMessage | HistoryToolCall]
    steps: Sequence[dict[str, Any]] = ()
    shown_calls: frozenset[str] = frozenset()
    # For who watches: when the turn was queued (None when it was queued again), and the trace it belongs to.
    queued_at: datetime | None = None
    # What was said before `history`, summed up by an earlier turn.
    summary: str = ""
    # The model that the customer chose, empty for the site's own choice.
    chosen_model: str = ""
    # What the customer's page speaks, by Django's code: for words of ours. Empty where nobody said.
    language: str = ""
    trace_parent: str = ""


class TurnRecorder(Protocol):
    """Where a responder puts what happens. Raises `errors.Fenced` when the turn is no longer its own."""

    async def text(self, delta: str) -> None:
        """Show more of the text of the response that is streaming now. Returns at once; the log takes it in batches."""

    async def step(self, step: Step) -> None:
        """Store a complete response. When this returns the step is durable, and its tools may run.

        Don't call it for the steps that came with the request: they are stored.
        """

    async def before_call(self) -> None:
        """Say that a model is about to be asked. Raises AssistantUnavailable when today's allowance is used up."""

    def spent(self, spent: Spent) -> None:
        """Tell of a call whose response is not stored as a step: it is charged to the turn all the same."""

    async def begin_summary(self, *, until_turn: int, pause_seconds: float) -> bool:
        """Say whether this run is the one to sum up to a turn: nobody else does, or did within the pause."""

    async def summarise(self, text: str, *, until_turn: int, spent: Spent) -> None:
        """Store what was said up to a turn in a few words: later requests bring it in place of those turns.

        Without words it only charges what was spent on nothing.
        """

    async def tool_started(self, call_id: str, tool: str, title: str) -> None:
        """Show that a tool runs; `title` is in the customer's words (“Looking it up”)."""

    async def tool_finished(self, call_id: str, tool: str, title: str, *, failed: bool = False) -> None:
        """Show that a tool is done, in the past tense (“Looked it up”). Durable with the next step."""

    async def show(self, call_id: str, items: Sequence[dict[str, Any]]) -> None:
        """Show items that came of a tool call, such as a widget. Durable with the next step, behind its workflow."""

    async def wait(self) -> None:
        """Let the turn wait for what its tools asked. Return from `respond` then; the yes or no starts it again."""


class Responder(Protocol):
    """An assistant: answers one turn by telling the recorder what happens.

    Returns after the last step was recorded, or when the turn waits for somebody. Raises `errors.AssistantError`
    when there can be no reply. Cancelling the task is how a run is stopped.
    """

    async def prepare(self) -> None:
        """Get ready for the first turn: load and open now what would make it wait."""

    async def respond(self, request: TurnRequest, recorder: TurnRecorder) -> None: ...

    async def close(self) -> None:
        """Let go of connections; called once, when the worker stops."""
