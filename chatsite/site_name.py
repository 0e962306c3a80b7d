"""The site's name for every template: `{{ site_name }}`."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site_name(request: HttpRequest) -> dict[str, str]:
    return {"site_name": settings.SITE_NAME}
