"""Asking a model something besides the reply: nothing of it is shown, and it is charged to the turn all the same."""

from __future__ import annotations

from typing import cast

from agents import ModelSettings, ModelTracing, TResponseInputItem
from openai.types.responses import ResponseCompletedEvent

from conversations.responder import Spent

from . import steps
from .providers.streams import show_text
from .steady_model import SteadyModel
from .usage import read_usage, to_usage


async def ask_aside(model: SteadyModel, instructions: str, text: str) -> tuple[str, Spent]:
    """Return what a model answers to a text, and what that cost."""
    show_text.set(None)
    asked = cast("list[TResponseInputItem]", [{"role": "user", "content": text}])
    output, used = [], None
    events = model.stream_response(
        instructions,
        asked,
        ModelSettings(),
        [],
        None,
        [],
        ModelTracing.DISABLED,
        previous_response_id=None,
        conversation_id=None,
        prompt=None,
    )
    async for event in events:
        if event.type == "response.output_item.done":
            output.append(event.item)
        elif isinstance(event, ResponseCompletedEvent):
            output = event.response.output or output
            used = read_usage(event.response)
    usage = to_usage(used, asked=instructions, given=text, answered=output)
    return steps.read_text(output).strip(), Spent(model.name, usage)
