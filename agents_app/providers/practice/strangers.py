"""What the practice model says behind an assistant that it doesn't know: of a flight it would say nothing there."""

from __future__ import annotations

from .prompt import Prompt

_OURS = ("show_my_trip", "search_articles", "hand_over_to_")


def is_stranger(prompt: Prompt) -> bool:
    """Say whether the tools are somebody else's."""
    return bool(prompt.tools) and not any(name.startswith(_OURS) for name in prompt.tools)


def explain(prompt: Prompt) -> str:
    """Say what can be tried without a real model: each of the tools that are there."""
    tools = "\n".join(f"- `[practice: calls={name}]`" for name in sorted(prompt.tools))
    return (
        "I'm the **practice model**: a stand-in that answers without an API key. I don't understand your words, but "
        f"the tools behind me are real. Write one of these, and I call it:\n\n{tools}\n\n"
        "To talk to a real model, set `OPENAI_API_KEY` or `GEMINI_API_KEY` and start again."
    )
