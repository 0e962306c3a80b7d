"""Sentences cut into clauses, and what each is: a wish, a question, something declined, or just said.

A question must not act, and neither must “don't”: so what is asked for is read clause by clause.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from agents_app.spelling import find_meant

Kind = Literal["wants", "asks", "declines", "says"]

_CUT = re.compile(
    r"(?<=[.?!;])\s+|\n+|,\s+(?:(?:but|then|also|plus|and)\s+)?(?!please\b|pls\b|thank)|\s+(?:but|"
    r"then|also|plus)\s+|"
    r"\s+and\s+(?=(?:\w+\s+){0,2}?(?:add|book|cancel|change|move|"
    r"set|show|find|get|give|order|request|refund|tell|how|what|which|when|where|is|are|do|does|can|"
    r"could|i|my|don)\b)",
    re.IGNORECASE,
)
_DECLINES = re.compile(
    r"\b(?:do(?:es)?n['’]?t|do not|does not|did(?:n['’]?t| not)|won['’]?t|will not|wouldn['’]?t|"
    r"would not|never|"
    r"no longer|not|no need|no more|instead of|rather than|without|nobody|nothing)\b(?! forget\b|"
    r" worry\b| only\b| sure\b"
    r"| know\b| mind\b)|^(?:no|nope)\b(?! problem\b| idea\b)",
    re.IGNORECASE,
)
_WHETHER = re.compile(
    r"\b(?:know|tell me|explain|wonder(?:ing)?|ask(?:ing)? (?:about|if|whether|how|what)|find out|"
    r"information|info|details|"
    r"(?:a|my|one|another) question|(?:check|remind me) (?:if|whether|how|what|when|where|which)|"
    r"understand|curious|unlocks?|not sure|unsure)\b",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"\b(?:please|pls|plz|kindly)\b|\b(?:can|could|would|will) (?:you|u|someone|somebody)\b|"
    r"\bwould (?:you mind|it be possible)\b",
    re.IGNORECASE,
)
_WISHES = re.compile(
    r"(?<!do )(?<!should )(?<!if )\b(?:i|we|he|she|they|(?:my|our) \w+)(?:['’]?d| would)?(?: \w+ly|"
    r" also| just)? (?:like|love|wants?|wish|needs?|require|"
    r"prefer|have to|must)\b|\bi['’]?(?:ll| will) (?:take|have|need)\b|\b(?:needs|requires|"
    r"and (?:need|want|would like))\b|"
    r"\blet['’]?s\b|\b(?:can|could|may|might) (?:i|we) "
    r"(?:please |just |also )?(?:have|get)\b|\b(?:(?:one|two|three|[123]) more|another|an? (?:extra|"
    r"additional|further))\b",
    re.IGNORECASE,
)
_IMPERATIVE = re.compile(
    r"^(?:ok(?:ay)?|yes|so|now|and|also|then|hi|hello|hey|great|perfect|thanks?|just|actually|"
    r"instead|wait)*[\s,:!]*(?:add|buy|"
    r"book|cancel|change|move|switch|swap|set|put|make|order|request|arrange|reserve|find|get|give|"
    r"refund|seat|include|"
    r"search|show|look|pull|display|list|surface|summari[sz]e|check|explore|plan|note|register|"
    r"upgrade|take|connect|talk|"
    r"transfer|hand|pass|remind)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^(?:(?:so|and|ok(?:ay)?|hi|hello|hey|sorry|excuse me|well|also|but|thanks?)\b[\s,]*)*(?:how|"
    r"what|which|when|where|why|"
    r"who|whose|is|are|am|was|do|does|did|has|have (?:i|we|you)|can|could|may|might|should|shall|"
    r"will|would|must|any|"
    r"are|what'?s|how'?s|where'?s|when'?s|if\b.*\b(?:do|can|will|would|may|am|is|what|how)|isn['’]?t|"
    r"aren['’]?t|don['’]?t (?:i|we|you))\b|\?\s*$",
    re.IGNORECASE,
)
_CONDITIONS = re.compile(
    r"\b(?:how (?:much|many|big|heavy|long|early|late)|more than|maximum|limit|allowed|allowance|"
    r"polic(?:y|ies)|rules?|"
    r"what (?:if|happens)|(?<!it be )possible to|worth)\b|^(?:should|shall|do|am) (?:i|we)\b|"
    r"\bcan i (?:get|have) (?:a|my) (?:refund|money)\b(?!.*\d)",
    re.IGNORECASE,
)


_SHORT = 4


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of what was said. `text` is without typing errors in words that matter."""

    text: str
    kind: Kind


def read_clauses(message: str) -> list[Clause]:
    """Cut a message, and say what each part is. A condition belongs to what it is a condition of."""
    corrected = correct(" ".join(message.replace("’", "'").split()))
    clauses: list[Clause] = []
    for part in filter(None, map(str.strip, _CUT.split(corrected))):
        kind = _kind(part)
        if kind == "wants" and clauses and _are_one(clauses[-1], part):
            clauses[-1] = Clause(f"{clauses[-1].text}, {part}", "wants")
        else:
            clauses.append(Clause(part, kind))
    return clauses


def _are_one(before: Clause, part: str) -> bool:
    """Say whether a wish was cut at a comma: “extra baggage, one piece, please”."""
    few = len(before.text.split()) < _SHORT and len(part.split()) <= _SHORT
    return before.kind == "says" and few and not _IMPERATIVE.search(part)


def _kind(text: str) -> Kind:
    is_question = bool(_QUESTION.search(text))
    if _DECLINES.search(text) and not (is_question and text.rstrip().endswith("?")):
        return "declines"
    if _WHETHER.search(text):
        return "asks"
    if _IMPERATIVE.search(text):
        return "wants"
    if _CONDITIONS.search(text):
        return "asks"
    if _POLITE.search(text) or _WISHES.search(text):
        return "wants"
    return "asks" if is_question else "says"


#: Words that decide what is done, and are often mistyped.
_WORDS = (
    *("assistance", "baggage", "booking", "cancel", "flight", "flights", "gluten-free", "halal", "itinerary"),
    *(
        "kosher",
        "luggage",
        "please",
        "refund",
        "reservation",
        "suitcase",
        "suitcases",
        "vegan",
        "vegetarian",
        "wheelchair",
    ),
)
#: Words of their own that look like one of these.
_OTHERS = frozenset(
    {"cancels", "cancer", "luggages", "refunds", "refunded", "reservations", "bookings", "vegans", "pleased"}
)
_WORD = re.compile(r"[A-Za-z][A-Za-z-]{3,}")


def correct(text: str) -> str:
    """Mend a slip of the finger in a word that matters: one letter more, less or other, or two that changed places."""
    return _WORD.sub(lambda found: _mend(found[0]), text)


def _mend(word: str) -> str:
    plain = word.lower()
    if plain in _WORDS or plain in _OTHERS:
        return word
    return find_meant(plain, _WORDS) or word
