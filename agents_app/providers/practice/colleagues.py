"""Hand-overs: when a customer's plain words ask for one, and what the one who takes over says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from .prompt import Call, Output, Prompt

_PREFIX = "transfer_to_"
_ASKS = re.compile(
    r"\b(?:talk|speak|hand|pass|transfer|connect|put)\b[^.?!]*\b(?P<who>baggage|refunds|trips|knowledge|concierge)\b",
    re.IGNORECASE,
)
_LOST_BAG = re.compile(
    r"\b(?:lost|damaged|broken|missing)\b[^.?!]*\b(?:bags?|suitcases?|luggage)\b", re.IGNORECASE
)


class _All(frozenset[str]):
    """Every tool that there may be."""

    def __contains__(self, name: object) -> bool:
        return True


ALL = _All()


def hand_back(tools: frozenset[str]) -> Iterator[Call]:
    """Yield the hand-over to the concierge, if the request offers it."""
    if f"{_PREFIX}concierge" in tools:
        yield Call(f"{_PREFIX}concierge")


def pick_hand_over(question: str, tools: frozenset[str]) -> Iterator[Call]:
    """Yield the hand-over that the words ask for, if the request offers it."""
    asked = _ASKS.search(question)
    who = asked["who"].lower() if asked else "baggage" if _LOST_BAG.search(question) else ""
    if who and f"{_PREFIX}{who}" in tools:
        yield Call(f"{_PREFIX}{who}")


def find_outputs(prompt: Prompt) -> list[str]:
    """Return what the tools of this turn returned; a hand-over returns nothing that is worth telling."""
    hand_overs = _hand_overs(prompt)
    outputs = [entry for entry in prompt.since_question if isinstance(entry, Output)]
    return [output.text for output in outputs if output.call_id not in hand_overs]


def introduce(prompt: Prompt) -> str:
    """Return what an assistant says who has just taken over; empty where nobody has."""
    hand_overs = _hand_overs(prompt)
    taken = [e.text for e in prompt.since_question if isinstance(e, Output) and e.call_id in hand_overs]
    if not taken:
        return ""
    try:
        name = json.loads(taken[-1])["assistant"]
    except (ValueError, KeyError, TypeError):
        return ""
    return f"**{name}** here. I have read what you wrote. What may I do for you?"


def _hand_overs(prompt: Prompt) -> set[str]:
    calls = (entry for entry in prompt.since_question if isinstance(entry, Call))
    return {call.call_id for call in calls if call.name.startswith(_PREFIX)}
