"""Whether the site lives, and whether it can do its work."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from psycopg_pool import PoolTimeout

from chatsite import lifecycle

WORKER_SEEN_WITHIN_SECONDS = 15


def alive(request: HttpRequest) -> JsonResponse:
    """Say that the process answers, and whether it is to be given no more work. Asks no database."""
    return JsonResponse({"status": "stopping" if lifecycle.is_stopping() else "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """Say whether database, worker and provider are there; 503 when one that is needed is not."""
    if lifecycle.is_stopping():
        return JsonResponse({"status": "stopping"}, status=503)
    checks = {"database": _database(), "worker": {"state": "unknown"}, "provider": _provider()}
    if checks["database"]["state"] == "ok":
        checks["worker"] = _worker()
    good = all(check["state"] in ("ok", "practice") for check in checks.values())
    return JsonResponse({"status": "ok" if good else "unavailable", **checks}, status=200 if good else 503)


def _database() -> dict[str, Any]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except (DatabaseError, PoolTimeout):
        return {"state": "unreachable", "detail": "The database can't be reached."}
    return {"state": "ok"}


def _worker() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from procrastinate_workers where last_heartbeat > now() - make_interval(secs => %s)",
            [WORKER_SEEN_WITHIN_SECONDS],
        )
        (workers,) = cursor.fetchone()
    if workers:
        return {"state": "ok", "workers": workers}
    return {"state": "missing", "detail": "No worker runs. Start one with: python manage.py worker"}


def _provider() -> dict[str, Any]:
    if settings.CHAT_PROVIDER == "practice":
        detail = "Replies are canned. Set OPENAI_API_KEY or GEMINI_API_KEY in .env and restart."
        return {"state": "practice", "detail": detail}
    model = settings.OPENAI_MODEL if settings.CHAT_PROVIDER == "openai" else settings.GEMINI_MODEL
    return {"state": "ok", "name": settings.CHAT_PROVIDER, "model": model}
