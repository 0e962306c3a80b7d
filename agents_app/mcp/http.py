"""One MCP request over HTTP. Apart from the view, which every process loads, because it imports mcp."""

from __future__ import annotations

from typing import Any

from mcp.server.transport_security import TransportSecuritySettings

from .server import tool_server

# The host is checked already, and so is the page that asks, where it is one.
_NO_CHECKS = TransportSecuritySettings(enable_dns_rebinding_protection=False)


async def handle_request(scope: Any, receive: Any, send: Any) -> None:
    """Answer in a session that lasts for this request only: nothing to keep, no event loop to be bound to."""
    server = tool_server()
    server.streamable_http_app(stateless_http=True, json_response=True, transport_security=_NO_CHECKS)
    manager = server.session_manager  # the one that was just made
    async with manager.run():
        await manager.handle_request(scope, receive, send)
