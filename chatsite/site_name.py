"""For every template: the site's name, its own first words (CHAT_START_FILE), and whether there is a trip to show."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from agents_app.tools.offered import offers


def site_name(request: HttpRequest) -> dict[str, Any]:
    return {
        "site_name": settings.SITE_NAME,
        "own_start": settings.CHAT_START,
        "shows_trip": not settings.CHAT_START and offers("show_my_trip"),
    }
