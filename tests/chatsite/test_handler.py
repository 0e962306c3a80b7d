"""A request that is over is gone at once, and waits for no collector: of thousands of them a process would grow."""

from __future__ import annotations

import asyncio
import functools
import gc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from chatsite.asgi import application
from chatsite.handler import UNWOUND_SECONDS, Request

SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "GET",
    "path": "/healthz",
    "query_string": b"",
    "headers": [(b"host", b"localhost")],
    "client": ("127.0.0.1", 4000),
    "server": ("127.0.0.1", 8000),
}


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("is_told", [True, False])
async def test_a_request_that_is_over_is_gone(no_collector: None, is_told: bool) -> None:
    """As daphne does it, which tells of the end with the last piece; or it is told nothing."""
    has_answer, is_gone = asyncio.Event(), asyncio.Event()
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not told:
            told.append({"type": "http.request", "body": b""})
            return told[0]
        await has_answer.wait()
        return {"type": "http.disconnect"} if is_told else await asyncio.Future()

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            tell_when_gone(is_gone)
        elif not message.get("more_body"):
            has_answer.set()

    await application(dict(SCOPE), receive, send)

    assert has_answer.is_set()
    await asyncio.wait_for(is_gone.wait(), UNWOUND_SECONDS + 10)


def tell_when_gone(is_gone: asyncio.Event) -> None:
    """Set an event when the one request that is there is gone, in whatever thread."""
    tell = functools.partial(asyncio.get_running_loop().call_soon_threadsafe, is_gone.set)
    [request] = [each for each in gc.get_objects() if type(each) is Request]
    weakref.finalize(request, tell).atexit = False
