"""A complete response of a model as JSON, and back: what a turn stores before its tools run."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
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


def make_step(
    response: ModelResponse, *, usage: Usage, model: str, mistakes: Mapping[str, str] | None = None
) -> Step:
    """Return what to store for a response. `provider_data`, such as thought signatures, is kept.

    `mistakes` are calls that nothing runs for, and what the model is told of them: a later attempt tells it again.
    """
    calls = [call.call_id for call in find_calls(response.output)]
    items = [item.model_dump(mode="json", exclude_unset=True, warnings=False) for item in response.output]
    stored: dict[str, Any] = {"output": items, "response_id": response.response_id}
    if mistakes:
        stored["mistakes"] = dict(mistakes)
    return Step(
        response=stored,
        text=read_text(response.output),
        final=not calls,
        calls=tuple(call_id for call_id in calls if call_id not in (mistakes or ())),
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


def give_ids(
    output: Sequence[TResponseOutputItem], *, used_call_ids: set[str], used_item_ids: set[str]
) -> None:
    """Give items ids of our own where the provider gave none that it takes back, and each call one that no other has.

    On Chat Completions every item is called the same; and some servers count their calls from zero each time,
    so that a second call would be taken for the first one: of the turn, or of the history.
    """
    for item in output:
        item_id = getattr(item, "id", None)
        if item_id == FAKE_RESPONSES_ID or (item.type in _MENDED and not _may_come_back(item, used_item_ids)):
            item.id = item_id = new_id(_ID_PREFIXES.get(item.type, "item"))
        used_item_ids.add(str(item_id))
        if isinstance(item, ResponseFunctionToolCall):
            if not item.call_id or item.call_id in used_call_ids:
                item.call_id = new_id("call")
            used_call_ids.add(item.call_id)


def _may_come_back(item: TResponseOutputItem, used_item_ids: set[str]) -> bool:
    """Say whether a provider takes an item's id back in a history: of its kind, short, and nobody else's."""
    item_id = getattr(item, "id", None)
    form = rf"{_ID_PREFIXES[item.type]}[\w-]{{1,60}}"
    return (
        isinstance(item_id, str)
        and bool(re.fullmatch(form, item_id, re.ASCII))
        and item_id not in used_item_ids
    )


def find_item_ids(given: str | Sequence[Any]) -> set[str]:
    """Return the ids of all items that a model is told of."""
    return {str(item["id"]) for item in given if isinstance(item, dict) and item.get("id")}


def find_call_ids(given: str | Sequence[Any]) -> set[str]:
    """Return the ids of the calls that a model is told of."""
    return {
        item["call_id"] for item in given if isinstance(item, dict) and item.get("type") == "function_call"
    }


def clean_arguments(call: ResponseFunctionToolCall) -> str:
    """Take out of a call what no database keeps: NUL and half characters. What is nothing becomes no arguments.

    Returns what is wrong with arguments that can't be read as an object of JSON, without a word of theirs.
    """
    try:
        arguments = _parse(call.arguments)
    except json.JSONDecodeError as error:
        return f"{error.msg} (character {error.pos + 1})"
    except ValueError as error:
        return str(error)
    if arguments is None:
        call.arguments = "{}"
    elif not isinstance(arguments, dict):
        return "they aren't an object"
    elif (cleaned := clean_json(arguments)) != arguments:
        call.arguments = json.dumps(cleaned, ensure_ascii=False)
    return ""


def _parse(arguments: str) -> Any:
    """Read arguments. Raises ValueError, also for numbers that JSON doesn't have and for more than any tool takes."""
    if len(arguments) > MOST_ARGUMENT_CHARS:
        raise ValueError(f"they have more than {MOST_ARGUMENT_CHARS} characters")
    deepest = depth = 0
    for character in _BRACKETS.findall(arguments):
        depth += 1 if character in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > MOST_ARGUMENT_DEPTH:
        raise ValueError(f"they are nested deeper than {MOST_ARGUMENT_DEPTH}")
    return json.loads(arguments.strip() or "null", parse_constant=_finite, parse_float=_finite)


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError("a number in them isn't finite")
    return value


# A thought's id belongs to what is sealed in it.
_MENDED = ("message", "function_call")
_ID_PREFIXES = {"message": "msg", "function_call": "fc", "reasoning": "rs"}
