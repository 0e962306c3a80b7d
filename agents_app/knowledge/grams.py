"""What a question asks for in a script that writes without spaces, or glues endings to its words.

PostgreSQL knows no words of these: they are found by pairs of letters, by threes where letters are fewer. The database
does the same with articles, by a trigger (migration 0006).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

#: Thai, Lao, Burmese and Khmer: some forty letters.
_FEW_LETTERS = "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
#: Japanese, Chinese and Korean.
_MANY_LETTERS = f"\u3005\u3041-\u3096\u30a1-\u30fa\u30fc{_HAN}\uac00-\ud7a3"
_RUN = re.compile(f"[{_FEW_LETTERS}]+|[{_MANY_LETTERS}]+")
#: What Korean glues to a noun that says what is done with it.
_ENDINGS = re.compile(
    r"(?<=[가-힣]{2})(?:으로|에서|에게|까지|부터|하고|해서|하면|을|를|은|는|이|가|에|의|도|만|로)(?![가-힣])"
)
_MOST_CHARS = 100
#: What a gram tells that is in a word of any question, or half in it: it only chooses between articles.
_COMMON_WEIGHT = 0.1


def read_grams(question: str) -> dict[str, float]:
    """Return the grams of a question, each with what it tells; none where it doesn't tell what is asked for."""
    text = unicodedata.normalize("NFKC", question).lower()[:_MOST_CHARS]
    told = _read(_words_of_any_question().sub(" ", _ENDINGS.sub(" ", text)))
    return {**dict.fromkeys(_read(text), _COMMON_WEIGHT), **dict.fromkeys(told, 1.0)} if told else {}


def _read(text: str) -> list[str]:
    return [gram for run in _RUN.findall(text) for gram in _grams(run)]


def _grams(run: str) -> Iterator[str]:
    size = 3 if re.match(f"[{_FEW_LETTERS}]", run) else 2
    if len(run) >= size:
        yield from (run[at : at + size] for at in range(len(run) - size + 1))
    elif re.fullmatch(f"[{_HAN}]", run):  # a word of its own; no other single letter is
        yield run


@cache
def _words_of_any_question() -> re.Pattern[str]:
    lines = Path(__file__).with_name("asking.txt").read_text(encoding="utf-8").splitlines()
    words = {word for line in lines if not line.startswith("#") for word in line.split()}
    return re.compile("|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))))
