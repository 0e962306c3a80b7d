"""What a tool is, and who it acts for."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from conversations.services import Question, ToolOutcome

#: The id of the user for whom a tool runs, set by whoever knows: the run's context or the bearer token.
acting_user: ContextVar[str] = ContextVar("acting_user")


@dataclass(frozen=True, slots=True)
class CustomerTool:
    """A function for the model, with words for the customer: while it runs, when it is done, when it refuses."""

    function: Callable[..., str | ToolOutcome]
    doing: str
    done: str
    refused: str
    changes_something: bool = True
    #: Says what needs a yes before the function runs: same arguments; None where it needs none.
    asks: Callable[..., Question | None] | None = None

    @property
    def name(self) -> str:
        return self.function.__name__
