"""/mcp: the tools for other MCP clients, over streamable HTTP without sessions, as the user of the bearer token."""

from __future__ import annotations

import asyncio
import importlib
import sys
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed

from agents_app.tools.declaration import acting_user
from conversations.errors import NotAuthenticated, UnsupportedMediaType


async def mcp(request: HttpRequest) -> HttpResponseBase:
    """Answer one MCP request. Who asks is settled where this is mounted; a session's cookie is not enough."""
    if "Authorization" not in request.headers:
        raise NotAuthenticated
    if request.method != "POST":  # no streams from the server, no sessions to delete
        return HttpResponseNotAllowed(["POST"])
    if request.content_type != "application/json":
        raise UnsupportedMediaType
    if "agents_app.mcp.http" not in sys.modules:
        # It imports mcp, which takes a second and a quarter of the memory: not before somebody asks.
        await asyncio.to_thread(importlib.import_module, "agents_app.mcp.http")
    from agents_app.mcp.http import handle_request

    exchange = _Exchange(request)
    user_token = acting_user.set(request.auth.pk)  # type: ignore[attr-defined]
    try:
        await handle_request(exchange.scope, exchange.receive, exchange.send)
    finally:
        acting_user.reset(user_token)
    return exchange.response()


class _Exchange:
    """A Django request as the ASGI application inside sees it, and what it answers."""

    def __init__(self, request: HttpRequest) -> None:
        told = {name.lower(): value for name, value in request.headers.items()}
        told["accept"] = told.get("accept") or "*/*"  # who says nothing takes everything
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in told.items()]
        self.scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": request.method,
            "path": request.path,
            "query_string": b"",
            "headers": headers,
        }
        self._body = request.body
        self._status = 500
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []
        self._read = False

    async def receive(self) -> dict[str, Any]:
        if self._read:
            return {"type": "http.disconnect"}
        self._read = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._status, self._headers = message["status"], list(message.get("headers", []))
        else:
            self._parts.append(message.get("body", b""))

    def response(self) -> HttpResponse:
        response = HttpResponse(b"".join(self._parts), status=self._status)
        for name, value in self._headers:
            response[name.decode("latin-1")] = value.decode("latin-1")
        response["Cache-Control"] = "no-store"
        return response
