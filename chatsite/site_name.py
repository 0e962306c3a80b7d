"""For every template: the site's name, and its own first words where it isn't the airline (CHAT_START_FILE)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site_name(request: HttpRequest) -> dict[str, Any]:
    return {"site_name": settings.SITE_NAME, "own_start": settings.CHAT_START}
