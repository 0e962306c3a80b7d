"""Which pages may use the session."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.http import is_same_domain


def is_allowed_origin(origin: str, *, host: str, secure: bool) -> bool:
    """Say whether an Origin header is the site's own, which answers as `host`, or in CSRF_TRUSTED_ORIGINS."""
    own = f"{'https' if secure else 'http'}://{host}"
    return bool(origin) and (origin == own or any(_matches(origin, t) for t in settings.CSRF_TRUSTED_ORIGINS))


def _matches(origin: str, trusted: str) -> bool:
    if "*" not in trusted:
        return origin == trusted.rstrip("/")
    try:
        asked, pattern = urlsplit(origin), urlsplit(trusted)
    except ValueError:
        return False
    # Written as https://*.example.com: any host below the domain.
    return asked.scheme == pattern.scheme and is_same_domain(asked.netloc, pattern.netloc.lstrip("*"))
