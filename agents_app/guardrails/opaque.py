"""What says nothing to a reader: keys, tokens, accounts' numbers and what is encoded, with spaces in it or without."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_RUN = re.compile(r"[A-Za-z0-9+/_=-]{16,}")
_APART = r"[ \n._:-]{1,2}"
_GROUPS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    + "|".join(
        rf"[A-Za-z0-9]{{{size}}}(?:{_APART}[A-Za-z0-9]{{{size}}}){{2,30}}(?:{_APART}[A-Za-z0-9]{{1,8}})?"
        for size in range(3, 9)
    )
    + r")(?![A-Za-z0-9])"
)
# How keys begin that are then given in parts.
_KEY_IN_PARTS = re.compile(
    r"(?:\bsk ?[-_] ?(?:(?:proj|ant|live|test|svcacct) ?[-_] ?)?|\bAIza|\beyJ|\bgh[pousr] ?_|\bxox[abpr] ?-|\bAKIA"
    r"|\bBearer[: ]\W?)"
    r"(?P<rest>[A-Za-z0-9]{0,12}(?:[\s\W_]{1,3}[A-Za-z0-9]{1,12}){2,20})",
)
# Where an address has a password in it.
_LOGIN = re.compile(r"[a-z][a-z+]{2,20}\s?:\s?/\s?/\s?[^\s/:@]{0,60}\s?:\s?[^\s/@]{1,80}\s?@", re.IGNORECASE)
_PASSWORD = re.compile(
    r"\b(?:pass(?:word|wort|code|phrase)|kennwort|mot de passe|contrasena|senha|api[ _-]?(?:key|schlussel)"
    r"|(?:access|auth|bearer)[ _-]?token|secret(?: key)?|cle (?:api|secrete)|clave (?:api|secreta))\b[^.!?\n]{0,20}?"
    r"(?:\b(?:is|are|ist|lautet|est|es|e)\b|[:=])\W{0,6}"
    r"(?P<value>(?=\S{0,40}\d)(?=\S{0,40}[A-Za-z])[^\s\"'`]{6,80})",
    re.IGNORECASE,
)
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?(?![A-Za-z0-9])"
)
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{8,}={0,2}(?![A-Za-z0-9+/=])")
_BASE32 = re.compile(r"(?<![A-Za-z0-9])[A-Z2-7]{10,}={0,6}(?![A-Za-z0-9])")
_HEX = re.compile(
    r"(?<![A-Za-z0-9])(?:0?\\?x)?[0-9A-Fa-f]{2}(?:[ :,-]?(?:0?\\?x)?[0-9A-Fa-f]{2}){5,200}(?![A-Za-z0-9])"
)
# Letters and digits by their numbers.
_ASCII = r"(?:4[89]|5[0-7]|6[5-9]|[78]\d|9[07-9]|1[01]\d|12[0-2])"
_NUMBERS = re.compile(rf"(?<!\d){_ASCII}(?:[ ,;-]{{1,2}}{_ASCII}){{5,200}}(?!\d)")
# What any of these has in it, looked for first: most texts have none of it.
_FIRST_SIGNS = re.compile(r"\d|[a-z][A-Z]|[A-Z]{5}")
_SIGNS = re.compile(
    r"\d[A-Za-z]{1,6}\d|[A-Za-z]\d{1,6}[A-Za-z]|[A-Z]{2}\d\d|[a-z][A-Z]|[A-Z0-9]{8}|/ ?/"
    r"|(?:[2-7][0-9A-Fa-f][ :,-]{0,2}){6}|(?:\d{2,3}[ ,;-]{1,2}){5}"
    r"|[Pp]ass\w{3}|kennw|senha|secret|[Tt]oken|[Kk]ey|contrase"
)
_KEYS = ("sk-", "sk_", "sk -", "SK-", "xox", "ghp", "gho", "ghs", "Bearer")
#: How far back of a text's new part such a sign may stand.
MOST_CODE = 20
_KINDS = re.compile(r"[A-Z]+|[a-z]+|\d+")
_PARTS = re.compile(r"[^A-Za-z0-9]+")


class Opaque(NamedTuple):
    """Something that only a machine reads: where it begins, and what it is without what is in between."""

    start: int
    says: str


def may_be_coded(text: str, begin: int) -> bool:
    """Say whether a text may have something encoded or a key in it from a place on, as quickly as can be."""
    if _FIRST_SIGNS.search(text, begin) is not None and _SIGNS.search(text, begin) is not None:
        return True
    return any(map(text.__contains__, _KEYS))


def find_opaque(text: str) -> Iterator[Opaque]:
    """Yield what looks like a key, a token or an account's number. Somebody may have said it."""
    for found in _RUN.finditer(text):
        if _is_random(found[0]):
            yield Opaque(found.start(), found[0])
    for found in _GROUPS.finditer(text):
        groups = _PARTS.split(found[0])
        joined = "".join(groups)
        # Rows and flights have one turn each, from digits to a letter or back.
        if len(joined) >= 16 and _is_random(joined) and any(_count_turns(group) > 1 for group in groups):
            yield Opaque(found.start(), joined)
    for found in _KEY_IN_PARTS.finditer(text):
        if _is_in_parts(found["rest"]):
            yield Opaque(found.start(), _PARTS.sub("", found["rest"]))
    for found in _LOGIN.finditer(text):
        yield Opaque(found.start(), found[0])
    for found in _PASSWORD.finditer(text):
        yield Opaque(found.start("value"), found["value"])
    for found in _IBAN.finditer(text):
        if _is_iban(code := re.sub(r"[ -]", "", found[0])):
            yield Opaque(found.start(), code)


