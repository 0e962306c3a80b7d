"""What is spelt: letter by letter, by words that stand for letters, or with a word each (“A as in Alpha”)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

#: Words that stand for their first letter, and those that stand for a digit.
_LETTERS = (
    *(
        "alfa",
        "alpha",
        "bravo",
        "charlie",
        "delta",
        "echo",
        "foxtrot",
        "golf",
        "hotel",
        "india",
        "juliet",
        "juliett",
    ),
    *(
        "kilo",
        "lima",
        "mike",
        "november",
        "oscar",
        "papa",
        "quebec",
        "romeo",
        "sierra",
        "tango",
        "uniform",
        "victor",
    ),
    *("whisky", "whiskey", "x-ray", "xray", "yankee", "zulu"),
)
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_OTHER_DIGITS = (
    "null eins zwei drei vier fünf sechs sieben acht neun",
    "zéro uno deux trois quatre cinq seis sept huit neuf",
    "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "nil um dois três quattro funf zwo sete oito nove",
)
_SAYS = {word: word[0] for word in _LETTERS} | {
    word: str(digit)
    for words in (*(line.split() for line in _OTHER_DIGITS), _DIGITS)
    for digit, word in enumerate(words)
}
_LATIN = "A-Za-z0-9\u00c0-\u024f"
_LETTER = rf"{'|'.join(_SAYS)}|[A-Za-z0-9]"
_WORD = rf"(?P<word>{_LETTER})(?![{_LATIN}])"
_AS_IN = r"(?:[\s,('\"]{1,3}(?:as in|for|like|wie|comme|como|come|de)\s[\"'“„«]?(?P=word)[\w-]{1,15})?"
_BETWEEN = (
    r"(?:[\s\-\u2010-\u2015.,;:/|+*_`~'\"“”„«»()·•…、，。・]{1,5}"
    r"(?:(?:then|and|dash|hyphen|minus|capital|small|letter|dann|und|puis|et|luego|y|depois|e|و)[\s,]{1,3}"
    rf"(?=(?:{_LETTER})(?![{_LATIN}])))?)?"
)
_RUN = re.compile(rf"(?<![{_LATIN}])(?:{_WORD}{_AS_IN}{_BETWEEN}){{6,}}", re.IGNORECASE)
_ONE = re.compile(rf"(?<![{_LATIN}]){_WORD}{_AS_IN}", re.IGNORECASE)
_TAIL = re.compile(
    rf"(?<![{_LATIN}])(?P<run>(?:{_WORD}{_AS_IN}{_BETWEEN})+)(?P<rest>[^\n]{{0,50}})$", re.IGNORECASE
)
_SINGLE = re.compile(rf"(?<![{_LATIN}])[A-Za-z0-9](?![{_LATIN}])")
_BEGINS_AS_IN = ("a", "as", "for", "like", "wie", "comme", "como", "come", "de")
#: So many words may come behind something spelt before it is over.
MOST_WORDS = 3
#: A run that isn't over is looked for in so much of a text.
MOST_RUN = 1500


class Run(NamedTuple):
    """Something spelt: where, and what it says."""

    start: int
    end: int
    says: str


def find_runs(text: str, begin: int = 0) -> Iterator[Run]:
    """Yield what is spelt in a text from a place on, six letters and digits or more, in lower case."""
    for found in _RUN.finditer(text, begin):
        yield Run(found.start(), found.end(), "".join(_read(found[0])))


def _read(run: str) -> Iterator[str]:
    letter = ""
    for found in _ONE.finditer(run):
        word = found["word"].lower()
        if len(word) == 1 or _SAYS[word] != letter:  # “A Alpha” is one letter
            yield _SAYS.get(word, word)
        letter = word if len(word) == 1 else ""


def find_unfinished(text: str, *, is_labelled: bool) -> int | None:
    """Return where something spelt begins that may go on behind a text's end, or None.

    One letter is a word, mostly: more is waited for only where it is labelled as something that is spelt.
    """
    begin = max(len(text) - MOST_RUN, 0)
    if not (_SINGLE.search(text, begin) or is_labelled):
        return None
    found = _TAIL.search(text, begin)
    while found is not None:
        rest = found["rest"].split()
        goes_on = not rest or is_labelled or rest[0].lower() in _BEGINS_AS_IN
        if len(rest) <= MOST_WORDS and (goes_on or len(_ONE.findall(found["run"])) > 1):
            return found.start()
        found = _TAIL.search(text, found.end("run"))
    return None
