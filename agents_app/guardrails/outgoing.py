"""Nothing leaves that is secret, somebody else's, or that no tool returned."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from agents_app.screen import Finding

#: How keys and tokens of common services begin; a value of our own settings counts as well.
_SECRETS = re.compile(
    r"\bsk-[\w-]{16,}|\bAIza[\w-]{20,}|\beyJ[\w-]{8,}\.[\w-]{8,}|\bgh[pousr]_\w{20,}|\bxox[abpr]-[\w-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY|\bpostgres(?:ql)?://[^\s:]+:[^\s@]+@"
)
# What every finding has in it, looked for first: most texts have none of it.
_SUSPECT = re.compile(
    r"[A-Z0-9]{6}|\d(?:[ -]?\d){11}|@|sk-|AIza|eyJ|gh[pousr]_|xox[abpr]-|-----BEGIN|postgres(?:ql)?:",
    re.ASCII,
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{0,100}\w")
_NUMBER = re.compile(r"(?<![\w.,])\d(?:[ -]?\d){11,18}(?![\w,]|\.\d)")
# A booking's reference: six characters, with a digit, or behind a word that says what it is.
_REFERENCE = re.compile(r"(?<![\w-])(?=[A-Z0-9]*[A-Z])(?P<code>[A-Z0-9]{6})(?![\w-])")
# A flight's number, an amount.
_NO_REFERENCE = re.compile(r"[A-Z]{2}\d{4}$|(?:EUR|USD|GBP|CHF)\d{3}$")
_SAYS_REFERENCE = re.compile(
    r"(?:booking|reservation|reference|locator|PNR|code|Buchung\w*|réservation|reserva|prenotazione)\W{0,4}(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)
_BEFORE = 60


def make_check(
    *, secrets: Iterable[str], known: Callable[[], Iterable[str] | None]
) -> Callable[[str], Finding | None]:
    """Return the check of one answer.

    `known` are the texts that an answer may take references and addresses from: what the tools returned and what was
    said. They are only read when something is found; None where nobody can know, as with what is in a picture.
    """
    own = [secret for secret in secrets if len(secret) >= 12]

    def check(text: str) -> Finding | None:
        if not _SUSPECT.search(text) and not any(secret in text for secret in own):
            return None
        findings = [*_find_secrets(text, own), *_find_unknown(text, known)]
        return min(findings, key=lambda finding: finding.start, default=None)

    return check


def _find_secrets(text: str, own: Iterable[str]) -> Iterator[Finding]:
    if found := _SECRETS.search(text):
        yield Finding(found.start(), "secret")
    for secret in own:
        if (at := text.find(secret)) >= 0:
            yield Finding(at, "secret")


def _find_unknown(text: str, known: Callable[[], Iterable[str] | None]) -> Iterator[Finding]:
    for number in _NUMBER.finditer(text):
        if _is_card(number[0]):
            yield Finding(number.start(), "card number")
    emails = _EMAIL.finditer(text) if "@" in text else ()
    candidates = [(found.start(), found[0], "email address") for found in emails]
    candidates += [(found.start(), found["code"], "reference") for found in _references(text)]
    if candidates and (texts := known()) is not None:
        corpus = "\n".join(texts)
        yield from (Finding(start, kind) for start, word, kind in candidates if word not in corpus)


def _references(text: str) -> Iterator[re.Match[str]]:
    for found in _REFERENCE.finditer(text):
        before = text[max(found.start() - _BEFORE, 0) : found.start()]
        code = found["code"]
        mixed = any(character.isdigit() for character in code) and not _NO_REFERENCE.match(code)
        if mixed or _SAYS_REFERENCE.search(before):
            yield found


def _is_card(number: str) -> bool:
    """Say whether the digits add up as a card's do."""
    digits = [int(digit) for digit in number if digit.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return 13 <= len(digits) <= 19 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
