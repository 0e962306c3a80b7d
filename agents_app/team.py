"""The assistants as the SDK's agents: made once for a process, with their tools converted, and handing over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from agents import Agent, FunctionTool, Handoff, ModelSettings, RunContextWrapper
from agents.mcp import MCPUtil
from django.utils.translation import gettext as _

from conversations.responder import HistoryMessage, HistoryToolCall

from .assistants import Assistant
from .context import RunContext
from .history import NOW_WITH
from .mcp.clients import OurTools
from .mcp.foreign import ForeignTools
from .mcp.server import note_hand_over
from .mcp.vetting import keep_new

Member = Agent[RunContext]


class Team:
    """Everybody who may answer. The run brings its model and its context."""

    def __init__(
        self, assistants: Sequence[Assistant], members: dict[str, Member], foreign: ForeignTools
    ) -> None:
        self._assistants = assistants
        self._members = members
        self._foreign = foreign
        self._own_tools = {key: list(member.tools) for key, member in members.items()}
        self._by_tool = {each.hand_over_tool: members[each.key] for each in assistants}

    @classmethod
    async def gather(cls, assistants: Sequence[Assistant]) -> Team:
        """Make the agents; the first one has every new conversation.

        What the SDK would do for each answer of the model is done here: listing the tools.
        """
        server = OurTools()
        # Errors rise: what a model may read comes as a result, and a fence or a lost database must end the run.
        tools = [
            MCPUtil.to_function_tool(tool, server, False, failure_error_function=None)
            for tool in await server.list_tools()
        ]
        by_key = {assistant.key: assistant for assistant in assistants}
        members = {key: _make_member(assistant, tools) for key, assistant in by_key.items()}
        for key, assistant in by_key.items():
            members[key].handoffs = [_hand_over(by_key[to], members[to]) for to in assistant.hands_over_to]
        foreign = ForeignTools()
        await foreign.list()
        return cls(assistants, members, foreign)

    async def close(self) -> None:
        await self._foreign.close()

    def find_member(self, history: Sequence[HistoryMessage | HistoryToolCall], summary: str = "") -> Member:
        """Return who has the conversation: the one whom it was handed over to last, perhaps long ago."""
        if self._foreign:
            self._take_foreign_tools()
        calls = (entry.tool for entry in reversed(history) if isinstance(entry, HistoryToolCall))
        latest = next((self._by_tool[tool] for tool in calls if tool in self._by_tool), None)
        return latest or self._read_member(summary) or self._members[self._assistants[0].key]

    def _read_member(self, summary: str) -> Member | None:
        return next(
            (each for each in self._members.values() if summary.startswith(NOW_WITH + each.name)), None
        )

    def _take_foreign_tools(self) -> None:
        """Give others' tools, as they are known now, to those who have all."""
        tools = self._foreign.known()
        for assistant in self._assistants:
            if assistant.tools is None:
                member, own = self._members[assistant.key], self._own_tools[assistant.key]
                taken = [*(tool.name for tool in own), *self._by_tool]
                member.tools = [*own, *keep_new(tools, taken)]


def _make_member(assistant: Assistant, tools: Iterable[FunctionTool]) -> Member:
    return Member(
        name=assistant.name,
        instructions=_dated(assistant.read_instructions()),
        # Chat Completions servers count tokens only when asked to. Parallel calls stay unset: Gemini refuses them.
        model_settings=ModelSettings(include_usage=True),
        tools=[tool for tool in tools if assistant.tools is None or tool.name in assistant.tools],
    )


def _dated(instructions: str) -> Callable[[Any, Any], str]:
    """Say what day it is, last: a model doesn't know, and customers say “next Friday”. It changes once a day."""

    def instruct(_context: Any, _member: Any) -> str:
        today = datetime.now(UTC)
        return f"{instructions}\n\nToday is {today:%A}, {today.date().isoformat()}."

    return instruct


def _hand_over(to: Assistant, member: Member) -> Handoff[RunContext, Member]:
    return Handoff(
        tool_name=to.hand_over_tool,
        tool_description=f"Hand the customer over to {to.name}. {to.takes}",
        input_json_schema={"type": "object", "properties": {}, "additionalProperties": False},
        on_invoke_handoff=_receiving(to, member),
        agent_name=to.name,
    )


def _receiving(
    to: Assistant, member: Member
) -> Callable[[RunContextWrapper[RunContext], str], Awaitable[Member]]:
    async def receive(wrapper: RunContextWrapper[Any], _arguments: str) -> Member:
        """Show and store that somebody else goes on; a later turn begins there."""
        run: RunContext = wrapper.context
        to_whom = {"name": _(to.name)}
        call_id = next(call_id for call_id, tool in run.calls if tool == to.hand_over_tool)
        await run.recorder.tool_started(call_id, to.hand_over_tool, _("Handing over to %(name)s") % to_whom)
        await note_hand_over(run, call_id, to.hand_over_tool, to.name)
        await run.recorder.tool_finished(call_id, to.hand_over_tool, _("Handed over to %(name)s") % to_whom)
        return member

    return receive
