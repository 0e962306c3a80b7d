"""Counts what goes through the web server: requests by Django's middleware, what stays open around the application."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from chatsite.metrics import figures

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def count_request(request: HttpRequest, response: HttpResponseBase, started: float) -> None:
    """Count a request that was answered, by its route and not by its address."""
    route = _route(request)
    method = request.method if request.method in _METHODS else "other"
    figures.REQUESTS.labels(method, route, str(response.status_code)).inc()
    figures.REQUEST_TIME.labels(route).observe(time.perf_counter() - started)


def _route(request: HttpRequest) -> str:
    if request.resolver_match is not None:
        return f"/{request.resolver_match.route}"
    return settings.STATIC_URL if request.path.startswith(settings.STATIC_URL) else "none"


def count_open(inner: Application) -> Application:
    """Wrap the ASGI application: count the WebSockets and streams that are open."""

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            with figures.SOCKETS.track_inprogress():
                await inner(scope, receive, send)
        else:
            await _count_stream(inner, scope, receive, send)

    return application


async def _count_stream(inner: Application, scope: dict[str, Any], receive: Any, send: Any) -> None:
    streams = False

    async def send_noticing(message: dict[str, Any]) -> None:
        nonlocal streams
        if message["type"] == "http.response.start" and _is_stream(message):
            streams = True
            figures.STREAMS.inc()
        await send(message)

    try:
        await inner(scope, receive, send_noticing)
    finally:
        if streams:
            figures.STREAMS.dec()


def _is_stream(start: dict[str, Any]) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/event-stream")
        for name, value in start.get("headers", ())
    )
