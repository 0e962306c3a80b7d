"""Whether the provider takes our key: asked once at the start, so that nobody has to send a message to find out."""

from __future__ import annotations

import logging
import threading
import time
import urllib.error
import urllib.request

from django.conf import settings
from django.http import HttpRequest

logger = logging.getLogger(__name__)

SECONDS = 5.0
_OPENAI = "https://api.openai.com/v1"
#: How Gemini says that it doesn't know a key, with status 400.
_BAD_KEY = b"api key not valid"

_refused_at: float | None = None


def start() -> None:
    """Ask in the background: the site serves meanwhile."""
    if settings.CHAT_PROVIDER != "practice":
        threading.Thread(target=_check, name="provider check", daemon=True).start()


def seconds_since_refusal() -> float | None:
    """Return how long ago the key was refused at the start, or None where it was not."""
    return None if _refused_at is None else time.monotonic() - _refused_at


def describe_refusal() -> str:
    """Say what is wrong, in words for whoever reads the page; never the key."""
    name = settings.CHAT_PROVIDER
    owner = {"openai": "OpenAI", "gemini": "Gemini"}[name]
    if name == "openai" and settings.OPENAI_BASE_URL:
        owner = "The server at OPENAI_BASE_URL"
    return f"{owner} refuses the key in {name.upper()}_API_KEY. Set a valid one and restart."


def provider_trouble(request: HttpRequest) -> dict[str, str]:
    """Tell the pages, where nobody else answers instead."""
    shown = _refused_at is not None and not settings.CHAT_FALLBACK_PROVIDER
    return {"provider_trouble": describe_refusal() if shown else ""}


def _check() -> None:
    global _refused_at
    if is_refused():
        _refused_at = time.monotonic()
        logger.error("%s", describe_refusal())


def is_refused() -> bool:
    """Ask for the list of models, which costs nothing. Whatever isn't a clear no is none."""
    key, base = (
        (settings.GEMINI_API_KEY, settings.GEMINI_BASE_URL)
        if settings.CHAT_PROVIDER == "gemini"
        else (settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL or _OPENAI)
    )
    request = urllib.request.Request(  # noqa: S310 - http or https: settings.py has checked it
        f"{base.rstrip('/')}/models", headers={"Authorization": f"Bearer {key}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310
            return False
    except urllib.error.HTTPError as error:
        with error:
            return error.code == 401 or (error.code == 400 and _BAD_KEY in error.read(65_536).lower())
    except (OSError, ValueError):
        return False  # turns will tell whether it can be reached
