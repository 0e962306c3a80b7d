"""POST /chatkit: ChatKit's one door. Who asks is settled where it is mounted."""

from __future__ import annotations

import asyncio
import importlib
import re
import sys

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    StreamingHttpResponse,
)

from conversations import errors
from conversations.dictation import MAX_BODY_BYTES
from conversations.languages import read_language
from conversations.strict_json import UNSTORABLE

MAX_KEY_CHARS = 200
_ORIGIN = re.compile(r"https?://[^/\s]+")


async def chatkit(request: HttpRequest, door: str = "/chatkit") -> HttpResponseBase:
    """Answer one ChatKit request at a door, an address of this site. A client that goes away stops nothing."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if request.content_type != "application/json":
        raise errors.UnsupportedMediaType
    key = _idempotency_key(request)
    if "conversations.server" not in sys.modules:
        # It imports agents, which takes a second and half of the memory: not before somebody asks.
        await asyncio.to_thread(importlib.import_module, "conversations.server")
    from conversations.server import Caller, Streamed, server

    language = read_language(request.headers.get("Accept-Language", ""))
    caller = Caller(
        request.auth,  # type: ignore[attr-defined]
        key,
        f"{_page_of(request)}{door}",
        language,
        request.headers.get("Authorization", ""),
    )
    # Not `request.body`, which is bounded by what a message may take: dictation takes more.
    result = await server.process(request.read(MAX_BODY_BYTES + 1), caller)
    headers = {"Cache-Control": "no-store", **result.headers}
    if isinstance(result, Streamed):
        headers["X-Accel-Buffering"] = "no"
        return StreamingHttpResponse(result.json_events, content_type="text/event-stream", headers=headers)
    return HttpResponse(result.json, content_type="application/json", headers=headers)


def _page_of(request: HttpRequest) -> str:
    """Return the site's address as the page that asks knows it: the page of a session is where its proxy is."""
    origin = request.headers.get("Origin", "")
    is_page = "Authorization" not in request.headers and _ORIGIN.fullmatch(origin)
    return origin if is_page else f"{request.scheme}://{request.get_host()}"


def _idempotency_key(request: HttpRequest) -> str | None:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MAX_KEY_CHARS or UNSTORABLE.search(key):
        problem = f"must have at most {MAX_KEY_CHARS} characters, and no NUL"
        raise errors.Invalid(errors=[{"field": "Idempotency-Key", "message": problem}])
    return key or None
