"""What a model says on its way to the customer: marks become annotations, and what may not leave is held back.

What was streamed can't be recalled: so a word that could become a mark, a secret or a reference is held until it is
whole. Other words pass at once, and a text without any such word costs one search for each piece.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_noop

from .sources import MARK

HELD_BACK = gettext_noop(
    "*(I held back the rest of this answer, because I couldn't confirm it against your own data.)*"
)

#: Says what is wrong with a text that is about to be shown, and where; None where nothing is.
Check = Callable[[str], "Finding | None"]


class Finding:
    """Something that may not be shown: where it begins, and what kind it is (never the thing itself)."""

    def __init__(self, start: int, kind: str) -> None:
        self.start = start
        self.kind = kind


# The last word of a text that may go on to be a mark, a secret, an address, a number or a reference.
_UNFINISHED = re.compile(r"\S*[\d@_.:/\[]|[\"'(*`|]*(?:[A-Z]+$|AI|e$|ey|s$|sk|g$|gh|x$|xo|-)", re.ASCII)
_NUMBERS = re.compile(r"(?:\d[ -]?)+\S*$")
#: No word is held that is longer: a text without spaces must not cost its square.
MOST_HELD = 2000
MOST_NUMBERS = 60
#: How much of what was shown a check sees, to know what words a reference stands behind.
CONTEXT = 80


class Screen:
    """One answer of a model, piece by piece."""

    def __init__(self, find_source: Callable[[str], dict[str, Any] | None], check: Check) -> None:
        self._find_source = find_source
        self._check = check
        self._held = ""
        self._shown: list[str] = []
        self._length = 0
        self._context = ""
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
        return self._release(self._safe_end())

    def finish(self) -> str:
        """Return what was held, once the answer is complete."""
        return "" if self.finding is not None else self._release(len(self._held))

    def add(self, words: str) -> str:
        """Return words of our own that come behind what was let through, as they may be shown."""
        return self._append(words if words.startswith("\n") or not self._shown else f"\n\n{words}")

    def _safe_end(self) -> int:
        """Return where the held text ends that can't become something else any more: before a word, and its space."""
        held = self._held.rstrip()  # a mark takes the space before it along
        start = max(held.rfind(" "), held.rfind("\n")) + 1
        if not _UNFINISHED.match(held, start) or len(held) - start > MOST_HELD:
            return len(held)
        if held[start].isdigit() and (numbers := _NUMBERS.search(held[-MOST_NUMBERS:])):
            start = len(held) - len(numbers[0])
        return len(held[:start].rstrip())

    def _release(self, end: int) -> str:
        ready, self._held = self._held[:end], self._held[end:]
        if not ready:
            return ""
        context = self._context
        if finding := self._check(context + ready):
            self.finding, self._held = finding, ""
            ready = ready[: max(finding.start - len(context), 0)].rstrip()
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
            self._context = (self._context + text)[-CONTEXT:]
            # An annotation's index counts as JavaScript does.
            self._length += len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
        return text
