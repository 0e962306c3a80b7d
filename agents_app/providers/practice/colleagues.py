"""Hand-overs: when a customer's plain words ask for one, and what the one who takes over says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from .prompt import Call, Output, Prompt
from .sentences import Clause

_PREFIX = "transfer_to_"
_ASKS = re.compile(
    r"\b(?:talk|speak|hand|pass|transfer|connect|put)\b[^.?!]*\b(?P<who>baggage|refunds|trips|"
    r"knowledge|concierge)\b",
    re.IGNORECASE,
)
_BAGS = r"(?:bags?|suitcases?|luggage|baggage)"
_LOST_BAG = re.compile(
    rf"\b(?:lost|damaged|broken|missing)\b[^.?!]*\b{_BAGS}\b|\b{_BAGS}\b[^.?!]*\b(?:(?:is|are|was|"
    rf"got) (?:\w+ )?(?:lost|damaged|"
    rf"broken|missing|gone)|did(?:n't| not) (?:arrive|come|turn up))\b|\bwhere(?:'s| is| are) my {_BAGS}\b",
    re.IGNORECASE,
)
_SUPPOSES = re.compile(r"\b(?:if|what happens|how|when|can|policy|rules?)\b", re.IGNORECASE)


def hand_back(tools: frozenset[str]) -> Iterator[Call]:
    """Yield the hand-over to the concierge, if the request offers it."""
    if f"{_PREFIX}concierge" in tools:
        yield Call(f"{_PREFIX}concierge")


def pick_hand_over(clauses: Sequence[Clause]) -> list[Call]:
    """Return the hand-over that the words ask for."""
    for clause in clauses:
        has_lost = _LOST_BAG.search(clause.text) and not _SUPPOSES.search(clause.text)
        if has_lost:
            return [Call(f"{_PREFIX}baggage")]
        if clause.kind != "declines" and (asked := _ASKS.search(clause.text)):
            return [Call(f"{_PREFIX}{asked['who'].lower()}")]
    return []


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
