"""What a question asks for: its words, how much each tells, and what else the articles may call it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: What a word of common.txt tells of what is asked for.
_COMMON_WEIGHT = 0.2
#: What a word of another language tells that no synonym explains.
_FOREIGN_WEIGHT = 0.1
MOST_WORDS = 40
_WORD = re.compile(r"\w+(?:[-’']\w+)*")
_COMPOUNDS = re.compile(
    r"\b(check|carry|hand|frequent)(?:ing|ed)? (in|on|luggage|baggage|flyer)\b", re.IGNORECASE
)
_ELISION = re.compile(r"\b(?:[jdlnmtsc]|qu)'(?=\w{2})", re.IGNORECASE)
_HOW_LATE = re.compile(r"\bhow (?:late|early|long|soon)\b", re.IGNORECASE)
#: Scripts that write without spaces, or that no article's dictionary knows.
_OTHER_SCRIPTS = re.compile(r"[\u0600-\u06ff\u3040-\u30ff\u3400-\u9fff]")
_PREFIX = 5


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that is asked for: any of its words stands for it."""

    words: tuple[str, ...]
    weight: float = 1.0

    @property
    def is_explained(self) -> bool:
        """Say whether a synonym tells what the articles call it."""
        return len(self.words) > 1


@dataclass(frozen=True, slots=True)
class _Synonyms:
    """What the articles call a thing, and what customers do, in English and in other languages."""

    first: tuple[str, ...]
    english: frozenset[str]
    foreign: frozenset[str]


def read_terms(question: str) -> list[Term]:
    """Return what a question asks for, each thing once."""
    plain = _ELISION.sub("", question.replace("’", "'"))
    written = _WORD.findall(_COMPOUNDS.sub(r"\1-\2", _HOW_LATE.sub("when", plain)))
    words = list(dict.fromkeys(word.lower() for word in written))[:MOST_WORDS]
    is_foreign = _is_foreign(words)
    terms: dict[tuple[str, ...], Term] = {}
    for word in words:
        for meant in _meanings(word, is_foreign):
            terms.setdefault(meant or (word,), Term((word, *meant), _weigh(word, meant, is_foreign)))
    return list(terms.values())


def _weigh(word: str, meant: tuple[str, ...], is_foreign: bool) -> float:
    if is_foreign:
        return 1.0 if meant else _FOREIGN_WEIGHT
    return _COMMON_WEIGHT if word in _read_words("common") else 1.0


def _is_foreign(words: Sequence[str]) -> bool:
    if len(_read_words("foreign").intersection(words)) > 1 or any(map(_OTHER_SCRIPTS.search, words)):
        return True
    unknown = [word for word in words if word not in _read_words("common")]
    return any(
        _has_form(word, each.foreign) and not _has_form(word, each.english)
        for word in unknown
        for each in _read_synonyms()
    )


def _meanings(word: str, is_foreign: bool) -> list[tuple[str, ...]]:
    """Return the words that articles have for a customer's; nothing but the word itself where no synonym fits."""
    if _OTHER_SCRIPTS.search(word):
        return [each.first for each in _read_synonyms() if any(known in word for known in each.foreign)] or [
            ()
        ]
    known = [each for each in _read_synonyms() if _has_form(word, each.english)]
    if is_foreign and not known:
        known = [each for each in _read_synonyms() if _has_form(word, each.foreign)]
    return [each.first for each in known][:1] or [()]


def _has_form(word: str, known: frozenset[str]) -> bool:
    """Say whether a word is a known one, or a longer form of it."""
    return (
        word in known
        or word.removesuffix("s") in known
        or any(len(each) >= _PREFIX and word.startswith(each) for each in known)
    )


@cache
def _read_synonyms() -> list[_Synonyms]:
    parts = [[part.split() for part in line.split("|")] for line in _read_lines("synonyms")]
    return [
        _Synonyms(tuple(first), frozenset([*first, *english]), frozenset(foreign))
        for first, english, foreign in parts
    ]


@cache
def _read_words(name: str) -> frozenset[str]:
    return frozenset(word for line in _read_lines(name) for word in line.split())


def _read_lines(name: str) -> list[str]:
    lines = Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").lower().splitlines()
    return [line for line in lines if line and not line.startswith("#")]
