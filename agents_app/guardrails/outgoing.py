"""Nothing leaves that is secret, somebody else's, or that no tool returned."""

from __future__ import annotations

import base64
import codecs
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from agents_app.screen import Check, Finding

from .claimed import find_claimed, may_claim
from .contacts import Contact, find_addresses, find_phones, has_at, may_be_spelt
from .folding import fold, is_disguised, place_in, undress
from .named import find_named, has_name, has_sign
from .opaque import MOST_CODE, find_decoded, find_opaque, may_be_coded
from .references import Reference, find_labelled, find_plain, find_spelt, is_labelled
from .sight import Shown, Sight
from .spelt import Run, find_runs

#: How keys and tokens of common services begin; a value of our own settings counts as well.
_SECRETS = re.compile(
    r"\bsk-[\w-]{16,}|\bAIza[\w-]{20,}|\beyJ[\w-]{8,}\.[\w-]{8,}|\bgh[pousr]_\w{20,}|\bxox[abpr]-[\w-]{10,}"
    r"|\bAKIA[A-Z0-9]{12,}|-----BEGIN [A-Z ]*PRIVATE KEY|\bpostgres(?:ql)?://[^\s:]+:[^\s@]+@",
    re.IGNORECASE,
)
# Words as most sentences have them. Whatever is found has a figure in it, two capitals, letters alone or another sign.
_ORDINARY = re.compile(
    r"[a-z]{0,13}+(?>[ \n,.;:!?]{0,3}+"
    r"(?:[A-Z]?[a-z]{2,13}+(?:'[a-z]{1,2}+)?+(?!\w)|[aI](?=[ \n][a-z]{2})))*+[ \n,.;:!?]{0,3}"
)
_CAPITALS = re.compile("[A-Z]{3}-?[A-Z]{3}")
# What every finding has in it, looked for first: most texts have none of it. No part may look on to a word's end, which
# costs a long word its square, and everybody on the process that time.
_FIGURES = re.compile(r"[0-9@(]|[A-Z]{2}")
_SUSPECT = re.compile(
    r"[A-Z0-9]{6}|[A-Z0-9]{3}[ -][A-Z0-9]{3}|\d(?:[ .-]?\d){7}|\d[A-Za-z0-9]|@|\(at\)|\bAT\b", re.ASCII
)
_LETTERS_APART = re.compile(r"(?<!\w)\w\W{1,5}\w(?!\w)")
_KEYS = ("sk-", "aiza", "eyj", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "xox", "akia", "-----b", "postgres")
# A picture is fetched by the page that shows it, and a question can carry what was said here to whoever is asked.
_PICTURE = re.compile(
    r"(?:!\[[^\]\n]{0,200}\]\(\s{0,3}<?|<img\b[^>\n]{0,200}?src\s{0,2}=\s{0,2}[\"']?)(?:https?:)?//(?P<host>[^\s/?#)>\"'\]]{1,255})",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"(?:\[[^\]\n]{0,200}\]\(\s{0,3}<?)?https?://(?P<host>[^\s/?#)>\]]{1,255})[^\s?)>\]]{0,500}\?[^\s)>\]]",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.,])\d(?:[ .-]?\d){11,18}(?![\w,]|\.\d)")
_APART = {
    code: None
    for code in (*range(0x80), *range(0xA0, 0xC0), *range(0x2000, 0x2070), 0x3000, 0x3001, 0x3002, 0xFEFF)
    if not chr(code).isalnum()
}
# How spelt keys begin, without what is no letter.
_SPELT_KEY = re.compile(r"sk\w{16}|aiza\w{20}|eyj\w{16}|gh[pousr]\w{20}|xox[abpr]\w{10}")


Known = Callable[[], Iterable[str]]

# Parts of our own secrets are known that are so long.
_PART = 10
_DIGIT = re.compile(r"\d")
_NO_LETTER = re.compile(r"[\W_]+")
#: What was shown before a text was whole may belong to what is found.
MOST_BEFORE = 12


#: What may be in a picture, and nowhere else.
_PICTURED = frozenset({"reference", "email address", "phone number", "code"})


