"""Nothing leaves that is secret, somebody else's, or that no tool returned."""

from __future__ import annotations

import base64
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from agents_app.screen import Finding

#: How keys and tokens of common services begin; a value of our own settings counts as well.
_SECRETS = re.compile(
    r"\bsk-[\w-]{16,}|\bAIza[\w-]{20,}|\beyJ[\w-]{8,}\.[\w-]{8,}|\bgh[pousr]_\w{20,}|\bxox[abpr]-[\w-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY|\bpostgres(?:ql)?://[^\s:]+:[^\s@]+@",
    re.IGNORECASE,
)
# What every finding has in it, looked for first: most texts have none of it. No part may look on to a word's end, which
# costs a long word its square, and everybody on the process that time.
_SUSPECT = re.compile(
    r"[A-Z0-9]{6}|(?:[A-Z0-9][ -]){5}|[A-Z0-9]{3}[ -][A-Z0-9]{3}|\d(?:[ .-]?\d){7}|\d[A-Za-z0-9]|@|\(at\)|"
    r"\bAT\b|(?i:sk-|aiza|eyj|gh[pousr]_|xox[abpr]-|-----begin|postgres(?:ql)?:)",
    re.ASCII,
)
_EMAIL = re.compile(
    r"(?P<name>[\w.+*`-]{1,64})\s{0,2}(?:@|\(at\)|\[at\]|\bAT\b)\s{0,2}"
    r"(?P<host>[\w-]{1,63}(?:\s{0,2}(?:\.|\(dot\)|\[dot\]|\bDOT\b)\s{0,2}\w[\w-]{0,62}){1,4})"
)
_DOT = re.compile(r"\s*(?:\.|\(dot\)|\[dot\]|\bDOT\b)\s*")
_NUMBER = re.compile(r"(?<![\w.,])\d(?:[ .-]?\d){11,18}(?![\w,]|\.\d)")
_PHONE = re.compile(r"\+\d(?:[ ()-]{0,2}\d){7,14}")
# A booking's reference: six characters, with a digit, or behind a word that says what it is. A member's number.
_REFERENCE = re.compile(
    r"(?<![A-Za-z0-9-])(?:(?=[A-Z0-9]*[A-Z])(?P<code>[A-Z0-9]{6})|(?P<member>[A-Z]{2}-\d{6}))(?![A-Za-z0-9-])"
)
# A flight's number, an amount.
_NO_REFERENCE = re.compile(r"[A-Z]{2}\d{4}$|(?:EUR|USD|GBP|CHF)\d{3}$")
_SAYS = (
    r"(?:booking|reservation|reference|locator|PNR|code|Buchung\w*|réservation|reserva|prenotazione|予約(?:番号)?|预订号?|訂位"
    r"(?:代號)?|الحجز)"
)
_SAYS_REFERENCE = re.compile(rf"{_SAYS}\W{{0,4}}(?:\w+\W+){{0,2}}$", re.IGNORECASE)
# One that is written small or apart, and said to be one.
_SPELT_REFERENCE = re.compile(
    rf"(?i:{_SAYS}\W{{0,4}}(?:(?:code|number|reference|is|no)\W{{1,3}}){{0,2}})"
    r"(?P<code>(?i:[A-Z0-9]{6}|[A-Z0-9](?:[ -][A-Z0-9]){5})|[A-Z0-9]{3}[ -][A-Z0-9]{3})(?![A-Za-z0-9-])"
)
_BEFORE = 60
_BETWEEN = re.compile("[\\s*_`~\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_WITHOUT_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")


