"""Whether the site lives, and whether it can do its work.

Neither answer waits for the threads that other requests hold, which may all be stuck.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from chatsite import bounded, lifecycle, provider_check

#: After so long a troubled provider is worth another try, or a balancer that heeds us would let none through for ever.
TROUBLED_SECONDS = 60
_STARTED = time.monotonic()

# The last turn that failed for want of an operator, unless a later one was answered. Its order keeps the planner on
# the ids, which grow with time: the first answered one after it is a step away.
_STANDING = """
with troubled as (
    select id, error ->> 'trouble' as trouble, extract(epoch from now() - finished_at)::float8 as seconds
    from conversations_turn where error ? 'trouble' order by id desc limit 1
)
select
    (select count(*) from conversations_living_worker),
    troubled.trouble,
    troubled.seconds
from (select) as nothing left join troubled on seconds < %s and (
    select true from conversations_turn as later
    where later.id > troubled.id and later.status = 'completed' order by later.id limit 1
) is null
"""


@csrf_exempt
@require_safe
async def alive(request: HttpRequest) -> JsonResponse:
    """Say that the process answers, and whether it is to be given no more work. Asks no database."""
    return JsonResponse({"status": "stopping" if lifecycle.is_stopping() else "ok"})


@csrf_exempt
@require_safe
async def ready(request: HttpRequest) -> JsonResponse:
    """Say whether database, worker and provider are there; 503 when one that is needed is not."""
    if lifecycle.is_stopping():
        return JsonResponse({"status": "stopping"}, status=503, headers={"Cache-Control": "no-store"})
    checks = await asyncio.to_thread(_checks)
    good = all(check.good for check in checks.values())
    told = {"status": "ok" if good else "unavailable", **{part: check.told for part, check in checks.items()}}
    return JsonResponse(told, status=200 if good else 503, headers={"Cache-Control": "no-store"})


class Check(NamedTuple):
    """One part: whether the site can work with it as it is, and what is told of it."""

    good: bool
    told: dict[str, Any]


def _checks() -> dict[str, Check]:
    try:
        # What failed before this process started was perhaps mended by the restart.
        uptime = time.monotonic() - _STARTED
        workers, trouble, seconds = bounded.ask(_STANDING, [uptime])
    except bounded.NoAnswer:
        return {
            "database": Check(False, {"state": "unreachable", "detail": "The database can't be reached."}),
            "worker": Check(False, {"state": "unknown"}),
            "provider": check_provider(),
        }
    return {
        "database": Check(True, {"state": "ok"}),
        "worker": _check_worker(workers),
        "provider": check_provider(trouble, seconds),
    }


def _check_worker(workers: int) -> Check:
    if workers:
        return Check(True, {"state": "ok", "workers": workers})
    return Check(
        False, {"state": "missing", "detail": "No worker runs. Start one with: python manage.py worker"}
    )


def check_provider(trouble: str | None = None, seconds: float = 0) -> Check:
    """Return the provider's state, given what an operator had to mend so many seconds ago."""
    name = settings.CHAT_PROVIDER
    if name == "practice":
        detail = "Replies are canned. Set OPENAI_API_KEY or GEMINI_API_KEY in .env and restart."
        return Check(True, {"state": "practice", "detail": detail})
    model = settings.OPENAI_MODEL if name == "openai" else settings.GEMINI_MODEL
    if trouble is None and (refused := provider_check.seconds_since_refusal()) is not None:
        trouble, seconds = "refused", refused
    if trouble is None:
        return Check(True, {"state": "ok", "name": name, "model": model})
    detail = _WHAT_TO_DO[trouble].format(name=name.upper())
    told: dict[str, Any] = {
        "state": trouble,
        "name": name,
        "model": model,
        "seconds_ago": round(seconds),
        "detail": detail,
    }
    # Another one answers instead, or it comes back by itself: nobody has to be kept from reading until then.
    passing = bool(settings.CHAT_FALLBACK_PROVIDER) or trouble == "unreachable"
    return Check(passing or seconds > TROUBLED_SECONDS, told)


_WHAT_TO_DO = {
    "refused": (
        "The provider refused our key, or doesn't know the model. Check {name}_API_KEY, {name}_MODEL and "
        "{name}_BASE_URL, then restart."
    ),
    "unreachable": (
        "The provider can't be reached. Check {name}_BASE_URL and this machine's way there. Nothing needs a restart "
        "once it answers."
    ),
    "no_quota": "The provider's account is used up. Nothing needs a restart once it has quota again.",
}
