"""What a text calls a booking's reference. Behind such a name even a word is one, and so is what has spaces in it.

All of it looks at a folded text: plain letters, no accents, no marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .folding import fold, is_disguised, to_letters

_LATIN_NAMES = (
    # English
    r"(?:book|reserv|confirm|referen|record|itinerar|ticket|order)\w*[\s_-]{0,3}"
    r"(?:referen\w*|ref\b|numbers?|num\b|no\b\.?|nr\b|ids?\b|codes?|locators?|keys?\b|#)",
    r"referen(?:ce|z|cia|za|tie)s?\b(?:[\s-]?(?:numbers?|codes?|nummer|no|nr|id|key)\b)?|ref\b(?=\.?\s?[:#=])|pnr\b",
    r"locators?\b|file ?key\b",
    r"(?<!airport )(?<!country )(?<!dial )(?<!dialling )(?<!area )(?<!iata )(?<!currency )(?<!dress )(?<!qr )(?<!bar )"
    r"codes?\b(?! of)",
    # German, Dutch, the north
    r"(?:buchungs|reservierungs|bestatigungs|vorgangs|auftrags|ticket|referenz|boekings|reserverings|boknings|bestillings)"
    r"[\s-]?(?:nummer|nr|codes?|kod|referen\w+|kennung|schlussel|id|kurzel)\b",
    # French, Spanish, Portuguese, Italian
    r"(?:numeros?|n°|n[or]\b\.?|codes?|codigos?|codice|referen\w+|ref\.?|clave|localizador)"
    r"\s(?:(?:de|du|da|do|di|della|del)\s|d['’])?(?:(?:votre|ta|la|su|tu|sua|tua|seu|mi)\s)?"
    r"(?:reserv\w+|dossier|confirm\w+|conferma|prenota\w+|commande|billet|bilhete|billete)",
    r"locali[sz]\w*dore?\b|dossier\b",
)
_OTHER_NAMES = (
    # Arabic, Japanese, Chinese
    r"(?:رقم|رمز|مرجع|كود)\s(?:ال)?(?:حجز|تأكيد|تذكر)\w*|(?:ال)?مرجع",
    "予約番号|確認番号|予約コード|照会番号|予約記号|预[订定](?:号码?|编号|代码|码|参考号)|订单(?:号码?|编号)|确认(?:号码?|码|编号)"
    "|订座(?:号|记录)|编号|代码|参考号|訂位(?:代號|代碼|編號)|訂單(?:編號|號碼?)|確認(?:號碼?|碼|編號)|預[訂定](?:號碼?|編號|代碼)|編號|代號|代碼",
)
# They are looked for in small letters, and first by their first letter: with IGNORECASE it takes ten times as long.
_LATIN_NAME = re.compile(rf"\b(?=[abcdfilnoprtv])(?:{'|'.join(_LATIN_NAMES)})")
_OTHER_NAME = re.compile("|".join(map(to_letters, _OTHER_NAMES)))
#: What is in every text with such a name: most have none of it.
SIGNS = (
    *(
        "book",
        "reserv",
        "confirm",
        "refer",
        "ref ",
        "ref:",
        "ref.",
        "ref=",
        "ref#",
        "record",
        "itinerar",
        "ticket",
    ),
    *(
        "order",
        "pnr",
        "locat",
        "file",
        "code",
        "codi",
        "buchung",
        "bestatigung",
        "vorgang",
        "auftrag",
        "boeking",
    ),
    *("bokning", "bestilling", "dossier", "commande", "bill", "prenota", "conferma", "locali"),
)
_OTHER_SIGNS = (
    *("bestätigung", "référen", "réf", "réserv", "códi", "رقم", "رمز", "مرجع", "كود", "予約", "確認", "照会"),
    *("预", "订", "确认", "编号", "代码", "参考号", "訂", "編號", "代號", "代碼"),
)
_ALL_SIGNS = tuple({*SIGNS, *_OTHER_SIGNS, *map(to_letters, _OTHER_SIGNS)})
# What a secret or an account's number is called.
_SECRET_SIGNS = (
    *(
        "passw",
        "passc",
        "passp",
        "mot de passe",
        "kennwort",
        "senha",
        "contrase",
        "token",
        "key",
        "schl",
        "secret",
    ),
    *("bearer", "iban", "accoun", "konto"),
)
_SECRET_NAME = re.compile(
    r"\b(?=[abcikmpst])(?:pass(?:word|wort|code|phrase)s?|kennwort|mot de passe|contrasena|senha|tokens?|keys?"
    r"|secret\w*|bearer|api[ _-]?keys?|iban|account\w*|konto\w*)\b|schlussel\b"
)
#: How far behind its name a reference may stand, and how long one waits for it.
REACH = 160
_IS = (
    r"(?:is|are|was|be|becomes?|reads?|as|called|namely|says|now|to|lautet|ist|war|wird|heisst|est|sera"
    r"|devient|es|son|e|sara|foi|sao|(?:begins?|starts?|ends?|goes) (?:with|in|on|like)|beginnt mit"
    r"|endet (?:auf|mit)|(?:commence|finit) par|(?:empieza|termina|comeca) (?:por|con|com|em))"
)
_ADVERB = (
    r"(?:(?:now|still|simply|just|therefore|again|then|also|first|jetzt|nun|erst|zuerst|maintenant|donc|ahora|primero|agora"
    r"|primeiro|prima)\s|d['’]abord\s)?"
    r"(?:(?:the|das|le|la|el|a)\s(?:word|wort|mot|palabra|palavra)\W{1,3})?"
)
_SIGN = r"(?:[:=#/|>(\[\"“”„«»‘→–—-]|(?<![A-Za-z])['’]|：|「|『|はー?|か|是|为|為|هو|هي)"
_FILL = r"[^.!?。\n]{0,70}?"
_LINK = re.compile(
    to_letters(rf"(?:{_FILL}(?:\b{_IS}\b\W{{1,6}}{_ADVERB}|{_SIGN}\W{{0,8}}{_ADVERB})|\W{{0,4}})$"),
    re.IGNORECASE,
)
_NEXT = re.compile(
    to_letters(
        rf"{_FILL}(?:[.!?:。,]?\s{{1,4}}\W{{0,4}}"
        r"(?:it|this|that|there|here|es|sie|er|das|hier|c|ce|elle|voici|ella|aqui|esta|ela)\b"
        rf"\W{{0,3}}(?:s|it\s{_IS}|{_IS})\b\W{{1,4}}{_ADVERB}\W{{0,4}}|[.!?:。]?\W{{0,4}}\n\W{{0,8}})$"
    ),
    re.IGNORECASE,
)
# Where the next sentence begins; only what is no word counts there.
_AFTER = re.compile(rf"{_FILL}[.!。]\W{{1,5}}$")
_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{1,12}(?![A-Za-z0-9])")
_GROUP = re.compile(
    r"[A-Za-z0-9]{1,4}(?:\s?[ \-‐-―._/·•|,;:+⁃・、]\s?[A-Za-z0-9]{1,4}(?![A-Za-z0-9])){1,9}(?![A-Za-z0-9])"
)
_INITIALS = re.compile(
    r"(?:[A-Z][\w'-]{2,14}|[A-Z0-9])(?:[\s,;–-]{1,3}(?:[A-Z][\w'-]{2,14}|[A-Z0-9]\b)){4,9}"
)
_ENDS = re.compile(
    r"\W{0,3}(?:$|[.!?,;:)\]|\n\"'”“»。、，]|\s\(|\s[–—-]\s|\s(?:and|und|et|y|e|for your|fur Ihre)\b)"
)
_MARKED = re.compile(r"[\"'“”„«»‘’`*「『]$")
_SHAPES = re.compile(
    r"[A-Z]{2}\d{3,4}$|\d{1,2}[A-K]$|\d+(?:st|nd|rd|th|kg|g|cm|m|km|am|pm|h|min|x\d+|eur|usd|gbp|chf|er|e|a|o)$"
    r"|(?:EUR|USD|GBP|CHF)\d+$|T\d$|[A-Z]\d{1,2}$",
    re.IGNORECASE,
)
_CAPITALS = frozenset(
    {
        *(
            "SMS",
            "PDF",
            "PIN",
            "PNR",
            "IATA",
            "ICAO",
            "IBAN",
            "UTC",
            "GMT",
            "CET",
            "EUR",
            "USD",
            "GBP",
            "CHF",
        ),
        *("HTML", "HTTP", "HTTPS", "URL", "FAQ", "VIP", "NONE", "TBD"),
    }
)
_MONTHS = (
    *(
        "jan",
        "feb",
        "mar",
        "apr",
        "may",
        "mai",
        "jun",
        "jul",
        "aug",
        "ago",
        "sep",
        "set",
        "oct",
        "okt",
        "out",
    ),
    *("nov", "dec", "dez"),
)
_OWNS = r"(?:your|the|my|our|a|ihre?|die|der|das|deine?|votre|la|le|su|tu|sua|o|il|vostra|new|neue|nouvelle|nueva|nova)"
_BEFORE = re.compile(
    rf"(?<![A-Za-z0-9])(?P<code>[A-Z]{{4,10}}|(?<=[\"'“„«‘])[A-Za-z]{{6}}(?=[\"'”“»’]))\W{{1,4}}"
    rf"(?:is|was|as|will be|ist|als|est|comme|es|como|sera|e)\s(?:{_OWNS}\s){{0,2}}(?i:{_LATIN_NAME.pattern})"
)
_ROW = re.compile(r"^[ \t]*\|(?P<cells>[^\n]+)\|[ \t]*(?:\n|$)", re.MULTILINE)
# A sentence's end, and a line's: not behind a letter alone, nor where a table, a list's name or a code block goes on.
_SENTENCE_ENDS = re.compile(r"(?<!\b\w)[.!?…]+[\"')\]*_`»”]*(?=\s)|[。！？؟]|(?<![:：|\n])\n+(?!\s*[|\n])")


class Named(NamedTuple):
    """What is called a reference: where it begins, and what it says without what is between its letters."""

    start: int
    code: str


def has_sign(lower: str) -> bool:
    """Say whether a text in small letters may speak of references in whatever way, as quickly as can be."""
    return not lower.isascii() or any(map(lower.__contains__, SIGNS)) or "lautet" in lower


def has_name(text: str) -> bool:
    """Say whether a text may call something a reference."""
    lower = text.lower()
    if text.isascii():
        return any(map(lower.__contains__, SIGNS)) and _LATIN_NAME.search(lower) is not None
    return (any(map(lower.__contains__, _ALL_SIGNS)) or is_disguised(text)) and bool(_find_names(fold(text)))


def _find_names(text: str, begin: int = 0) -> list[re.Match[str]]:
    lower = text.lower()
    names = list(_LATIN_NAME.finditer(lower, begin))
    return names if text.isascii() else [*names, *_OTHER_NAME.finditer(lower, begin)]


def names_secret(text: str) -> bool:
    """Say whether something secret may follow."""
    return (
        any(map(text.lower().__contains__, _SECRET_SIGNS))
        and _SECRET_NAME.search(fold(text).lower()) is not None
    )


def find_release(text: str, end: int) -> tuple[int, bool]:
    """Return up to where a text may be shown, of which a place was ready, and whether more has to wait.

    What is behind a name goes by sentences.
    """
    waits = False
    begin = max(len(text) - 3 * REACH, 0)
    names = sorted(
        found.end()
        for names in (_find_names(text, begin), _SECRET_NAME.finditer(text.lower(), begin))
        for found in names
    )
    for name in reversed(names):
        ends = [name, *(found.end() for found in _SENTENCE_ENDS.finditer(text, name, name + REACH))][:3]
        is_open = len(ends) < 3 and len(text) - name <= REACH
        last = len(text) if is_open else ends[-1]
        if name < end < last or (is_open and end >= last):
            end = max(place for place in ends if place <= end)
        waits = waits or is_open or end < last
    return end, waits


def find_named(text: str, begin: int = 0) -> Iterator[Named]:
    """Yield what a folded text calls a reference, from a place on."""
    for name in _find_names(text):
        called = text[name.start() : name.end()]
        loud = called.isupper() and called not in _CAPITALS
        yield from (found for found in _find_behind(text, name.end(), loud=loud) if found.start >= begin)
    for found in _BEFORE.finditer(text):
        if found.start() >= begin and not is_usual(found["code"]):
            yield Named(found.start(), found["code"])
    if "|" in text:
        yield from (found for found in _find_in_columns(text) if found.start >= begin)


def _find_behind(text: str, end: int, *, loud: bool) -> Iterator[Named]:
    if text[end - 2 : end].lower() in ("nr", "no", "ef") and text[end : end + 1] == ".":
        end += 1
    window = text[end : end + REACH]
    for word in _WORD.finditer(window):
        before = window[: word.start()]
        is_next = _LINK.match(before) or _NEXT.match(before)
        if not (is_next or _AFTER.match(before)):
            continue
        start = end + word.start()
        code = _read_code(text, start, end + word.end(), loud=loud)
        # “Reference garden” is a garden's, mostly; “Reference GARDEN” isn't.
        is_said = is_next and not re.fullmatch(r"[\s\"'“„«]{0,4}", before)
        if code is not None and (is_said or re.search(r"[A-Z\d]{2}|\d", code)):
            yield Named(start, code)
            return


def _read_code(text: str, start: int, end: int, *, loud: bool) -> str | None:
    """Return the reference that begins at a place, if what stands there can be one."""
    word = text[start:end]
    if (group := _GROUP.match(text, start)) and (code := _read_group(text, group, loud=loud)):
        return code
    if (words := _INITIALS.match(text, start)) and (code := _read_initials(words[0])):
        return code
    if (
        text[start - 1 : start] in "+@"
        or text[end : end + 1] == "@"
        or re.match(r"[.,:]\d|-\w|\.\w", text[end : end + 2])
    ):
        return None
    if word.isdigit():
        return word if len(word) >= 5 else None
    if re.search(r"\d", word):
        return word if len(word) >= 3 and not _SHAPES.match(word) else None
    if word.isupper() and not loud:
        least = 4 if text[start - 1 : start] == "(" else 3  # what is put so is short for something
        return word if least <= len(word) <= 10 and not is_usual(word) else None
    return word if len(word) == 6 and _stands_alone(text, start, end) and not is_usual(word) else None


def _stands_alone(text: str, start: int, end: int) -> bool:
    before = text[max(start - 4, 0) : start]
    if before.rstrip().endswith("|"):  # a table's head is made of words
        return False
    return bool(_ENDS.match(text, end) or _MARKED.search(before))


def _read_group(text: str, group: re.Match[str], *, loud: bool) -> str | None:
    """Return what groups of letters say together: six of them, as a reference has."""
    parts: list[str] = []
    for part in re.finditer(r"[A-Za-z0-9]+", group[0]):
        parts.append(part[0])
        if sum(map(len, parts)) >= 6:
            break
    code = "".join(parts)
    if len(parts) < 2 or not 6 <= len(code) <= 8 or code.isdigit():
        return None
    if all(map(_SHAPES.match, parts)) or re.match(r"[A-Z]{2}\d{3,4}$", code) or _is_date(parts):
        return None
    if all(part.isupper() or part.isdigit() for part in parts) and not loud:
        return code
    after = text[group.start() + part.end() :]
    same = len({len(part) for part in parts}) == 1
    # With a hyphen, “one-way”; with spaces, half of them may be words: “Your reference is one for all”.
    joined = " " not in group[0] or "/" in group[0]
    return code if same and _ENDS.match(after) and not _are_words(parts, most=1 if joined else 0.5) else None


def _are_words(parts: list[str], *, most: float) -> bool:
    return sum(part.lower() in _words() for part in parts) >= most * len(parts)


def _is_date(parts: list[str]) -> bool:
    return any(part.lower() in _MONTHS for part in parts)


def _read_initials(words: str) -> str | None:
    parts = re.split(r"[\s,;–-]+", words)
    return "".join(part[0] for part in parts) if 6 <= len(parts) <= 8 else None


def _find_in_columns(text: str) -> Iterator[Named]:
    """Yield what stands in a table below such a name."""
    columns: list[int] = []
    for row in _ROW.finditer(text):
        cells = row["cells"].split("|")
        at = row.start("cells")
        found_head = [number for number, cell in enumerate(cells) if _find_names(cell)]
        if found_head:
            columns = found_head
            continue
        for number, cell in enumerate(cells):
            word = cell.strip()
            if number in columns and re.fullmatch(
                r"[A-Za-z0-9]{4,10}|[A-Za-z0-9](?:\W?[A-Za-z0-9]){5}", word
            ):
                code = re.sub(r"\W", "", word)
                if not (is_usual(code) or _SHAPES.match(code)):
                    yield Named(at + cell.index(word), code)
            at += len(cell) + 1


def is_usual(word: str) -> bool:
    """Say whether a word is what one says of a reference, and not the reference."""
    lower = word.lower()
    return word in _CAPITALS or lower.endswith(("ed", "ly")) or lower in _words()


@cache
def _words() -> frozenset[str]:
    lines = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    return frozenset(to_letters(word) for line in lines if not line.startswith("#") for word in line.split())
