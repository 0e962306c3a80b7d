"""Django's database settings from a PostgreSQL address; without one, the embedded server's."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg

from conversations.lost_connections import NETWORK, PooledConnection, WatchedConnection


def _refuse_waiting(pool: Any) -> None:
    """Tell those who wait for a connection that there is none to be had, not only after the pool's time-out.

    The connections that are out come back to nobody: each belongs to a thread. It leans on private names of
    psycopg_pool, whose version is locked; tests/contract/test_outage.py notices.
    """
    with pool._lock:
        refused = list(pool._waiting)
        pool._waiting.clear()
    for client in refused:
        client.fail(psycopg.OperationalError("the database can't be reached"))


# A lost database is looked for for two seconds, so that a restart costs nothing, and then again by the next request.
# The pool's own search would come at ever longer intervals.
POOL = {
    "min_size": 1,
    "max_size": 12,  # a connection for each thread of conversations/threads.py, two for all else
    "timeout": 10,
    "reconnect_timeout": 2,
    "reconnect_failed": _refuse_waiting,
    "connection_class": WatchedConnection,
}


def database_settings(url: str, data_dir: Path, *, pooled: bool = False) -> dict[str, Any]:
    """Return an entry for DATABASES. A process takes at most twelve connections, from psycopg's pool.

    Behind a pooler in transaction mode (`pooled`) nothing may outlive its transaction on the server.
    """
    entry = {
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,  # of what the pool gives out, which is seldom: a thread keeps its connection
        "DISABLE_SERVER_SIDE_CURSORS": pooled,
        **(_from_url(url) if url else _embedded(data_dir)),
    }
    if pooled:
        entry["OPTIONS"] = {**entry["OPTIONS"], "pool": {**POOL, "connection_class": PooledConnection}}
    else:
        # A statement that comes again and again is planned once.
        entry["OPTIONS"] = {"server_side_binding": True, "prepare_threshold": 5, **entry["OPTIONS"]}
    return entry


def direct_settings(entry: dict[str, Any], direct_url: str) -> dict[str, Any]:
    """Return an entry of DATABASES for one connection outside the pool, past a pooler where there is one."""
    if direct_url:
        entry = {**entry, **_from_url(direct_url)}
    options = {name: value for name, value in entry["OPTIONS"].items() if name != "pool"}
    return {**entry, "OPTIONS": options}


def past_neons_pooler(url: str) -> str:
    """Return the direct address that belongs to Neon's pooled one, which differs by a word; empty for others."""
    host = urlsplit(url).hostname or ""
    name, _, domain = host.partition(".")
    if not (name.endswith("-pooler") and domain.endswith("neon.tech")):
        return ""
    return url.replace(host, f"{name.removesuffix('-pooler')}.{domain}", 1)


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
        "OPTIONS": {"pool": POOL, **NETWORK, **options},
    }


def _embedded(data_dir: Path) -> dict[str, Any]:
    return {
        "ENGINE": "chatsite.postgres",  # starts the server, or attaches to it, before the first connection
        "DATA_DIR": data_dir,
        "NAME": "chat",
        "USER": "chat",
        "PORT": "5432",  # of the socket's name; PGPORT would count otherwise
        "OPTIONS": {"pool": POOL},
    }