def make_check(
    *, secrets: Iterable[str], known: Callable[[], Iterable[str] | None]
) -> Callable[[str], Finding | None]:
    """Return the check of one answer.

    `known` are the texts that an answer may take references and addresses from: what the tools returned and what was
    said. They are only read when something is found; None where nobody can know, as with what is in a picture.
    """
    own = [form for secret in secrets if len(secret) >= 12 for form in _forms(secret)]

    def check(text: str) -> Finding | None:
        if finding := _check(text, own, known):
            return finding
        plain = text if text.isascii() else _WITHOUT_WIDTH.sub("", unicodedata.normalize("NFKC", text))
        # Where it begins isn't known in other letters: nothing of it is shown.
        return Finding(0, found.kind) if plain != text and (found := _check(plain, own, known)) else None

    return check


def _forms(secret: str) -> Iterator[str]:
    """Yield how a secret may be written: without what is between its letters, and all small."""
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    for form in (secret, secret[::-1], encoded, secret.encode().hex()):
        yield _compact(form)


def _compact(text: str) -> str:
    return _BETWEEN.sub("", text).lower()


def _check(text: str, own: Sequence[str], known: Callable[[], Iterable[str] | None]) -> Finding | None:
    compact = _compact(text) if own else ""
    has_own = any(secret in compact for secret in own)
    if not has_own and not _SUSPECT.search(text):
        return None
    findings = [*_find_secrets(text), *_find_unknown(text, known)]
    if has_own:
        findings.append(Finding(_place_of(text, compact, own), "secret"))
    return min(findings, key=lambda finding: finding.start, default=None)


def _place_of(text: str, compact: str, own: Sequence[str]) -> int:
    """Return where in a text one of our secrets begins, which may have spaces between its letters."""
    before = min(at for secret in own if (at := compact.find(secret)) >= 0)
    letters = (at for at, letter in enumerate(text) if not _BETWEEN.match(letter))
    return next(itertools.islice(letters, before, None), 0)


def _find_secrets(text: str) -> Iterator[Finding]:
    if found := _SECRETS.search(text):
        yield Finding(found.start(), "secret")


def _find_unknown(text: str, known: Callable[[], Iterable[str] | None]) -> Iterator[Finding]:
    for number in _NUMBER.finditer(text):
        if _is_card(number[0]):
            yield Finding(number.start(), "card number")
    candidates = [(found.start(), _address(found), "email address") for found in _EMAIL.finditer(text)]
    candidates += [(found.start(), found[0], "reference") for found in _references(text)]
    candidates += [(found.start("code"), _joined(found), "reference") for found in _spelt(text)]
    phones = [(found.start(), re.sub(r"\D", "", found[0])) for found in _PHONE.finditer(text)]
    if (candidates or phones) and (texts := known()) is not None:
        corpus = "\n".join(texts).lower()
        yield from (Finding(start, kind) for start, word, kind in candidates if word.lower() not in corpus)
        if phones:
            digits = re.sub(r"[^\d\n]", "", corpus)
            yield from (Finding(start, "phone number") for start, number in phones if number not in digits)


def _address(found: re.Match[str]) -> str:
    return f"{found['name'].strip('*`_-.')}@{_DOT.sub('.', found['host'])}"


def _spelt(text: str) -> Iterator[re.Match[str]]:
    """Yield references that are written small or apart: they have letters and digits, as no word has."""
    for found in _SPELT_REFERENCE.finditer(text):
        code = _joined(found)
        if re.search("[A-Z]", code) and re.search(r"\d", code) and not _NO_REFERENCE.match(code):
            yield found


def _joined(found: re.Match[str]) -> str:
    return re.sub("[ -]", "", found["code"]).upper()


def _references(text: str) -> Iterator[re.Match[str]]:
    for found in _REFERENCE.finditer(text):
        before = text[max(found.start() - _BEFORE, 0) : found.start()]
        code = found["code"]
        if code is None:
            yield found
            continue
        mixed = any(character.isdigit() for character in code) and not _NO_REFERENCE.match(code)
        if mixed or _SAYS_REFERENCE.search(before):
            yield found


def _is_card(number: str) -> bool:
    """Say whether the digits add up as a card's do."""
    digits = [int(digit) for digit in number if digit.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return 13 <= len(digits) <= 19 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
