"""Which conversation and turn the work at hand is about, for log lines. Nothing else may depend on it."""

from __future__ import annotations

from contextvars import ContextVar

conversation: ContextVar[str] = ContextVar("conversation_id", default="")
turn: ContextVar[str] = ContextVar("turn_id", default="")


def note(conversation_id: str | None, turn_id: str = "") -> None:
    """Say what the lines from here on are about, in this task and those that it starts."""
    conversation.set(conversation_id or "")
    turn.set(turn_id)