def make_check(*, secrets: Iterable[str], known: Known, shown: Shown | None = None) -> Check:
    """Return the check of one answer: of a text, of which the part before a place was checked and shown before.

    `known` are the texts that an answer may take references and addresses from: what the tools returned and what was
    said. They are only read when something is found. Where the model sees a picture, `shown` returns what was shown of
    the answer: what it says of the picture may be in no text.
    """
    own = _read_own(tuple(secrets))

    def check(text: str, begin: int = 0) -> Finding | None:
        if own.has_figures and _is_ordinary(text):
            return None
        findings = _check(text, begin, own, known)
        disguised = is_disguised(text)
        looks: list[tuple[Look, Callable[[str], str]]] = [(_check, undress)] if disguised else []
        if disguised or has_name(text):
            looks.append((_check_names, fold))
        if disguised:
            looks.append((_check_codes, fold))
        elif may_be_coded(text, max(begin - MOST_CODE, 0)):
            findings += _check_codes(text, begin, own, known)
        for look, how in looks:
            found = look(how(text), len(how(text[:begin])), own, known)
            findings += [_put_back(each, text, begin, how) for each in found]
        if findings and shown is not None:
            return _first_unexcused(findings, text, shown() + text[begin:])
        return min(findings, key=lambda finding: finding.start, default=None)

    return check


def _is_ordinary(text: str) -> bool:
    """Say whether a text has nothing in it that could be found, as quickly as can be: most have not."""
    if _ORDINARY.fullmatch(text) is None or "Bearer" in text:
        return False
    lower = text.lower()
    return not ((has_sign(lower) and (may_claim(lower) or has_name(text))) or may_be_spelt(lower))


def _first_unexcused(findings: Iterable[Finding], text: str, answer: str) -> Finding | None:
    """Return what isn't said to be from a picture; what the rest of its sentence may still say is to wait for it."""
    for finding in sorted(findings, key=lambda finding: finding.start):
        if finding.kind not in _PICTURED:
            return finding
        sight = Sight(answer, len(answer) - len(text) + finding.start)
        if not sight.is_from_picture():
            return Finding(finding.start, finding.kind, waits=not sight.is_over)
    return None


#: Looks at a text from a place on.
Look = Callable[[str, int, "_Own", Known], list[Finding]]


def _put_back(finding: Finding, text: str, begin: int, how: Callable[[str], str]) -> Finding:
    """Return a finding where it is in the text as it was written."""
    return Finding(place_in(text, finding.start, begin, how), finding.kind)


@lru_cache(maxsize=8)
def _read_own(secrets: Sequence[str]) -> _Own:
    return _Own(secrets)


