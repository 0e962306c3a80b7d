"""The airline's concierge: answers about a customer's own trip, and changes it when asked to."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from agents import Agent, ModelSettings

from agents_app.context import RunContext
from agents_app.mcp.clients import OurTools


@cache
def concierge() -> Agent[RunContext]:
    """Return the concierge, the same for every turn: the run brings its model and its context."""
    return Agent[RunContext](
        name="Linnet Air concierge",
        instructions=Path(__file__).with_suffix(".md").read_text(encoding="utf-8"),
        # Chat Completions servers count tokens only when asked to. Parallel calls stay unset: Gemini refuses them.
        model_settings=ModelSettings(include_usage=True),
        mcp_servers=[OurTools()],
    )
