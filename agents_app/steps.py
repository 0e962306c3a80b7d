"""A complete response of a model as JSON, and back: what a turn stores before its tools run."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from agents import ModelResponse
from agents.items import TResponseOutputItem
from agents.models.fake_id import FAKE_RESPONSES_ID
from agents.usage import Usage as SdkUsage
from openai.types.responses import (
    ResponseFunctionToolCall,
    ResponseOutputItem,
    ResponseOutputMessage,
    ResponseOutputRefusal,
    ResponseOutputText,
)
from pydantic import TypeAdapter

from conversations.cleaning import clean_json
from conversations.errors import StateLost
from conversations.ids import new_id
from conversations.responder import Step, Usage

#: No tool of anybody's takes more, and what is stored is sent to the model with every later message.
MOST_ARGUMENT_CHARS = 100_000
MOST_ARGUMENT_DEPTH = 50
_BRACKETS = re.compile(r"[\[\]{}]")


def make_step(response: ModelResponse, *, usage: Usage, model: str) -> Step:
    """Return what to store for a response. `provider_data`, such as thought signatures, is kept."""
    calls = find_calls(response.output)
    items = [item.model_dump(mode="json", exclude_unset=True, warnings=False) for item in response.output]
    return Step(
        response={"output": items, "response_id": response.response_id},
        text=read_text(response.output),
        final=not calls,
        calls=tuple(call.call_id for call in calls),
        usage=usage,
        model=model,
    )


def make_refusal(text: str) -> Step:
    """Return the step of an answer that no model gave."""
    response = ModelResponse(output=[make_message(text)], usage=SdkUsage(), response_id=None)
    return make_step(response, usage=Usage(), model="")


def make_message(text: str) -> ResponseOutputMessage:
    """Return a message in the assistant's name."""
    content = ResponseOutputText(type="output_text", text=text, annotations=[])
    return ResponseOutputMessage(
        id=new_id("msg"), type="message", role="assistant", status="completed", content=[content]
    )


def restore_response(stored: dict[str, Any]) -> ModelResponse:
    """Return the response that a step stored, in whatever process. Its usage was counted then. Raises StateLost."""
    try:
        output = [_item_adapter().validate_python(item) for item in stored["output"]]
        return ModelResponse(output=output, usage=SdkUsage(), response_id=stored["response_id"])
    except (ValueError, KeyError, TypeError) as error:
        raise StateLost from error


@cache
def _item_adapter() -> TypeAdapter[TResponseOutputItem]:
    return TypeAdapter(ResponseOutputItem)


def find_calls(output: Sequence[TResponseOutputItem]) -> list[ResponseFunctionToolCall]:
    """Return the tool calls of a response."""
    return [item for item in output if isinstance(item, ResponseFunctionToolCall)]


def read_text(output: Sequence[TResponseOutputItem]) -> str:
    """Return the text of a response."""
    parts = [part for item in output if isinstance(item, ResponseOutputMessage) for part in item.content]
    return "".join(part.text for part in parts if isinstance(part, ResponseOutputText))


def is_refusal(output: Sequence[TResponseOutputItem]) -> bool:
    """Return whether the model refused to answer."""
    parts = [part for item in output if isinstance(item, ResponseOutputMessage) for part in item.content]
    return any(isinstance(part, ResponseOutputRefusal) for part in parts) and not read_text(output)


def give_ids(output: Sequence[TResponseOutputItem], *, used_call_ids: set[str]) -> None:
    """Give items ids of our own where the provider gave none, and each tool call one that no other has.

    On Chat Completions every item is called the same; and some servers count their calls from zero each time,
    so that a second call would be taken for the first one.
    """
    for item in output:
        if getattr(item, "id", None) == FAKE_RESPONSES_ID:
            item.id = new_id(_ID_PREFIXES.get(item.type, "item"))
        if isinstance(item, ResponseFunctionToolCall):
            if not item.call_id or item.call_id in used_call_ids:
                item.call_id = new_id("call")
            used_call_ids.add(item.call_id)


def clean_arguments(output: Sequence[TResponseOutputItem]) -> None:
    """Take out of the calls what no database keeps: NUL and half characters. What is nothing becomes no arguments."""
    for call in find_calls(output):
        try:
            arguments = _parse(call.arguments)
        except ValueError:
            continue  # it can't be read, and is refused for that
        if arguments is None:
            call.arguments = "{}"
        elif (cleaned := clean_json(arguments)) != arguments:
            call.arguments = json.dumps(cleaned, ensure_ascii=False)


def can_read_arguments(call: ResponseFunctionToolCall) -> bool:
    """Say whether a call's arguments are an object of JSON, which its tool may then refuse."""
    try:
        return isinstance(_parse(call.arguments), dict)
    except ValueError:
        return False


def _parse(arguments: str) -> Any:
    """Read arguments. Raises ValueError, also for numbers that JSON doesn't have and for more than any tool takes."""
    if len(arguments) > MOST_ARGUMENT_CHARS:
        raise ValueError
    deepest = depth = 0
    for character in _BRACKETS.findall(arguments):
        depth += 1 if character in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > MOST_ARGUMENT_DEPTH:
        raise ValueError
    return json.loads(arguments.strip() or "null", parse_constant=_finite, parse_float=_finite)


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError(number)
    return value


_ID_PREFIXES = {"message": "msg", "function_call": "fc", "reasoning": "rs"}
