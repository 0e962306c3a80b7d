"""What a model says on its way to the customer: marks become annotations, and what may not leave is held back.

What was streamed can't be recalled: so a word that could become a mark, a secret or a reference is held until it is
whole; where something is called a reference, the sentence is, and the one behind it. Other words pass at once, and a
text without any such word costs one search for each piece.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_noop

from .guardrails.claimed import find_unfinished_claim, may_claim
from .guardrails.contacts import find_unfinished_contact, may_go_on
from .guardrails.folding import fold, place_in
from .guardrails.named import REACH as NAME_REACH
from .guardrails.named import find_release, has_name, has_sign, names_secret
from .guardrails.references import REACH
from .guardrails.spelt import find_unfinished
from .sources import MARK

HELD_BACK = gettext_noop(
    "*(I held back the rest of this answer, because I couldn't confirm it against your own data.)*"
)

#: Says what is wrong with a text that is about to be shown from a place on, and where; None where nothing is.
Check = Callable[[str, int], "Finding | None"]


class Finding:
    """Something that may not be shown: where it begins, and what kind it is (never the thing itself).

    It waits where the rest of its sentence may say that it may be.
    """

    def __init__(self, start: int, kind: str, *, waits: bool = False) -> None:
        self.start = start
        self.kind = kind
        self.waits = waits


# The last word of a text that may go on to be a mark, a secret, an address, a number or a reference.
_UNFINISHED = re.compile(
    r"\S*(?:[\d@＠_.:/\[-]|[a-z][A-Z])|\S{12}|[\"'(*`|~_]*(?:[A-Z][A-Z*`~_]*$|AI|e$|ey|s$|sk|g$|gh|x$|xo|-)",
    re.ASCII,
)
# A word that may become a reference in small letters, where one of these is spoken of.
_SHORT = re.compile(r"(?<![A-Za-z0-9\u00c0-\u024f])[A-Za-z0-9]{1,8}[^\w\s]{0,3}$")
#: How long a name of a reference may be.
MOST_NAME = 40
_NUMBERS = re.compile(r"(?:\d[ -]?)+\S*$")
#: No word is held that is longer: a text without spaces must not cost its square.
MOST_HELD = 2000
MOST_NUMBERS = 60
#: How much of what was shown a check sees, to know what words a reference stands behind.
CONTEXT = 80
NAME_CONTEXT = 280
# A word in capitals, of which the rest of the sentence may say that it is a reference.
_ENDING = re.compile("[.!?…。！？؟\n]")
#: A sentence that names a reference is held whole up to here.
MOST_SENTENCE = 400
_LOUD_SIGNS = re.compile("[A-Z]{4}|[\"“„«‘`*']")
_LOUD = re.compile(
    r"(?<![A-Za-z0-9])(?:[\"'“„«‘(*_`]{0,3}[A-Z]{4,10}|[\"'“„«‘`*]{1,2}[A-Za-z]{6}[\"'”“»’`*]{1,2})(?![A-Za-z0-9])"
    r"[^.!?\n]{0,40}[.!?]?$|(?<![A-Za-z0-9])[\"'“„«‘`*]{1,2}[A-Za-z]{0,6}$"
)


class Screen:
    """One answer of a model, piece by piece."""

    def __init__(self, find_source: Callable[[str], dict[str, Any] | None], check: Check) -> None:
        self._find_source = find_source
        self._check = check
        self._held = ""
        self._shown: list[str] = []
        self._length = 0
        self._context = self._recent = ""
        self._since_label = REACH
        self._since_name = 2 * NAME_REACH
        self._latest = 0
        self._has_sign = False
        self.annotations: list[dict[str, Any]] = []
        self.finding: Finding | None = None

    @property
    def has_begun(self) -> bool:
        return bool(self._shown or self._held or self.finding)

    @property
    def text(self) -> str:
        """All that was let through."""
        return "".join(self._shown)

    def feed(self, piece: str) -> str:
        """Take a piece; return what may be shown now."""
        if self.finding is not None:
            return ""
        self._held += piece
        self._latest = len(piece)
        self._recent = self._recent[-MOST_NAME:] + piece.lower()
        self._has_sign = has_sign(self._recent)
        self._since_label += len(piece)
        self._since_name += len(piece)
        return self._release(self._safe_end())

    def finish(self) -> str:
        """Return what was held, once the answer is complete."""
        return "" if self.finding is not None else self._release(len(self._held), is_last=True)

    def add(self, words: str) -> str:
        """Return words of our own that come behind what was let through, as they may be shown."""
        return self._append(words if words.startswith("\n") or not self._shown else f"\n\n{words}")

    def _safe_end(self) -> int:
        """Return where the held text ends that can't become something else any more: before a word, and its space."""
        held = self._held.rstrip()  # a mark takes the space before it along
        loud = _LOUD.search(held, max(len(held) - 60, 0)) if _LOUD_SIGNS.search(held) else None
        start = min(self._word_start(held), self._reference_start(held), loud.start() if loud else len(held))
        if may_go_on(self._recent):
            start = min(start, self._contact_start(held))
        start = self._sentence_start(start)
        return len(held[:start].rstrip()) if start < len(held) else len(held)

    def _word_start(self, held: str) -> int:
        start = max(held.rfind(" "), held.rfind("\n")) + 1
        if not _UNFINISHED.match(held, start) or len(held) - start > MOST_HELD:
            return len(held)
        if held[start].isdigit() and (numbers := _NUMBERS.search(held[-MOST_NUMBERS:])):
            start = len(held) - len(numbers[0])
        return start

    def _contact_start(self, held: str) -> int:
        """Return where a spelt address may go on; what was shown may be its beginning."""
        before = self._context[-CONTEXT:]
        start = find_unfinished_contact((before + held).lower())
        return len(held) if start is None else max(start - len(before), 0)

    def _reference_start(self, held: str) -> int:
        """Return where something spelt begins, or a short word where references are spoken of, that may go on."""
        is_near = self._is_label_near()
        start = find_unfinished(held, is_labelled=is_near)
        if start is None and is_near and self._held[-1:].strip():
            short = _SHORT.search(held, max(len(held) - 12, 0))
            start = short.start() if short else None
        if is_near and (claim := find_unfinished_claim(self._context[-CONTEXT:] + held)) is not None:
            start = min(len(held) if start is None else start, max(claim - len(self._context[-CONTEXT:]), 0))
        return len(held) if start is None else start

    def _sentence_start(self, start: int) -> int:
        """Return where the sentence begins that may still name a reference, if what is ready ends in one."""
        if self._since_name < NAME_REACH and len(self._held) < MOST_SENTENCE and not self._may_end():
            return 0
        if (self._has_sign and has_name(self._recent)) or names_secret(self._recent):
            self._since_name = 0
        if self._since_name >= 2 * NAME_REACH:
            return start
        before = len(self._context)
        text = self._context + self._held
        plain = fold(text)
        ready = before + start if plain == text else len(fold(text[: before + start]))
        place, waits = find_release(plain, ready)
        if not waits:
            self._since_name = 2 * NAME_REACH
        if place == ready:
            return start
        return max((place if plain == text else place_in(text, place)) - before, 0)

    def _may_end(self) -> bool:
        """Say whether the piece that came last may end a sentence; the end is known by what follows it."""
        return _ENDING.search(self._held, max(len(self._held) - self._latest - 2, 0)) is not None

    def _is_label_near(self) -> bool:
        """Say whether references were spoken of just before; only what came since the last time is read."""
        if self._has_sign and may_claim(self._recent):
            self._since_label = 0
        return self._since_label < REACH

    def _release(self, end: int, *, is_last: bool = False) -> str:
        ready, self._held = self._held[:end], self._held[end:]
        if not ready:
            return ""
        context = self._context if self._since_name < 2 * NAME_REACH else self._context[-CONTEXT:]
        if finding := self._check(context + ready, len(context)):
            at = max(finding.start - len(context), 0)
            if finding.waits and not is_last and len(ready) + len(self._held) - at < MOST_SENTENCE:
                at = len(ready[:at].rstrip())
                ready, self._held = ready[:at], ready[at:] + self._held
            else:
                self.finding, self._held = finding, ""
                ready = ready[:at].rstrip()
        if "[source:" not in ready:
            return self._append(ready)
        return self._cite(ready)

    def _cite(self, ready: str) -> str:
        """Take the marks out and put annotations where they were; a source that no tool returned is none."""
        shown, at = "", 0
        for found in MARK.finditer(ready):
            shown += self._append(ready[at : found.start()])
            at = found.end()
            if source := self._find_source(found["slug"]):
                annotation = {"type": "annotation", "source": source, "index": self._length}
                if annotation not in self.annotations:
                    self.annotations.append(annotation)
        return shown + self._append(ready[at:])

    def _append(self, text: str) -> str:
        if text:
            self._shown.append(text)
            self._context = (self._context + text)[-NAME_CONTEXT:]
            # An annotation's index counts as JavaScript does.
            self._length += len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
        return text
