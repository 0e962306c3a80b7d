"""The airline's concierge: answers about a customer's own trip, and changes it when asked to."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from agents import Agent, Model, ModelSettings
from agents.mcp import MCPServer

from agents_app.context import RunContext


def make_concierge(*, model: Model, mcp_servers: list[MCPServer]) -> Agent[RunContext]:
    """Return the concierge for one turn."""
    return Agent[RunContext](
        name="Linnet Air concierge",
        instructions=_read_instructions(),
        model=model,
        # Chat Completions servers count tokens only when asked to. Parallel calls stay unset: Gemini refuses them.
        model_settings=ModelSettings(include_usage=True),
        mcp_servers=mcp_servers,
    )


@cache
def _read_instructions() -> str:
    return Path(__file__).with_suffix(".md").read_text(encoding="utf-8")
