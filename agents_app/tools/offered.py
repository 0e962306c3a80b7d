"""The tools of the assistant that `settings.CHAT_RESPONDER` names: the airline's, or those of your own."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from . import TOOLS
from .declaration import CustomerTool

_AIRLINES = "agents_app.runner.AgentRunner"


def offered_tools() -> dict[str, CustomerTool]:
    """Return the tools by their names."""
    return _tools_of(settings.CHAT_RESPONDER)


def offers(name: str) -> bool:
    """Say whether the assistant has a tool: what belongs to one that it hasn't is nobody's to see."""
    return name in offered_tools()


@cache
def _tools_of(responder: str) -> dict[str, CustomerTool]:
    # The airline's are known without loading the runner, and with it the SDK, where nothing is run.
    tools = TOOLS if responder == _AIRLINES else getattr(import_string(responder), "tools", ())
    return {tool.name: tool for tool in tools}
