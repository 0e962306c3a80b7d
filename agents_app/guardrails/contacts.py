"""Where somebody is reached: addresses and telephone numbers, as they are written and as they are spelt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_AT = re.compile(r"@|\(at\)|\[at\]|\bAT\b")
_EMAIL = re.compile(
    r"(?P<name>[\w.+*`-]{1,64})\s{0,2}(?:@|\(at\)|\[at\]|\bAT\b)\s{0,2}"
    r"(?P<host>[\w-]{1,63}(?:(?:\.|\s{1,2}\.\s{1,2}|\s{0,2}(?:\(dot\)|\[dot\]|\bDOT\b)\s{0,2})\w[\w-]{0,62}){1,4})"
)
_DOT = re.compile(r"\s*(?:\.|\(dot\)|\[dot\]|\bDOT\b)\s*")

# “bob dot jones at example dot com”. “At” alone says little: there, the name or the host has to be spelt.
_DOTS = r"\s(?:dot|punkt|point|punto|ponto)\s"
_LINES = r"\s(?:underscore|dash|hyphen|unterstrich|minus|bindestrich|tiret|guion|underline)\s"
_ATS = r"at|[äa]t|arobase|arroba|chiocciola|klammeraffe"
_ENDINGS = (
    r"(?:com|net|org|info|biz|edu|gov|aero|travel|example|test|app|dev|io|eu|co|uk|de|at|ch|fr|es|pt|br|it|nl|jp|cn|tw|mx|ar"
    r"|be|dk|se|pl|ie|us|ca|au)"
)
_SPELT = re.compile(
    rf"(?<![\w.])(?P<name>[a-z0-9][\w-]{{0,30}}(?:(?:{_DOTS}|{_LINES}|\.)[a-z0-9][\w-]{{0,30}}){{0,3}})\s(?P<at>{_ATS})\s"
    rf"(?P<host>[a-z0-9][\w-]{{0,40}}(?:(?:{_DOTS}|{_LINES}|\.)[a-z0-9][\w-]{{0,30}}){{0,2}}(?:{_DOTS}|\.){_ENDINGS})\b"
)
_DOT_WORD = re.compile(_DOTS)
_LINE_WORD = re.compile(_LINES)
_DOTTED_NAME = re.compile(r"[a-z]{2}\.[a-z]{2}|[a-z]\.[a-z]{3}")
_MAIL = re.compile(
    r"mail|addre|adres|contact|kontakt|schreib|write|courriel|ecri|écri|correo|escri|indirizzo|scriv"
)
# “Write to us at linnet dot com” is the site's.
_NOBODY = (
    "us me him her them you it look book find online is are was we here more see page visit site website log sign check"
    " available help uns sie es finden nous vous"
)
_DOT_SIGNS = (" dot ", " punkt ", " point ", " punto ", " ponto ")
_OPEN = re.compile(
    r"(?:^|(?<=\s))(?:(?:at|ät)\s\S{1,30}\s)?(?:dot|punkt|point|punto|ponto|arobase|arroba|chiocciola|klammeraffe)"
    r"(?:\s\S{0,29}[^\s.,;:!?]){0,4}\s?\S{0,30}$"
)
_OPEN_AT = re.compile(r"(?:^|(?<=\s))at(?:\s\S{1,30})?(?:\s\S{0,30})?$")

_PHONE = re.compile(r"\+\d(?:[ ()-]{0,2}\d){7,14}")
_DIGITS = re.compile(r"(?<![\w.,:€$£+-])\(?\d(?:[ ()./-]{0,2}\d){6,14}(?![\w:]|[.,]\d)")
_WITHOUT_LABEL = re.compile(r"\(\d{3}\)\s?\d{3}[ -]\d{4}$|\d{3}-\d{3}-\d{4}$")
_LABEL = re.compile(
    r"\b(?:phone|mobile|cell|call|dial|ring|tel\.?|fax|whatsapp|sms|text|(?:his|her|their|\w+['’]s) number|telefon"
    r"|handy|mobil|anruf|ruf|erreich|seine nummer|t[ée]l[ée]phone|portable|appel|joign|tel[ée]fono|m[óo]vil|celular"
    r"|ll[aá]m|telefone|telem[óo]vel|lig(?:ue|ar)|cellulare|chiam)|電話|携帯|电话|手机|هاتف|جوال|اتصل",
    re.IGNORECASE,
)
# A number in thousands is one of a telephone right behind these only.
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:[ .]\d{3})+$")
_NEXT = re.compile(r"(?:\b(?:is|ist|est|es|le|at|on|au|al|unter)|é|[:：は是]|هو)\W{0,3}$")
#: How far before a number its label may stand.
REACH = 40
_OTHERS = re.compile(
    r"\d|[.!?\n]\s|\b(?:tags?|bags?|tickets?|flights?|flug|vol|vuelo|voo|volo|price|preis|orders?|bookings?|refer\w*|gep[äa]ck\w*"
    r"|seats?|rows?|members?|claim|case|date|points?|punkte|from|between|von|zwischen)\b|[€$£]",
    re.IGNORECASE,
)
# Dates, hours, years.
_TIMES = re.compile(
    r"\(?(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}\.\d\d ?- ?\d{1,2}\.\d\d"
    r"|(?:19|20)\d\d ?[/-] ?(?:19|20)\d\d)(?![./-]?\d)"
)
_UNIT = re.compile(
    r"\s?(?:€|\$|£|%|eur|usd|gbp|chf|points?|punkte|puntos|pontos|punti|miles|meilen|kg|km)", re.IGNORECASE
)


class Contact(NamedTuple):
    """Where somebody may be reached: where it begins, what it is, and as it would be written."""

    start: int
    kind: str
    says: str
    written: str


def has_at(text: str) -> bool:
    """Say whether a text may have a written address in it."""
    return _AT.search(text) is not None


def may_be_spelt(lower: str) -> bool:
    """Say whether a text in small letters may have a spelt address in it, as quickly as can be."""
    if " at " in lower and (any(map(lower.__contains__, _DOT_SIGNS)) or _DOTTED_NAME.search(lower)):
        return True
    return (
        " arroba" in lower
        or " arob" in lower
        or " chiocc" in lower
        or " klammera" in lower
        or " ät " in lower
    )


def may_go_on(lower: str) -> bool:
    """Say whether a text in small letters may end in a part of a spelt address."""
    return (
        " at " in lower
        or "dot" in lower
        or "punkt" in lower
        or "point" in lower
        or "punto" in lower
        or "ponto" in lower
        or "arroba" in lower
        or "arob" in lower
        or "chiocc" in lower
        or "klammera" in lower
    )


def find_unfinished_contact(lower: str) -> int | None:
    """Return where a spelt address may go on behind a text's end, or None."""
    found = _OPEN.search(lower, max(len(lower) - 120, 0))
    if found is None and (found := _OPEN_AT.search(lower, max(len(lower) - 80, 0))):
        before = lower[max(found.start() - 60, 0) : found.start()]
        if not (_MAIL.search(before) or _DOTTED_NAME.search(before)):
            return None
    return found.start() if found else None


