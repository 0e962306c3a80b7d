"""The MCP servers that an assistant uses, in the form that the Agents SDK takes."""

from __future__ import annotations

from typing import Any, cast

from agents import RunContextWrapper
from agents.agent import AgentBase
from agents.mcp import MCPServer, MCPToolMetaContext
from agents.tool_context import ToolContext
from django.utils.translation import gettext as _
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp_types import CallToolResult, GetPromptResult, ListPromptsResult, TextContent, Tool

from agents_app.context import Result, RunContext, running
from agents_app.tools import acting_user
from agents_app.tools.offered import offered_tools
from conversations.threads import in_database

from .server import TurnCall, check_was_not_asked, tool_server, turn_call


class OurTools(MCPServer):
    """Calls the server object in this process: no transport, and the tools are listed once."""

    def __init__(self) -> None:
        # Errors rise: what a model may read comes as a result, and a fence or a lost database must end the run.
        super().__init__(tool_meta_resolver=_read_call_id, failure_error_function=None)
        self._listed: list[Tool] = []

    @property
    def name(self) -> str:
        """Return the server's name."""
        return "own"

    async def connect(self) -> None:
        """Do nothing: there is no connection."""

    async def cleanup(self) -> None:
        """Do nothing: there is no connection."""

    async def list_tools(
        self, run_context: RunContextWrapper[Any] | None = None, agent: AgentBase[Any] | None = None
    ) -> list[Tool]:
        """Return the tools, which are the same for the life of the process."""
        if not self._listed:
            self._listed.extend(await tool_server().list_tools())
        return self._listed

    async def call_tool(
        self, tool_name: str, arguments: dict[str, Any] | None, meta: dict[str, Any] | None = None
    ) -> CallToolResult:
        """Run a tool as the user of the run, showing the customer that it runs."""
        tool, run, call_id = offered_tools()[tool_name], running.get(), (meta or {})["call_id"]
        if (mistake := run.mistakes.get(call_id)) is not None:
            return _error(mistake)
        call = TurnCall(run.turn_id, run.epoch, call_id)
        recorder = run.recorder
        if tool.asks is None:
            await recorder.tool_started(call_id, tool_name, _(tool.doing))
        result = await self._run(call, run.user_id, tool_name, arguments or {})
        if result.is_error and not call.reached:
            run.misfits.add(call_id)
        if call.waits:
            run.waiting.append(call_id)
            return result
        if tool.asks is not None:  # a question's card says enough until it is decided
            if not call.reached:
                await in_database(check_was_not_asked, call)
            await recorder.tool_started(call_id, tool_name, _(tool.doing))
        run.results.append(Result(tool_name, _text_of(result), arguments or {}))
        failed = call.refused or bool(result.is_error)
        title = _(tool.refused if failed else tool.done)
        await recorder.tool_finished(call_id, tool_name, title, failed=failed)
        await recorder.show(call_id, call.items)
        return result

    async def _run(
        self, call: TurnCall, user_id: str, tool_name: str, arguments: dict[str, Any]
    ) -> CallToolResult:
        user_token, call_token = acting_user.set(user_id), turn_call.set(call)
        try:
            return cast("CallToolResult", await tool_server().call_tool(tool_name, arguments))
        except UnexpectedToolError as error:
            raise (error.__cause__ or error) from None  # our own fault, or the fence
        except ToolError as error:
            return _error(str(error))
        finally:
            acting_user.reset(user_token)
            turn_call.reset(call_token)

    async def list_prompts(self) -> ListPromptsResult:
        """Return no prompts: there are none."""
        return ListPromptsResult(prompts=[])

    async def get_prompt(self, name: str, arguments: dict[str, Any] | None = None) -> GetPromptResult:
        """Refuse: there are no prompts."""
        raise KeyError(name)


def _error(words: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=words)], is_error=True)


def _text_of(result: CallToolResult) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


def _read_call_id(context: MCPToolMetaContext) -> dict[str, Any]:
    """Return the id of the model's call, which goes with the call as MCP's `_meta`."""
    return {"call_id": cast("ToolContext[RunContext]", context.run_context).tool_call_id}
