"""What a run carries besides the conversation: whose turn it is, and where to tell what happens."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field

from conversations.responder import TurnRecorder, TurnRequest


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

    @classmethod
    def of(cls, request: TurnRequest, recorder: TurnRecorder) -> RunContext:
        """Return the context for one attempt of a turn."""
        return cls(request.user_id, request.conversation_id, request.turn_id, request.epoch, recorder)


#: The run that this code belongs to.
running: ContextVar[RunContext] = ContextVar("running")
