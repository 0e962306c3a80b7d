"""The other side of a responder's protocol: keeps what it is told, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from conversations.responder import HistoryMessage, HistoryToolCall, Spent, Step, TurnRequest


@dataclass
class Collector:
    """A `TurnRecorder` in memory."""

    deltas: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    told: list[tuple[Any, ...]] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)
    summaries: list[tuple[str, int]] = field(default_factory=list)
    thrown_away: list[Spent] = field(default_factory=list)

    @property
    def text_shown(self) -> str:
        return "".join(self.deltas)

    async def text(self, delta: str) -> None:
        self.deltas.append(delta)

    async def before_call(self) -> None:
        """Have no limits."""

    def spent(self, spent: Spent) -> None:
        self.thrown_away.append(spent)

    async def begin_summary(self, *, until_turn: int, pause_seconds: float) -> bool:
        return True

    async def summarise(self, text: str, *, until_turn: int, spent: Spent) -> None:
        self.summaries.append((text, until_turn))

    async def step(self, step: Step) -> None:
        self.steps.append(step)
        self.told.append(("step", step.final))

    async def tool_started(self, call_id: str, tool: str, title: str) -> None:
        self.told.append(("started", tool, title))

    async def tool_finished(self, call_id: str, tool: str, title: str, *, failed: bool = False) -> None:
        self.told.append(("finished", tool, title, failed))

    async def show(self, call_id: str, items: Sequence[dict[str, Any]]) -> None:
        self.shown += items

    async def wait(self) -> None:
        self.told.append(("waits",))


def ask(*said: str | HistoryMessage | HistoryToolCall, **fields: Any) -> TurnRequest:
    """Make a request: texts are by turns the user's and the assistant's, the last one the message to answer."""
    history: list[HistoryMessage | HistoryToolCall] = []
    for index, entry in enumerate(said):
        if isinstance(entry, str):
            role = "user" if (len(said) - index) % 2 else "assistant"
            entry = HistoryMessage(f"msg_{index}", role, entry)  # type: ignore[arg-type]
        history.append(entry)
    known: dict[str, Any] = {
        "conversation_id": "conv_1",
        "turn_id": "turn_1",
        "user_id": "user_1",
        "epoch": 1,
        "attempt": 1,
    }
    return TurnRequest(history=history, **{**known, **fields})
