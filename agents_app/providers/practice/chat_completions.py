"""The Chat Completions API: POST /v1/chat/completions."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from typing import Any

from .prompt import (
    Call,
    Entry,
    Frame,
    Output,
    Prompt,
    Refused,
    Reply,
    Said,
    check_pairs,
    count_images,
    count_tokens,
    read_text,
    split_words,
)
from .strictness import check_gemini, check_length, check_messages, sign

_USER_PARTS = frozenset({"text", "image_url", "input_audio", "file"})
_ASSISTANT_PARTS = frozenset({"text", "refusal"})
_TEXT_PARTS = frozenset({"text"})


def read_prompt(body: dict[str, Any]) -> Prompt:
    """Read a request, or refuse it as the real API would."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Refused("Invalid 'messages': empty array. Expected an array with minimum length 1.")
    _check_order(messages)
    check_messages(body, messages)
    if _is_gemini(body.get("model")):
        check_gemini(body, messages)
    entries = [entry for message in messages for entry in _read_message(message)]
    check_pairs(entries)
    tools = frozenset(tool["function"]["name"] for tool in body.get("tools") or [])
    include_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    prompt = Prompt(str(body.get("model", "")), entries, tools, bool(body.get("stream")), include_usage)
    check_length(prompt.model, prompt.characters)
    return prompt


def _check_order(messages: Sequence[Any]) -> None:
    """Refuse tool messages that do not directly follow the assistant message with their calls."""
    waiting: set[str] = set()
    for message in messages:
        if message.get("role") == "tool":
            if message.get("tool_call_id") not in waiting:
                raise Refused(
                    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message "
                    "with 'tool_calls'."
                )
            waiting.discard(message["tool_call_id"])
            continue
        if waiting:
            raise Refused(
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
                f"'tool_call_id'. The following tool_call_ids did not have response messages: {min(waiting)}"
            )
        waiting = {call["id"] for call in message.get("tool_calls") or []}


def _is_gemini(model: object) -> bool:
    return "gemini" in str(model)


def _read_message(message: dict[str, Any]) -> Iterator[Entry]:
    role, content = message.get("role"), message.get("content")
    match role:
        case "user":
            yield Said("user", read_text(content, _USER_PARTS, "messages.content"), count_images(content))
        case "system" | "developer":
            yield Said("system", read_text(content, _TEXT_PARTS, "messages.content"))
        case "tool":
            yield Output(message["tool_call_id"], read_text(content, _TEXT_PARTS, "messages.content"))
        case "assistant":
            text = read_text(content, _ASSISTANT_PARTS, "messages.content") or message.get("refusal") or ""
            calls = message.get("tool_calls") or []
            if content is None and not calls and not message.get("refusal"):
                raise Refused("Invalid value for 'content': expected a string, got null.")
            if text:
                yield Said("assistant", text)
            for call in calls:
                yield Call(call["function"]["name"], call["function"]["arguments"], call["id"])
        case _:
            raise Refused(f"Invalid value: '{role}' in 'messages.role'.")


def answer_whole(prompt: Prompt, reply: Reply) -> dict[str, Any]:
    """Return the answer to a request without `stream`."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": reply.text or None,
        "refusal": reply.refusal or None,
    }
    if reply.calls:
        message["tool_calls"] = [_call(prompt, call) for call in reply.calls]
    return {
        **_envelope(prompt, "chat.completion"),
        "choices": [
            {"index": 0, "message": message, "finish_reason": _finish_reason(reply), "logprobs": None}
        ],
        "usage": _usage(prompt, reply),
    }


def answer_frames(prompt: Prompt, reply: Reply) -> Iterator[Frame]:
    """Yield the chunks of a streamed answer."""
    envelope = _envelope(prompt, "chat.completion.chunk")

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        return _encode({**envelope, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    yield Frame(chunk({"role": "assistant", "content": ""}))
    for word in split_words(reply.refusal or reply.text):
        yield Frame(chunk({"refusal" if reply.refusal else "content": word}), paced=True)
    if _is_gemini(prompt.model):  # whole, and all of them as number 0
        for call in reply.calls:
            yield Frame(chunk({"tool_calls": [{"index": 0, **_call(prompt, call)}]}))
    for index, call in enumerate(reply.calls if not _is_gemini(prompt.model) else ()):
        opened = _call(prompt, Call(call.name, "", call.call_id))
        yield Frame(chunk({"tool_calls": [{"index": index, **opened}]}))
        for piece in split_words(call.arguments):
            yield Frame(chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}))
    yield Frame(chunk({}, _finish_reason(reply)), ending=True)
    if prompt.include_usage:
        yield Frame(_encode({**envelope, "choices": [], "usage": _usage(prompt, reply)}), ending=True)
    yield Frame(b"data: [DONE]\n\n")


def error_frame(code: str, message: str) -> Frame:
    """Return the event by which the API reports a failure in the middle of an answer."""
    return Frame(_encode({"error": {"message": message, "type": code, "code": code}}))


def _envelope(prompt: Prompt, kind: str) -> dict[str, Any]:
    completion_id = f"chatcmpl-{secrets.token_hex(12)}"
    return {"id": completion_id, "object": kind, "created": int(time.time()), "model": prompt.model}


def _finish_reason(reply: Reply) -> str:
    return "tool_calls" if reply.calls and reply.finish == "stop" else reply.finish


def _call(prompt: Prompt, call: Call) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    made: dict[str, Any] = {"id": call.call_id, "type": "function", "function": function}
    if _is_gemini(prompt.model):
        made["extra_content"] = {"google": {"thought_signature": sign(call.call_id)}}
    return made


def _usage(prompt: Prompt, reply: Reply) -> dict[str, Any]:
    usage_in, usage_out = count_tokens(prompt.characters), count_tokens(reply.characters)
    return {"prompt_tokens": usage_in, "completion_tokens": usage_out, "total_tokens": usage_in + usage_out}


def _encode(chunk: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(chunk)}\n\n".encode()
