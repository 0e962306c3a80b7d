"""Messages that are answered without asking the model: attempts to take it over, and what isn't its business.

Patterns, one a line in the .txt beside this, so that they cost nothing and run before anything leaves. They catch
what is plain; the rest meets the checks behind the model, and tools that do nothing but for the customer who asks.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import gettext_noop

from .disguise import MOST_CHARS, readings


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message isn't passed on, and what the customer is told."""

    kind: str
    words: str


INJECTION = Refusal(
    "injection",
    gettext_noop(
        "I can't change how I work or show my instructions. I can look after your trip: flights, seats, bags, changes "
        "and refunds. What may I do for you?"
    ),
)
OFF_TOPIC = Refusal(
    "off_topic",
    gettext_noop(
        "That's outside what I can help with here: I look after your journey with us. Is there something about your "
        "trip that I can do?"
    ),
)

REFUSALS = {refusal.kind: refusal for refusal in (INJECTION, OFF_TOPIC)}
NAMES = tuple(REFUSALS)
#: How much of the message before may go on in this one: an attempt may come in two parts.
MOST_BEFORE = 200
#: An attempt that lies across the end of a slice is whole in the next one.
OVERLAP = 300
FLAGS = re.IGNORECASE | re.MULTILINE
# They match i, s and k whatever the case, and become something else in lower case.
_ODD_LETTERS = str.maketrans("\u0130\u0131\u017f\u212a", "iisk")


async def check_in_slices(text: str, names: Sequence[str] = NAMES, *, before: str = "") -> Refusal | None:
    """Do what check_message does for a text of any length: others are answered between two slices of it."""
    for part in slices(text):
        if refusal := check_message(part, names, before=before):
            return refusal
        before = ""
        await asyncio.sleep(0)
    return None


def slices(text: str) -> Iterator[str]:
    """Yield a text in parts that are read for disguises, too."""
    for begin in range(0, max(len(text) - OVERLAP, 1), MOST_CHARS - OVERLAP):
        yield text[begin : begin + MOST_CHARS]


def check_message(text: str, names: Sequence[str] = NAMES, *, before: str = "") -> Refusal | None:
    """Return why a message isn't passed on to the model, or None. `before` is what the customer wrote before it."""
    if refusal := _check(text, names):
        return refusal
    if not before or len(before) > MOST_BEFORE or INJECTION.kind not in names or _check(before, names):
        return None
    return _check(f"{before.rstrip(' .!?…')} {text}", [INJECTION.kind])


def _check(text: str, names: Sequence[str]) -> Refusal | None:
    for at, reading in enumerate(readings(text)):
        for name in NAMES:
            # What is off topic needs no disguise.
            if name in names and (at == 0 or name == INJECTION.kind) and matches(name, reading):
                return REFUSALS[name]
    return None


def matches(name: str, reading: str) -> bool:
    """Say whether a text has something of a kind in it."""
    lower = fold(reading)
    return any(
        pattern.search(reading) for signs, pattern in _patterns(name) if any(sign in lower for sign in signs)
    )


def fold(text: str) -> str:
    """Return a text in lower case as patterns see it, whatever the case."""
    return text.translate(_ODD_LETTERS).lower()


@cache
def _patterns(name: str) -> list[tuple[list[str], re.Pattern[str]]]:
    return [
        (signs, re.compile("|".join(f"(?:{line})" for line in lines), FLAGS))
        for signs, lines in read_lines(name)
    ]


def read_lines(name: str) -> list[tuple[list[str], list[str]]]:
    """Return the patterns of a kind, each with the signs of which one is in whatever it matches."""
    found: list[tuple[list[str], list[str]]] = []
    for line in Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#:"):
            found.append((line.removeprefix("#:").split(), []))
        elif line and not line.startswith("#"):
            found[-1][1].append(line)
    return found
