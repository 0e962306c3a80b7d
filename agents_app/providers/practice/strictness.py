"""What the real APIs refuse in a history, beside orphans: order, ids, fields, thoughts, Gemini's schemas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .prompt import Refused

#: A model of this name thinks before it calls a tool, on the Responses API.
THINKING_MODEL = "practice-thinks"
#: Calls that such a model makes have ids of this kind, so that they are known when they come back.
THOUGHT_CALL = "fc_t"
SEALED = "reasoning.encrypted_content"
#: What Google lets stand in place of a signature.
NO_SIGNATURE = "skip_thought_signature_validator"

_TOOL_NAME = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
_THINKS = re.compile(rf"^({THINKING_MODEL}|o\d|gpt-([5-9]|\d\d)(?!.*chat))")
_SMALL_MODEL = re.compile(r"-(\d+)k$")
_ITEM_FIELDS = {
    "function_call": {"type", "id", "call_id", "name", "arguments", "status"},
    "function_call_output": {"type", "id", "call_id", "output", "status"},
    "message": {"type", "id", "role", "content", "status", "phase"},
    "reasoning": {"type", "id", "summary", "content", "encrypted_content", "status"},
}
_MESSAGE_FIELDS = frozenset(
    {"role", "content", "name", "tool_calls", "tool_call_id", "refusal", "audio", "function_call"}
)
_GEMINI_SCHEMA = frozenset(
    {"type", "format", "title", "description", "nullable", "enum", "items", "properties", "required", "anyOf"}
    | {"minItems", "maxItems", "minimum", "maximum", "minLength", "maxLength", "pattern", "propertyOrdering"}
)
_NOT_GEMINIS = ("store", "include", "metadata", "parallel_tool_calls")


def check_length(model: object, characters: int) -> None:
    """Refuse what doesn't fit a model that says in its name how much it takes: `practice-4k`."""
    small = _SMALL_MODEL.search(str(model))
    if small and characters > int(small[1]) * 1024 * 4:
        raise Refused(
            f"This model's maximum context length is {int(small[1]) * 1024} tokens.",
            "context_length_exceeded",
        )


def check_items(body: dict[str, Any], items: Sequence[Any]) -> None:
    """Refuse what the Responses API refuses in its input."""
    if SEALED in (body.get("include") or []) and not _THINKS.match(str(body.get("model"))):
        raise Refused("Encrypted content is not supported with this model.")
    for index, item in enumerate(items):
        kind = item.get("type") or "message"
        if unknown := sorted(set(item) - _ITEM_FIELDS.get(kind, set(item))):
            raise Refused(f"Unknown parameter: 'input[{index}].{unknown[0]}'.")
        if kind == "function_call":
            _check_name(item.get("name"), f"input[{index}].name")
            _check_id(item, f"input[{index}].id", "fc")
        if len(item.get("call_id") or "") > 64:
            raise Refused(
                f"Invalid 'input[{index}].call_id': string too long. Expected a maximum length of 64."
            )
    _check_thoughts(items, kept=body.get("store") is not False)


def _check_thoughts(items: Sequence[Any], *, kept: bool) -> None:
    for index, item in enumerate(items):
        before = items[index - 1] if index else {}
        if item.get("type") == "reasoning":
            if not kept and not item.get("encrypted_content"):
                raise Refused(
                    f"Item with id '{item.get('id')}' not found. Items are not persisted when `store` is set to "
                    "false. Try again with `store` set to true, or remove this item from your input."
                )
            following = items[index + 1] if index + 1 < len(items) else {}
            if following.get("type") not in ("function_call", "message", "reasoning"):
                raise Refused(
                    f"Item '{item.get('id')}' of type 'reasoning' was provided without its required following item."
                )
        elif str(item.get("id", "")).startswith(THOUGHT_CALL) and before.get("type") not in (
            "reasoning",
            "function_call",
        ):
            raise Refused(
                f"Item '{item['id']}' of type 'function_call' was provided without its required 'reasoning' item."
            )


def check_messages(body: dict[str, Any], messages: Iterable[Any]) -> None:
    """Refuse what the Chat Completions API refuses in its messages."""
    for index, message in enumerate(messages):
        if unknown := sorted(set(message) - _MESSAGE_FIELDS):
            raise Refused(f"Unknown parameter: 'messages[{index}].{unknown[0]}'.")
        for call in message.get("tool_calls") or []:
            _check_name(call["function"]["name"], f"messages[{index}].tool_calls[0].function.name")
            if not 0 < len(call["id"]) <= 40:
                raise Refused(
                    f"Invalid 'messages[{index}].tool_calls[0].id': Expected a string of 1 to 40 characters."
                )


def check_gemini(body: dict[str, Any], messages: Sequence[Any]) -> None:
    """Refuse what Google's endpoint refuses: fields and schemas that it doesn't know, calls without signature."""
    for name in _NOT_GEMINIS:
        if name in body:
            raise Refused(f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.')
    for tool in body.get("tools") or []:
        for problem in _find_problems(tool["function"].get("parameters") or {}):
            raise Refused(
                f"Invalid JSON payload received. {problem} at 'tools[0].function_declarations[0].parameters'"
            )
    for message in reversed(messages):
        if message.get("role") == "user":
            return
        for call in message.get("tool_calls") or []:
            google = (call.get("extra_content") or {}).get("google") or {}
            if google.get("thought_signature") not in (sign(call["id"]), NO_SIGNATURE):
                raise Refused("Function call is missing a thought_signature in functionCall parts.")


def sign(call_id: str) -> str:
    """Return the signature that goes with a call."""
    return f"signature-of-{call_id}"


def _find_problems(schema: dict[str, Any]) -> Iterator[str]:
    if unknown := sorted(set(schema) - _GEMINI_SCHEMA):
        yield f'Unknown name "{unknown[0]}": Cannot find field.'
    if schema.get("properties") == {}:
        yield "properties: should be non-empty for OBJECT type"
    if schema.get("type") != "object" and ("properties" in schema or "required" in schema):
        yield "properties: only allowed for OBJECT type"
    for child in (*(schema.get("properties") or {}).values(), *schema.get("anyOf", ())):
        yield from _find_problems(child)
    if schema.get("type") == "array":
        yield from _find_problems(schema["items"]) if "items" in schema else ["items: missing field."]


def _check_name(name: object, where: str) -> None:
    if not _TOOL_NAME.match(str(name)):
        raise Refused(f"Invalid '{where}': string does not match pattern '^[a-zA-Z0-9_-]+$'.")


def _check_id(item: dict[str, Any], where: str, prefix: str) -> None:
    if "id" in item and not str(item["id"]).startswith(prefix):
        raise Refused(f"Invalid '{where}': '{item['id']}'. Expected an ID that begins with '{prefix}'.")
