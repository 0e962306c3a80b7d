"""What an assistant is: a name, instructions beside its file, its tools, and to whom it hands over."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Assistant:
    """A declaration. `agents_app/team.py` makes the SDK's agents of them, once for a process."""

    #: Also in the transcript: “Handed over to Baggage”.
    name: str
    #: For the others' model: when to hand over to this one.
    takes: str
    #: The file that declares it; the instructions are beside it.
    file: str
    #: The tools it has; None are all.
    tools: tuple[str, ...] | None = None
    #: Whom it may hand over to, by key.
    hands_over_to: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return Path(self.file).stem

    @property
    def hand_over_tool(self) -> str:
        """What the others' model calls to hand over to this one."""
        return f"transfer_to_{self.key}"

    def read_instructions(self) -> str:
        return Path(self.file).with_suffix(".md").read_text(encoding="utf-8")