def find_addresses(text: str) -> Iterator[Contact]:
    """Yield addresses, spelt ones too."""
    if has_at(text):
        for found in _EMAIL.finditer(text):
            says = f"{found['name'].strip('*`_-.')}@{_DOT.sub('.', found['host'])}"
            yield Contact(found.start(), "email address", says.lower(), found[0].lower())
    lower = text.replace("İ", "I").lower()
    if may_be_spelt(lower):
        for found in _SPELT.finditer(lower):
            if _is_somebodys(found, lower):
                says = f"{_written(found['name'])}@{_written(found['host'])}"
                yield Contact(found.start(), "email address", says, found[0])


def _written(spelt: str) -> str:
    return _LINE_WORD.sub("-", _DOT_WORD.sub(".", spelt))


def _is_somebodys(found: re.Match[str], lower: str) -> bool:
    name, at = found["name"], found["at"]
    if at not in ("at", "ät") or _DOT_WORD.search(name) or _LINE_WORD.search(name):
        return True
    if "." in name:
        return _DOTTED_NAME.search(name) is not None
    if not _DOT_WORD.search(found["host"]) or name in _NOBODY.split():
        return False
    return _MAIL.search(lower, max(found.start() - REACH, 0), found.start()) is not None


def find_phones(text: str, begin: int = 0) -> Iterator[Contact]:
    """Yield telephone numbers: with a country's code, in a form that only they have, or behind words that say so."""
    for found in _PHONE.finditer(text):
        yield Contact(found.start(), "phone number", re.sub(r"\D", "", found[0]), found[0])
    for found in _DIGITS.finditer(text, begin):
        number = found[0]
        if _TIMES.match(number) or _UNIT.match(text, found.end()):
            continue
        before = text[max(found.start() - REACH, 0) : found.start()]
        if _THOUSANDS.match(number) and not _NEXT.search(before):
            continue
        if _WITHOUT_LABEL.match(number) or _is_labelled(before):
            says = re.sub(r"\D", "", number).lstrip("0")
            yield Contact(found.start(), "phone number", says, number)


def _is_labelled(before: str) -> bool:
    labels = [label.end() for label in _LABEL.finditer(before)]
    return bool(labels) and _OTHERS.search(before, labels[-1]) is None
