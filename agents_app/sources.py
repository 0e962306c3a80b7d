"""Marks by which a model cites an article: `[source:baggage-allowance]`. Pure text, in and out."""

from __future__ import annotations

import re
from collections.abc import Iterable

MARK = re.compile(r"\s?\[source:(?P<slug>[a-z0-9-]{1,80})\]")
_LISTED = re.compile(r"^\[source:(?P<slug>[a-z0-9-]{1,80})\] (?P<title>.+)$", re.MULTILINE)


def mark(slug: str) -> str:
    """Return the mark of an article."""
    return f"[source:{slug}]"


def disarm(text: str) -> str:
    """Return an article's text without marks of its own, which would name other sources than itself."""
    return text.replace("[source:", "(source:")


def find_title(slug: str, results: Iterable[str]) -> str | None:
    """Return the title of an article that a search returned."""
    for result in results:
        for found in _LISTED.finditer(result):
            if found["slug"] == slug:
                return found["title"]
    return None
