"""A booking that is called by a word: “your booking is orange”, “the number GARDEN”, “booked as GARDEN”.

Behind these names stand ordinary words, too, which is why less is taken for a reference than behind “your booking
reference is” (named.py): six letters with nothing behind them, that no booking is said to be.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import cache

from .folding import to_letters
from .named import is_usual
from .references import Reference, is_labelled
from .words import read_words

#: How long a name may be with what is behind it.
MOST_NAME = 80
_OPEN = r"[\"'“„«‘*_`~(「『]{0,3}"
_CLOSE = r"[\"'”“»’*_`~)」』]{0,3}"
_THINGS = (
    r"(?:bookings?|reservations?|confirmation|buchung|reservierung|(?:buchungs)?best[äa]tigung|r[ée]servation|reserva"
    r"|confirmaci[óo]n|confirma[çc][ãa]o|prenotazione|conferma|boeking|reservering)"
)
_IS = r"(?:is|ist|lautet|hei(?:ß|ss)t|est|es|[éèe]|reads|says|becomes)"
_NOW = r"(?:(?:now|called|simply|just|again|jetzt|nun|maintenant|ahora|agora|ora)\s)?"
_LINK = rf"{_CLOSE}(?:\s{_IS}\s?[:=]?\s{_NOW}|\s?[:=→]{_CLOSE}\s{{0,2}})"
_SIX = r"[A-Za-z]{6}|[A-Za-z]{3}[-./·_][A-Za-z]{3}|[A-Za-z]{2}(?:[-./·_][A-Za-z]{2}){2}"
_OVER = r"(?![\w'’-])(?=$|[^\w\s]|\n|\s[–—-]\s|\s(?:and|for|und|f[üu]r|et|pour|y|para|per)\b)"
# Names that are said of nothing else, with nothing in between.
_NAMES = (
    r"(?:pnr|(?:booking|reservation|confirmation|record) (?:reference|code|number|locator|id)"
    r"|(?:with|under|using|use|give|quote) (?:the|your|this) (?:code|reference|locator|number))"
)
# They are looked for in small letters, which is several times as quick.
_BEHIND = re.compile(
    rf"\b(?=[bcgpruw])(?:(?=[bcr]|pre){_THINGS}{_LINK}|{_NAMES}\s"
    rf"|(?=[bcr]|pre)(?:{_THINGS}|code|reference|r[ée]f[ée]rence|referenz|referencia)\s(?=[\"'“„«‘]))|nummer lautet\s"
)
# Small ones, or any in quotation marks; capitals are found elsewhere.
_CODE = re.compile(
    rf"{_OPEN}(?P<code>(?<=[\"“„«‘'])(?:{_SIX})(?=[\"”“»’'])|(?:{_SIX.replace('A-Z', '')})){_CLOSE}{_OVER}"
)
_OPEN_CODE = re.compile(rf"{_OPEN}[A-Za-z./·_-]{{0,9}}{_CLOSE}(?:\s[^\s]{{0,8}})?$")
_CAPITALS = rf"{_OPEN}(?P<code>[A-Z]{{6}}|[A-Z]{{3}}-[A-Z]{{3}}){_CLOSE}(?![A-Za-z0-9-])"
_NUMBERED = re.compile(
    r"(?:(?<!flight )(?<!phone )(?<!seat )(?<!gate )(?<!room )(?<![A-Za-z])"
    r"(?:[Nn]umber|[Nn]ummer|[Nn]um[ée]ro|[Nn][úu]mero)"
    rf"(?:\s?[:=]|\s{_IS})?\s{{1,2}}|(?:番号|号码|號碼|编号|編號)\W{{0,2}}[は是为為]?\W{{0,3}}|الرقم\s(?:هو\s)?){_CAPITALS}"
)
_BOOKED_AS = re.compile(
    r"\b(?i:booked|reserved|gebucht|reserviert|r[ée]serv[ée]e?s?|reservad[oa]s?|prenotat[oai])\b[^.!?\n]{0,30}"
    r"\b(?:under|as|unter|als|sous|bajo|como|sob|sotto|come)\s(?:[a-z]+\s){0,2}"
    rf"(?:{_CAPITALS}|[\"'“„«‘](?P<other>[A-Za-z]{{6}})[\"'”“»’])"
)
_USED = re.compile(
    rf"\b(?:[Cc]heck|[Ll]og|[Ss]ign) in (?:with|using|as|under) {_CAPITALS.replace('<code>', '<other>')}"
    rf"|\b(?i:quote|mention|use|enter|give|show|type|say|with|nennen sie|zeigen sie)\s{_CAPITALS}"
    r"\s(?:at|for|to|when|during|on|as|beim?|am)\b[^.!?\n]{0,25}"
    r"\b(?:check|desk|counter|kiosk|gate|machine|call|manage|log|sign|schalter|automat)"
)
_NUMBERS = ("番号", "号码", "號碼", "الرقم")
_IN_CAPITALS = (_NUMBERED, _BOOKED_AS, _USED)
_HAS_CAPITALS = re.compile("[A-Z]{3}|[\"'“„«‘]")
_PARTICIPLE = re.compile(r"ing$|ee$|(?:[aiu]d|[aiu]t)[oai]$")


def may_claim(lower: str) -> bool:
    """Say whether a text in lower case may call a booking by a small word, as quickly as can be."""
    if is_labelled(lower) or "lautet" in lower:
        return True
    return not lower.isascii() and any(map(lower.__contains__, _NUMBERS))


def find_claimed(text: str, begin: int = 0) -> Iterator[Reference]:
    """Yield what a booking is called by, from a place on, where it isn't known yet whether it is one."""
    near = max(begin - MOST_NAME, 0)
    codes = [(found.start("code"), found["code"]) for found in _find_small(text, near)]
    if _HAS_CAPITALS.search(text, near):
        for found in itertools.chain(*(pattern.finditer(text, near) for pattern in _IN_CAPITALS)):
            group = found.lastgroup or "code"
            codes.append((found.start(group), found[group]))
    for start, code in codes:
        if start >= begin and not _is_said(code):
            yield Reference(start, re.sub(r"[\W_]", "", code))


def _find_small(text: str, begin: int) -> Iterator[re.Match[str]]:
    for behind in _BEHIND.finditer(_lower(text), begin):
        if found := _CODE.match(text, behind.end()):
            yield found


def find_unfinished_claim(text: str) -> int | None:
    """Return where a word begins at a text's end that a booking may be called by, and that may go on."""
    behinds = (behind.end() for behind in _BEHIND.finditer(_lower(text), max(len(text) - MOST_NAME, 0)))
    return next((end for end in behinds if _OPEN_CODE.match(text, end)), None)


def _lower(text: str) -> str:
    """Return a text in small letters, each where it was."""
    return text.lower() if text.isascii() else text.replace("İ", "I").lower()


def _is_said(code: str) -> bool:
    """Say whether this is what one says of a booking, and no name of it."""
    word = to_letters(code).lower()
    words = _read_claimed()
    first = re.split(r"[\W_]", word)[0]
    return any(each in words or is_usual(each) for each in {word, first}) or bool(_PARTICIPLE.search(word))


@cache
def _read_claimed() -> frozenset[str]:
    return read_words("claimed.txt")