def find_decoded(text: str) -> Iterator[Opaque]:
    """Yield what encoded words say, where they say something."""
    for found in _BASE64.finditer(text):
        yield from _decode(found.start(), found[0])
    for found in _BASE32.finditer(text):
        word = found[0].rstrip("=")
        yield from _as_text(found.start(), base64.b32decode, word + "=" * (-len(word) % 8))
    for found in _HEX.finditer(text):
        yield from _as_text(found.start(), bytes.fromhex, re.sub(r"0?\\?x|[ :,-]", "", found[0]))
    for found in _NUMBERS.finditer(text):
        yield Opaque(found.start(), "".join(chr(int(number)) for number in re.findall(r"\d+", found[0])))


def _decode(start: int, word: str) -> Iterator[Opaque]:
    plain = word.replace("-", "+").replace("_", "/").rstrip("=")
    yield from _as_text(start, base64.b64decode, plain + "=" * (-len(plain) % 4))


def _as_text(start: int, decode: Callable[[str], bytes], code: str) -> Iterator[Opaque]:
    try:
        said = decode(code).decode("ascii")
    except (ValueError, binascii.Error):  # it is a word
        return
    if said.isprintable() and len(said) >= 5:
        yield Opaque(start, said)


def _is_random(word: str) -> bool:
    """Say whether letters and digits follow each other as in no word, no date and no address."""
    turns = max((_count_turns(part) for part in _PARTS.split(word)), default=0)
    digits, letters = sum(map(str.isdigit, word)), sum(map(str.isalpha, word))
    # Names in programs have capitals, and few figures.
    return digits > 0 and letters >= 4 and turns >= (4 if digits > 1 else len(word) * 2 // 5)


def _count_turns(part: str) -> int:
    return len(_KINDS.findall(part)) - 1


def _is_in_parts(rest: str) -> bool:
    """Say whether what follows a key's beginning are parts of one length, the first and last aside."""
    parts = re.findall(r"[A-Za-z0-9]+", rest)
    middle = parts[1:-1] or parts
    for size in {len(part) for part in middle}:
        same = [part for part in parts if len(part) == size]
        if 2 <= size <= 8 and len(same) >= 3 and len(same) * size >= 12:
            return True
    return False


def _is_iban(code: str) -> bool:
    """Say whether the digits add up as an account's do."""
    return len(code) >= 15 and int("".join(str(int(letter, 36)) for letter in code[4:] + code[:4])) % 97 == 1
