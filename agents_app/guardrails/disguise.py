"""What a message says in plain letters: attempts come written in others, apart, or encoded."""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import unquote

#: Longer texts come in slices; a single one that is longer is read as it is.
MOST_CHARS = 2000
# What hides words from a reader: characters without width.
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# Letters that nobody sees and models read.
_TAGS = re.compile("[\U000e0020-\U000e007e]+")
LOOK_ALIKE = str.maketrans("аеорсухіѕјԁһпмтвкАЕОРСХІМТВКαοενικρτυ", "aeopcyxisjdhnmtbkAEOPCXIMTBKaoevikptu")
_DIGITS = str.maketrans("013457@$", "oieastas")
_ELL = str.maketrans("1", "l")
_LETTERS_APART = re.compile(r"\b\w(?:[ .\-_*|/]\w){4,}\b")
_JOINERS = re.compile(r"(?<=\w)[._*|/+~-]+(?=\w)")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}[ :]?){16,}\b")


def readings(message: str) -> Iterator[str]:
    """Yield what a message may mean to say, as it is first."""
    plain = _HIDDEN.sub("", unicodedata.normalize("NFKC", _TAGS.sub(_read_tags, message)))
    yield plain
    if len(plain) > MOST_CHARS:
        return
    line = " ".join(plain.split())
    seen = {plain}
    for reading in _undisguise(plain, line):
        if reading and reading not in seen:
            seen.add(reading)
            yield reading


def _read_tags(found: re.Match[str]) -> str:
    return f" {''.join(chr(ord(letter) - 0xE0000) for letter in found[0])} "


def _undisguise(plain: str, line: str) -> Iterator[str]:
    yield line
    latin = line.translate(LOOK_ALIKE)
    yield latin
    yield latin.translate(_ELL).translate(_DIGITS)
    yield latin.translate(_DIGITS)
    yield _JOINERS.sub(" ", latin)
    if _LETTERS_APART.search(plain):
        words = re.split(r" {2,}|\n", plain)
        yield " ".join(
            _LETTERS_APART.sub(lambda found: re.sub(r"[^\w]", "", found[0]), word) for word in words
        )
    yield codecs.encode(line, "rot13")
    yield line[::-1]
    if "%" in line:
        yield unquote(line)
    if "&" in line:
        yield html.unescape(line)
    yield from _decode(line)


def _decode(line: str) -> Iterator[str]:
    for found in _BASE64.finditer(line):
        word = found[0].replace("-", "+").replace("_", "/").rstrip("=")
        yield _as_text(word + "=" * (-len(word) % 4), base64.b64decode)
    for found in _HEX.finditer(line):
        yield _as_text(re.sub("[ :]", "", found[0]), bytes.fromhex)


def _as_text(code: str, decode: Callable[[str], bytes]) -> str:
    try:
        return decode(code).decode()
    except (ValueError, binascii.Error):  # it is something else
        return ""
