"""A text as its reader sees it, in plain letters: whatever it is dressed in, it is judged like this."""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from urllib.parse import unquote

# Signs that a text says something else to its reader than its characters do, in whatever language: letters of other
# scripts that look like Latin ones, what has no width, marks inside of a word. Accents are none.
_DISGUISED = re.compile(
    "[\u00ad\u00d8\u00f8\u0110\u0111\u0131\u0141\u0142\u0180\u0183-\u018f\u0192-\u019f\u01a5-\u01ac\u01b4-\u01bf\u0250-\u052f"
    "\u0531-\u0587\u0660-\u0669\u06f0-\u06f9\u13a0-\u13ff\u1d00-\u1dbf\u200b-\u200f\u202a-\u202e\u2060-\u209f\u20d0-\u214f"
    "\u2460-\u24ff\u2776-\u2793\ua4d0-\ua4ff\ufb00-\ufb06\ufeff\uff10-\uff19\uff20-\uff3a\uff41-\uff5a"
    "\U0001d400-\U0001d7ff\U0001f100-\U0001f1ff\U000e0000-\U000e01ef]"
    r"|[A-Za-z0-9](?:[*`~\\\ufe00-\ufe0f]|__)+[A-Za-z0-9]|<[A-Za-z/!]|&[#a-z]|%[0-9A-F]{2}|\\[A-Za-z]"
)
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,80}>|<!--.{0,80}?-->")
_MARKS = re.compile(r"[*`~]+|__+|(?<!\w)_|_(?!\w)|\\(?=\S)")
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f]"
)
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_SAME = (
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
    ("αβγεικνορτυχω", "abyeikvoptuxw"),
    ("АВЕЅІЈКМНОРСТУХԌԚԜҮԀԐҺ", "ABESIJKMHOPCTYXGQWYDEH"),
    ("авеѕіјкмнорстухԁԛԝһпвгӏү", "abesijkmhopctyxdqwhnbrly"),
    ("ՍՏՕՈԼ", "USOUL"),
    ("աօոսցհյքժ", "wonughjpd"),
    ("ᎠᎡᎢᎥᎩᎪᎫᎬᎳᎷᎻᏀᏃᏎᏏᏒᏔᏚᏙᏞᏟᏢᏦᏴ", "DRTIYAJEWMHGZ4bRWSVLCPKB"),
    ("ꓐꓑꓒꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ", "BPdDTGKJCZFMNLSRVHWXYAEIOU"),
)


def _make_table() -> dict[int, str | None]:
    table: dict[int, str | None] = {}
    for odd, plain in _SAME:
        table |= {ord(letter): plain[at] for at, letter in enumerate(odd)}
    # What is a variety of a Latin letter has the letter in its name.
    for code in (0xD8, 0xF8, 0x110, 0x111, 0x131, 0x141, 0x142, *range(0x180, 0x2B0), *range(0x1D00, 0x1DBF)):
        name = unicodedata.name(chr(code), "")
        if found := re.match(r"LATIN (?P<case>\w+) .*?\b(?P<letter>[A-Z])(?: WITH .*)?$", name):
            letter = found["letter"]
            table[code] = letter if found["case"] == "CAPITAL" else letter.lower()
    for begin in (0x660, 0x6F0, 0x966, 0x9E6, 0xE50):
        table |= {begin + digit: str(digit) for digit in range(10)}
    for begin in (0x2776, 0x2780, 0x278A, 0x24F5):
        table |= {begin + at: str((at + 1) % 10) for at in range(10)}
    # Letters in circles and squares, as far as normalising leaves them, and those that flags are made of.
    for begin in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6):
        table |= {begin + at: chr(65 + at) for at in range(26)}
    table |= {0xE0000 + code: chr(code) for code in range(0x20, 0x7F)}
    # What has no width.
    hidden = (0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x3164, 0xFFA0, 0xFEFF)
    table |= dict.fromkeys((*hidden, *range(0x200B, 0x2010), *range(0x202A, 0x202F)))
    return table | dict.fromkeys((*range(0x2060, 0x2070), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))


_TABLE = _make_table()


def is_disguised(text: str) -> bool:
    """Say whether a text may read otherwise than it is written, as quickly as can be."""
    return _DISGUISED.search(text) is not None


def fold(text: str) -> str:
    """Return a text in the letters that it looks like, without marks and accents; case is kept."""
    return to_letters(undress(text))


def undress(text: str) -> str:
    """Return a text without marks, in the letters that it looks like, accents and case kept."""
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = html.unescape(text)
    if _PERCENT.search(text):
        text = unquote(text, errors="ignore")
    text = _MARKS.sub("", text)
    if text.isascii() or not is_disguised(text):
        return text
    return unicodedata.normalize("NFKC", text.translate(_TABLE)).translate(_TABLE)


def to_letters(text: str) -> str:
    """Return a text with the letters that it looks like, without accents and what has no width."""
    if text.isascii():
        return text
    if is_disguised(text):
        text = unicodedata.normalize("NFKD", text.translate(_TABLE)).translate(_TABLE)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))


def place_in(text: str, at: int, begin: int = 0, how: Callable[[str], str] = fold) -> int:
    """Return where in a text begins what stands at a place of what `fold`, or another, makes of it."""
    place = bisect_right(range(begin, len(text)), at, key=lambda end: len(how(text[:end]))) + begin - 1
    written = text.rfind("&", max(place - 8, 0), place)  # a letter that is written as its number
    return place if written < 0 or ";" in text[written:place] else written
