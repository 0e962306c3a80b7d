"""Says which words of six letters are words, and not a booking's reference in small letters."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_ENDS_AS_WORDS_DO = ("ed", "ly", "en", "er", "es", "ar", "ir", "te", "ez", "et", "ng")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_IN_A_ROW = {row[at : at + 4] for row in _ROWS for at in range(len(row) - 3)}


def is_word(word: str) -> bool:
    """Say whether letters are a word, as far as is known."""
    word = word.lower()
    return not is_no_word(word) and (word.endswith(_ENDS_AS_WORDS_DO) or word in _words())


def is_no_word(word: str) -> bool:
    """Say whether letters can't be a word: no vowel, or four as the alphabet or the keyboard has them."""
    word = word.lower()
    return not re.search("[aeiouy]", word) or any(word[at : at + 4] in _IN_A_ROW for at in range(3))


@cache
def _words() -> frozenset[str]:
    return read_words("words.txt") | read_words("claimed.txt")


def read_words(name: str) -> frozenset[str]:
    """Return the words of a list beside this."""
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
