"""The screen of one run's answers: what its conversation knows, and what this process must never say."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from agents_app.context import RunContext
from agents_app.screen import Screen
from agents_app.sources import find_title

from .outgoing import make_check

_SECRETS = ("SECRET_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "METRICS_TOKEN")
_SEARCH = "search_articles"


def open_screen(run: RunContext) -> Screen:
    """Return a screen for one answer of the model."""
    secrets = [str(getattr(settings, name, "")) for name in _SECRETS]

    def find_source(slug: str) -> dict[str, Any] | None:
        title = find_title(slug, run.results_of(_SEARCH))
        if title is None:
            return None
        return {"type": "url", "title": title, "url": f"{settings.PUBLIC_URL}/help/{slug}"}

    shown = (lambda: screen.text) if run.sees_picture() else None
    screen: Screen = Screen(find_source, make_check(secrets=secrets, known=run.known_texts, shown=shown))
    return screen
