"""The screen of one run's answers: what its conversation knows, and what this process must never say."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings

from agents_app.context import RunContext
from agents_app.screen import NAME_CONTEXT, Screen
from agents_app.sources import find_title

from .outgoing import make_check

_SECRETS = ("SECRET_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "METRICS_TOKEN")
_SEARCH = "search_articles"


# A line's part that ends as a sentence does.
_SENTENCE = re.compile(r"[^\n]+?(?:[.!?…](?=\s)|[。！？؟]|$|(?=\n))\s*", re.MULTILINE)


def _secrets() -> list[str]:
    return [str(getattr(settings, name, "")) for name in _SECRETS]


def keep_known(text: str, run: RunContext) -> str:
    """Return what a model wrote down for itself without what would not be shown: it counts as known later."""
    check = make_check(secrets=_secrets(), known=run.known_texts)
    kept: list[str] = []
    for sentence in _SENTENCE.finditer(text):
        before = "".join(kept)[-NAME_CONTEXT:]
        if check(before + sentence[0], len(before)) is None:
            kept.append(sentence[0])
    return "".join(kept)


def open_screen(run: RunContext) -> Screen:
    """Return a screen for one answer of the model."""

    def find_source(slug: str) -> dict[str, Any] | None:
        title = find_title(slug, run.results_of(_SEARCH))
        if title is None:
            return None
        return {"type": "url", "title": title, "url": f"{settings.PUBLIC_URL}/help/{slug}"}

    shown = (lambda: screen.text) if run.sees_picture() else None
    screen: Screen = Screen(find_source, make_check(secrets=_secrets(), known=run.known_texts, shown=shown))
    return screen
