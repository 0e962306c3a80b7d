"""Offers the tools by MCP: in this process to the assistants, and at /mcp to others. The one way to a tool."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

from agents_app.tools import TOOLS, CustomerTool
from conversations import services
from conversations.threads import in_database


@dataclass(slots=True)
class TurnCall:
    """A model's call in a turn: its effect and its record are stored together, once."""

    turn_id: str
    epoch: int
    call_id: str
    refused: bool = False


#: The call that runs now; None where the caller is not a turn.
turn_call: ContextVar[TurnCall | None] = ContextVar("turn_call", default=None)


@functools.cache
def tool_server() -> MCPServer[Any]:
    """Return the process's server."""
    with _quiet_root_logger():
        server: MCPServer[Any] = MCPServer("Linnet Air", instructions="The booking of the customer who asks.")
    for tool in TOOLS:
        server.add_tool(
            _make_handler(tool),
            title=tool.done,
            annotations=ToolAnnotations(read_only_hint=not tool.changes_something, open_world_hint=False),
            structured_output=False,
        )
    return server


@contextmanager
def _quiet_root_logger() -> Iterator[None]:
    """Undo what making a server does to the root logger: it adds a handler of its own."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def _make_handler(tool: CustomerTool) -> Callable[..., Coroutine[Any, Any, str]]:
    """Return the tool as a coroutine function with the same signature and docstring."""

    @functools.wraps(tool.function)
    async def handle(**arguments: Any) -> str:
        try:
            result: str = await in_database(_run, tool, arguments)
            return result
        except services.ToolRefused as refusal:
            raise ToolError(str(refusal)) from refusal

    return handle


def _run(tool: CustomerTool, arguments: dict[str, Any]) -> str:
    call = turn_call.get()
    if call is None:
        return tool.function(**arguments)
    return services.run_tool_once(
        turn_id=call.turn_id,
        epoch=call.epoch,
        call_id=call.call_id,
        tool=tool.name,
        arguments=arguments,
        effect=functools.partial(_note_refusal, call, tool, arguments),
    )


def _note_refusal(call: TurnCall, tool: CustomerTool, arguments: dict[str, Any]) -> str:
    try:
        return tool.function(**arguments)
    except services.ToolRefused:
        call.refused = True
        raise