class _Own:
    """Our own secrets, in the forms that they may be written in: without what is between letters, and all small."""

    def __init__(self, secrets: Iterable[str]) -> None:
        long = [secret for secret in secrets if len(secret) >= 12]
        self._whole = [form for secret in long for form in _forms(secret)]
        #: No text without figures has one of them in it.
        self.has_figures = all(map(_DIGIT.search, self._whole))
        # A part of one is as bad, where no words are it.
        self._parts = [
            form[at : at + _PART]
            for form in self._whole
            for at in range(0, len(form) - _PART + 1, _PART // 2)
            if sum(map(str.isdigit, form[at : at + _PART])) > 1
        ]

    def find(self, text: str) -> int | None:
        """Return where one begins in a text, or None."""
        if self.has_figures and not _DIGIT.search(text):
            return None
        compact = _compact(text)
        forms = (*self._whole, *self._parts) if _DIGIT.search(compact) else self._whole
        if not any(map(compact.__contains__, forms)):
            return None
        before = min(at for form in forms if (at := compact.find(form)) >= 0)
        letters = (at for at, letter in enumerate(text) if ord(letter) not in _APART)
        return next(itertools.islice(letters, before, None), 0)


def _forms(secret: str) -> Iterator[str]:
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    for form in (secret, secret[::-1], codecs.encode(secret, "rot13"), encoded, secret.encode().hex()):
        yield _compact(form)


def _compact(text: str) -> str:
    return text.translate(_APART).lower()


def _check(text: str, begin: int, own: _Own, known: Known) -> list[Finding]:
    """Return what can be told by its form alone."""
    place = own.find(text)
    findings = [] if place is None else [Finding(place, "secret")]
    # What is spelt was held until it was whole, and so were words; all else may have begun before.
    lower, near = text.lower(), max(begin - 40, 0)
    labelled = is_labelled(lower)
    references: list[Reference] = []
    if may_claim(lower) or _CAPITALS.search(text):
        references += find_claimed(text, max(begin - MOST_BEFORE, 0))
    if labelled:
        references += find_labelled(text, max(begin - 6, 0))
    if labelled or _LETTERS_APART.search(text, begin):
        runs = list(find_runs(text, begin))
        references += find_spelt(text, runs)
        findings += _find_spelt_secrets(runs)
    if "//" in text:
        findings += _find_foreign(text, known)
    contacts = list(find_addresses(text)) if has_at(text) or may_be_spelt(lower) else []
    has_keys = any(map(lower.__contains__, _KEYS))
    if has_keys and (key := _SECRETS.search(text)):
        findings.append(Finding(key.start(), "secret"))
    if has_keys or (_FIGURES.search(text, near) and _SUSPECT.search(text, near)):
        findings += _find_cards(text)
        contacts += find_phones(text, near)
        references += find_plain(text)
    if contacts:
        findings += _find_unknown(contacts, known)
    if references:
        findings += _find_false(references, known)
    return findings


def _check_names(plain: str, begin: int, own: _Own, known: Known) -> list[Finding]:
    """Return what is called a reference, and is none."""
    named = find_named(plain, max(begin - MOST_BEFORE, 0))
    return list(_find_false((Reference(*each) for each in named), known))


def _check_codes(plain: str, begin: int, own: _Own, known: Known) -> list[Finding]:
    """Return what says nothing to a reader, and what it says decoded."""
    findings: list[Finding] = []
    if opaque := list(find_opaque(plain)):
        corpus = _compact("\n".join(known()))
        findings += [Finding(start, "code") for start, says in opaque if _compact(says) not in corpus]
    for start, says in find_decoded(plain):
        if own.find(says) is not None or _SECRETS.search(says):
            findings.append(Finding(start, "secret"))
        elif re.fullmatch(r"[A-Z0-9]{6}", says):
            findings += _find_false([Reference(start, says)], known)
        elif has_name(says):
            findings += [
                Finding(start, found.kind)
                for found in _find_false((Reference(*each) for each in find_named(says)), known)
            ]
    return findings


def _find_cards(text: str) -> Iterator[Finding]:
    for number in _NUMBER.finditer(text):
        if _is_card(number[0]):
            yield Finding(number.start(), "card number")


def _find_spelt_secrets(runs: Iterable[Run]) -> Iterator[Finding]:
    for run in runs:
        if _SPELT_KEY.search(run.says):
            yield Finding(run.start, "secret")
        elif run.says.isdigit() and _is_card(run.says):
            yield Finding(run.start, "card number")


def _find_foreign(text: str, known: Known) -> Iterator[Finding]:
    """Yield pictures and questions to servers that nobody spoke of. A picture that was sent may command them."""
    asked = [*_PICTURE.finditer(text), *_QUESTION.finditer(text)]
    corpus = "\n".join(known()).lower() if asked else ""
    yield from (
        Finding(found.start(), "foreign address") for found in asked if found["host"].lower() not in corpus
    )


def _find_unknown(contacts: Iterable[Contact], known: Known) -> Iterator[Finding]:
    """Yield where somebody is reached of whom nobody spoke."""
    corpus = "\n".join(known()).lower()
    digits = re.sub(r"[^\d\n]", "", corpus)
    for contact in contacts:
        is_phone = contact.kind == "phone number"
        if contact.says not in (digits if is_phone else corpus) and contact.written not in corpus:
            yield Finding(contact.start, contact.kind)


def _find_false(references: Iterable[Reference], known: Known) -> Iterator[Finding]:
    found = list(references)
    if not found:
        return
    corpus = "\n".join(known())
    spelt = (run.says for run in find_runs(corpus))
    joined = "\n".join(
        [_NO_LETTER.sub("", part).lower() for part in (corpus, fold(corpus))] + list(spelt)
    )  # customers spell, too
    yield from (Finding(start, "reference") for start, code in found if not _is_known(code, joined))


def _is_known(code: str, joined: str) -> bool:
    """Say whether a reference was said or returned; a word before a spelt one may have been taken for its letter."""
    code = _NO_LETTER.sub("", code).lower()
    said = (code[::-1], codecs.encode(code, "rot13"), *(each.says.lower() for each in find_decoded(code)))
    return any(form in joined for form in said) or any(
        code[at : at + 6] in joined for at in range(max(len(code) - 5, 1))
    )


def _is_card(number: str) -> bool:
    """Say whether the digits add up as a card's do."""
    digits = [int(digit) for digit in number if digit.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return 13 <= len(digits) <= 19 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
