"""Django's database settings from a PostgreSQL address; without one, the embedded server's."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

POOL = {"min_size": 1, "max_size": 12, "timeout": 10}


def database_settings(url: str, data_dir: Path) -> dict[str, Any]:
    """Return an entry for DATABASES. A process takes at most twelve connections, from psycopg's pool."""
    return {
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        **(_from_url(url) if url else _embedded(data_dir)),
    }


def _from_url(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": {"pool": POOL, **options},
    }


def _embedded(data_dir: Path) -> dict[str, Any]:
    return {
        "ENGINE": "chatsite.postgres",  # starts the server, or attaches to it, before the first connection
        "DATA_DIR": data_dir,
        "NAME": "chat",
        "USER": "chat",
        "OPTIONS": {"pool": POOL},
    }
