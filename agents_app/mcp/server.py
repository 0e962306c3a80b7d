"""Offers the tools by MCP: in this process to the assistants, and at /mcp to others. The one way to a tool."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, cast

from django.conf import settings
from django.utils import translation
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp_types import CallToolResult, ContentBlock, TextContent, ToolAnnotations
from pydantic import ValidationError

from agents_app.context import RunContext
from agents_app.tools import CustomerTool, acting_user
from agents_app.tools.offered import offered_tools
from conversations import events, services
from conversations.errors import StateLost
from conversations.languages import speaking
from conversations.late_imports import without
from conversations.threads import in_database


@dataclass(slots=True)
class TurnCall:
    """A model's call in a turn: its effect and its record are stored together, once."""

    turn_id: str
    epoch: int
    call_id: str
    refused: bool = False
    waits: bool = False
    reached: bool = False
    items: list[dict[str, Any]] = field(default_factory=list)


#: The call that runs now; None where the caller is not a turn.
turn_call: ContextVar[TurnCall | None] = ContextVar("turn_call", default=None)


class ApprovalRequired(Exception):
    """A tool needs a yes that can't be asked for here."""


#: What a waiting call returns. No model sees it: the run ends before it is asked again.
WAITS = "Waits for a yes or no."
IN_THE_CHAT = {
    "customer": "Nothing was done: the customer has to agree, in the chat with the assistant.",
    "staff": "Nothing was done: a member of the staff has to agree, after a request in the chat.",
}


class ToolServer(MCPServer[Any]):
    """The SDK's, for arguments of any make: they are cleaned first, and refused in words that a model can use."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        try:
            return await super().call_tool(name, events.clean_json(arguments), context)
        except UnexpectedToolError:
            raise
        except ToolError as error:
            if isinstance(wrong := error.__cause__, ValidationError):
                raise ToolError(_describe(name, wrong)) from wrong
            raise


def _describe(name: str, wrong: ValidationError) -> str:
    fields = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in wrong.errors()]
    return f"Nothing was done. {name} doesn't take these arguments. {'; '.join(fields)}."


def tool_server() -> MCPServer[Any]:
    """Return the process's server."""
    return _make_server(settings.CHAT_RESPONDER, settings.SITE_NAME)


@functools.cache
def _make_server(responder: str, site: str) -> MCPServer[Any]:
    with _quiet_root_logger(), without("rich"):  # it would colour what is undone at once
        server = ToolServer(site, instructions="What belongs to the customer who asks.")
    for tool in offered_tools().values():
        server.add_tool(
            _make_handler(tool),
            title=tool.done,
            annotations=ToolAnnotations(read_only_hint=not tool.changes_something, open_world_hint=False),
            structured_output=False,
        )
        _be_strict(server, tool.name)
    return server


def _be_strict(server: MCPServer[Any], name: str) -> None:
    """Say in a tool's schema that it takes nothing else, and refuse what else comes."""
    tool = cast("Any", server)._tool_manager.get_tool(name)
    arguments = tool.fn_metadata.arg_model
    arguments.model_config = {**arguments.model_config, "extra": "forbid"}
    arguments.model_rebuild(force=True)
    tool.parameters = {**arguments.model_json_schema(by_alias=True), "title": name}


@contextmanager
def _quiet_root_logger() -> Iterator[None]:
    """Undo what making a server does to the root logger: it adds a handler of its own."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def _make_handler(tool: CustomerTool) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Return the tool as a coroutine function with the same signature and docstring."""

    @functools.wraps(tool.function)
    async def handle(**arguments: Any) -> str | CallToolResult:
        try:
            result: str = await in_database(speaking, translation.get_language(), _run, tool, arguments)
            return result
        except services.ToolRefused as refusal:
            return _refusal(str(refusal))
        except ApprovalRequired as required:
            return _refusal(f"approval_required: {required}", {"code": "approval_required"})

    return handle


def _refusal(words: str, details: dict[str, Any] | None = None) -> CallToolResult:
    content: list[ContentBlock] = [TextContent(type="text", text=words)]
    return CallToolResult(content=content, structured_content=details, is_error=True)


def _run(tool: CustomerTool, arguments: dict[str, Any]) -> str:
    call = turn_call.get()
    if call is None:
        return _run_outside_a_turn(tool, arguments)
    call.reached = True
    try:
        ran = services.run_tool_once(
            turn_id=call.turn_id,
            epoch=call.epoch,
            call_id=call.call_id,
            tool=tool.name,
            arguments=arguments,
            effect=functools.partial(tool.function, **arguments),
            ask=tool.asks and functools.partial(tool.asks, **arguments),
        )
    except services.ApprovalPending:
        call.waits = True
        return WAITS
    call.refused = ran.status == "failed"
    call.items = ran.shown
    return ran.result or ""


async def note_hand_over(run: RunContext, call_id: str, tool: str, name: str) -> None:
    """Store that somebody else goes on with the conversation, so that a later turn begins there."""
    words = json.dumps({"assistant": name})  # the SDK's own
    await in_database(
        services.run_tool_once, **_place(run, call_id), tool=tool, arguments={}, effect=lambda: words
    )


async def begin_foreign_call(
    run: RunContext, call_id: str, tool: str, arguments: dict[str, Any]
) -> tuple[str | None, str] | None:
    """Store that another server is about to be asked; return result and status where it was before."""
    place = _place(run, call_id)
    known = await in_database(services.begin_tool_call, **place, tool=tool, arguments=arguments)
    return None if known is None else (known.result, known.status)


async def end_foreign_call(run: RunContext, call_id: str, result: str | None, status: str) -> None:
    """Store what came of asking another server."""
    await in_database(services.end_tool_call, **_place(run, call_id), result=result, status=status)


def _place(run: RunContext, call_id: str) -> dict[str, Any]:
    """Say which call of which run it is."""
    return {"turn_id": run.turn_id, "epoch": run.epoch, "call_id": call_id}


def check_was_not_asked(call: TurnCall) -> None:
    """Raise StateLost where somebody decided on a call that today's tool doesn't take any more."""
    if services.waits_for_decision(turn_id=call.turn_id, call_id=call.call_id):
        raise StateLost


def _run_outside_a_turn(tool: CustomerTool, arguments: dict[str, Any]) -> str:
    """Run a tool at once, unless it needs a yes: there is nobody here who could be asked."""
    ask = tool.asks and functools.partial(tool.asks, **arguments)
    outcome = services.run_or_ask(functools.partial(tool.function, **arguments), ask)
    if isinstance(outcome, services.Question):
        title = outcome.title.rstrip("?.")
        raise ApprovalRequired(f"{title}. {IN_THE_CHAT[outcome.decided_by]}")
    if isinstance(outcome, str):
        return outcome
    services.push_effects(user_id=acting_user.get(), effects=outcome.effects)
    return outcome.text
