"""Calls that no tool can take: the model is told what is wrong and asked on, for some answers in a row."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from agents.items import TResponseOutputItem
from openai.types.responses import ResponseFunctionToolCall

from . import steps

if TYPE_CHECKING:
    from agents.run_config import ToolErrorFormatterArgs

    from .context import RunContext

#: So many answers in a row with such calls end the turn: whoever doesn't learn from being told twice won't.
MOST_IN_A_ROW = 3
#: The same for answers of which no call fits its tool: these say what is wrong with each field.
MOST_MISFITS = 5
#: Stands in place of a name that no provider takes back in a history.
UNKNOWN = "unknown_tool"
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def mend_calls(
    output: Sequence[TResponseOutputItem], *, tools: Collection[str], hand_overs: Collection[str]
) -> dict[str, str]:
    """Return what is wrong with calls, by their ids, and make of them what a history may hold.

    The step is replayed in every later attempt and sent to the model again: names that providers refuse, and
    arguments that aren't an object of JSON, must not be in it.
    """
    wrong = {}
    for call in steps.find_calls(output):
        if problem := _mend(call, tools, hand_overs):
            wrong[call.call_id] = f"Nothing was done. {problem}"
    return wrong


def _mend(call: ResponseFunctionToolCall, tools: Collection[str], hand_overs: Collection[str]) -> str:
    if problem := steps.clean_arguments(call):
        call.arguments = "{}"
    if call.name in hand_overs:  # they take no arguments: nothing is lost
        return ""
    if call.name in tools:
        return problem and f"The arguments can't be read: {problem}. Send one object of JSON."
    if not _NAME.fullmatch(call.name):
        call.name = UNKNOWN
    return f"There is no tool of this name. There are: {', '.join(sorted({*tools, *hand_overs}))}."


def tell(args: ToolErrorFormatterArgs[RunContext]) -> str | None:
    """Return what is told to the model about a call of a tool that isn't there."""
    return args.run_context.context.mistakes.get(args.call_id)
