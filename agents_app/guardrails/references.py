"""A booking's reference in whatever dress: large or small, apart, or spelt. Whether it is real isn't known here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .spelt import Run
from .words import is_no_word, is_word

#: What a text has in it that says of something that it is a reference, in the customers' languages.
LATIN_LABELS = (
    *(
        "book",
        "reserv",
        "confirm",
        "referen",
        "locat",
        "localiz",
        "pnr",
        "code",
        "buchung",
        "vorgang",
        "dossier",
    ),
    *("record", "itinerar", "ticket", "prenota", "ref ", "ref:", "ref."),
)
_OTHER_LABELS = (
    *(
        "bestätig",
        "référence",
        "referên",
        "réserv",
        "código",
        "confirmação",
        "予約",
        "確認",
        "照会",
        "コード",
        "预订",
    ),
    *(
        "预定",
        "订单",
        "订座",
        "确认",
        "编号",
        "代码",
        "訂位",
        "預訂",
        "預定",
        "訂單",
        "訂座",
        "編號",
        "代號",
        "代碼",
    ),
    *("حجز", "مرجع", "تأكيد", "رمز"),
)
_LABELS = (*LATIN_LABELS, *_OTHER_LABELS)
LABEL = re.compile("|".join(map(re.escape, _LABELS)))
#: How far before a reference its label may stand.
REACH = 70
_LATIN = "A-Za-z0-9\u00c0-\u024f"
# Six characters, with a digit, or behind a word that says what it is. A member's number.
_PLAIN = re.compile(
    r"(?<![A-Za-z0-9-])(?:(?=[A-Z0-9]*[A-Z])(?P<code>[A-Z0-9]{6})|(?P<member>[A-Z]{2}-\d{6}))(?![A-Za-z0-9-])"
)
_IN_TWO = re.compile(rf"(?<![{_LATIN}-])(?P<code>[A-Z0-9]{{3}}[ -][A-Z0-9]{{3}})(?![{_LATIN}-])")
_IN_PARTS = re.compile(
    rf"(?<![{_LATIN}@/.-])(?P<code>[A-Za-z0-9]{{1,4}}(?:[-.·/_][A-Za-z0-9]{{1,4}}){{1,4}})(?![{_LATIN}@-]|\.\w)"
)
_ROWS_AND_SEATS = re.compile(r"(?:\d{1,2}[A-K][-./_·]?)+$", re.IGNORECASE)
_SMALL = re.compile(rf"(?<![{_LATIN}@/.])(?P<code>[A-Za-z0-9]{{6}})(?![{_LATIN}@-]|\.\w)")
# A flight's number, an amount.
_NO_REFERENCE = re.compile(r"[A-Z]{2}\d{4}$|(?:EUR|USD|GBP|CHF)\d{3}$")
_SIZE_OR_GATE = re.compile(r"\d+[a-z]+$|[A-Za-z][a-z]*\d+$")
_SAID = (
    r"(?:booking|reservation|reference|locator|PNR|code|Buchung\w*|réservation|reserva|prenotazione|予約(?:番号)?|预订号?|訂位"
    r"(?:代號)?|الحجز)"
)
_SAYS = re.compile(rf"{_SAID}\W{{0,4}}(?:\w+\W+){{0,2}}$", re.IGNORECASE)
# What stands right before a reference, with the label somewhere before that.
_LINK = (
    r"number|no|nr|n°|num|code|reference|ref|id|locator|is|was|be|now|called|nummer|lautet|ist|war|heißt|numéro|est|sera"
    r"|número|es|será|é|foi|هو|هي|は|が|是|为|為|号|號"
)
_POINTS = re.compile(rf"(?:[:=：#(«„“\"'*_`\[|]|(?:(?<!\w)|(?<=[^\x00-\u024f]))(?:{_LINK}))[^\w.!?]{{0,4}}$")
_LABEL_LAST = re.compile(rf"(?:{LABEL.pattern})\w{{0,12}}[^\w.!?,;]{{0,4}}$")
_SENTENCE_ENDS = re.compile(r"[.!?]\s|[。！？؟]")
_SEATS = re.compile(r"seat|row|sitz|reihe|siège|rang|asiento|fila|assento|fileira|座|排|席|مقعد|مقاعد|صف")


class Reference(NamedTuple):
    """What may be a reference: where it begins, and as its tool would write it."""

    start: int
    code: str


def is_labelled(lower: str) -> bool:
    """Say whether a text in lower case speaks of references, as quickly as can be: most don't."""
    return any(map(lower.__contains__, LATIN_LABELS if lower.isascii() else _LABELS))


def find_plain(text: str) -> Iterator[Reference]:
    """Yield what is written as tools write references."""
    for found in _PLAIN.finditer(text):
        code = found["code"]
        mixed = code is not None and re.search(r"\d", code) and not _NO_REFERENCE.match(code)
        if code is None or mixed or _SAYS.search(text[max(found.start() - REACH, 0) : found.start()]):
            yield Reference(found.start(), found[0])


def find_labelled(text: str, begin: int = 0) -> Iterator[Reference]:
    """Yield what is written small or in two from a place on, where a reference stands."""
    for found in (*_SMALL.finditer(text, begin), *_IN_TWO.finditer(text, begin)):
        code = found["code"]
        before = text[max(found.start() - REACH, 0) : found.start()].lower()
        ends = [label.end() for label in LABEL.finditer(before)]
        if ends and _may_be(code, before, ends[-1]):
            yield Reference(found.start(), re.sub("[ -]", "", code))
    for found in _IN_PARTS.finditer(text, begin):
        code = re.sub(r"[\W_]", "", found["code"])
        if len(code) == 6 and not _ROWS_AND_SEATS.match(found["code"]) and _is_mixed(code):
            before = text[max(found.start() - REACH, 0) : found.start()].lower()
            if LABEL.search(before) and _is_next(before):
                yield Reference(found.start(), code)


def _may_be(code: str, before: str, label_end: int) -> bool:
    is_next = _is_next(before)
    if not code.isalpha():
        if not _is_mixed(code):
            return False
        return is_next or not (_SIZE_OR_GATE.match(code) or _SENTENCE_ENDS.search(before, label_end))
    if code.isupper():
        return False  # it is plain
    if code.istitle():  # a name, mostly
        return is_next and is_no_word(code)
    if is_next:
        return not is_word(code)
    return is_no_word(code) and not _SENTENCE_ENDS.search(before, label_end)


def _is_next(before: str) -> bool:
    return bool(_POINTS.search(before) or _LABEL_LAST.search(before))


def _is_mixed(code: str) -> bool:
    """Say whether there are letters and digits, and not those of a flight or an amount."""
    mixed = re.search("[A-Za-z]", code) and re.search(r"\d", code)
    return bool(mixed) and not _NO_REFERENCE.match(code.upper())


def find_spelt(text: str, runs: Iterable[Run]) -> Iterator[Reference]:
    """Yield what is spelt and stands where a reference stands, or has letters and digits as no word has."""
    for run in runs:
        before = text[max(run.start - REACH, 0) : run.start].lower()
        mixed = re.search("[a-z]", run.says) and re.search(r"\d", run.says)
        label = LABEL.search(before)
        by_words = run.end - run.start > 6 * len(run.says)  # “A as in Alpha” is said of nothing else
        if run.says.isdigit() or not (mixed or by_words or (label and not _SEATS.search(before))):
            continue
        if (
            label
            or by_words
            or (len(run.says) == 6 and re.fullmatch(r"\w(?:[ -]\w){5}", text[run.start : run.end].strip()))
        ):
            yield Reference(run.start, run.says)
