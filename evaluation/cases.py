"""The cases, as data: `cases.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

FILE = Path(__file__).with_name("cases.toml")


@dataclass(frozen=True, slots=True)
class Case:
    """What a customer says, and what must come of it."""

    id: str
    #: What it tries: tools, approvals, hand-over, knowledge, refusal, injection, languages.
    topic: str
    say: list[str]
    language: str = "en"
    #: Tools that must have been called, and done what they do; hand-overs are tools, `transfer_to_…`.
    tools: list[str] = field(default_factory=list)
    #: How often, exactly.
    times: dict[str, int] = field(default_factory=dict)
    #: Words that some call's arguments hold.
    arguments: dict[str, str] = field(default_factory=dict)
    #: Tools that must not be called; that may be called, but must not have done anything.
    no_tools: list[str] = field(default_factory=list)
    not_done: list[str] = field(default_factory=list)
    #: Regular expressions: each is in the last reply; none is in any.
    says: list[str] = field(default_factory=list)
    never_says: list[str] = field(default_factory=list)
    #: What the customer answers when asked for a yes; None: nothing, he goes on talking.
    approve: bool | None = None
    #: The practice model understands it, too.
    practice: bool = False


def read_cases(path: Path = FILE, *, for_practice: bool = False) -> list[Case]:
    """Read the cases, or those that the practice model understands."""
    cases = [Case(**entry) for entry in tomllib.loads(path.read_text(encoding="utf-8"))["case"]]
    return [case for case in cases if case.practice or not for_practice]
