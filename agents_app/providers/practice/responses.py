"""The Responses API: POST /v1/responses."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
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
from .strictness import SEALED, THINKING_MODEL, THOUGHT_CALL, check_items, check_length

_INPUT_PARTS = frozenset({"input_text", "input_image", "input_file"})
_OUTPUT_PARTS = frozenset({"output_text", "refusal"})


def read_prompt(body: dict[str, Any]) -> Prompt:
    """Read a request, or refuse it as the real API would."""
    items = body.get("input")
    if isinstance(items, str):
        items = [{"role": "user", "content": items}]
    if not isinstance(items, list) or not items:
        raise Refused("Missing required parameter: 'input'.")
    _check_item_ids(items)
    check_items(body, [item for item in items if isinstance(item, dict)])
    entries = [entry for item in items if (entry := _read_item(item)) is not None]
    check_pairs(entries)
    if instructions := body.get("instructions"):
        entries.insert(0, Said("system", instructions))
    tools = frozenset(tool["name"] for tool in body.get("tools") or [] if tool.get("type") == "function")
    prompt = Prompt(
        str(body.get("model", "")),
        entries,
        tools,
        bool(body.get("stream")),
        include_usage=True,
        seal_thoughts=SEALED in (body.get("include") or []),
    )
    check_length(prompt.model, prompt.characters)
    return prompt


def _check_item_ids(items: list[Any]) -> None:
    seen: set[str] = set()
    for item in items:
        item_id = item.get("id") if isinstance(item, dict) else None
        if item_id is None:
            continue
        if item_id in seen:
            raise Refused(f"Duplicate item found with id {item_id}. Remove duplicate items from your input.")
        if item.get("type") == "message" and not item_id.startswith("msg"):
            raise Refused(f"Invalid 'input.id': '{item_id}'. Expected an ID that begins with 'msg'.")
        if len(item_id) > 64:
            raise Refused("Invalid 'input.id': string too long.")
        seen.add(item_id)


def _read_item(item: Any) -> Entry | None:
    match item:
        case {
            "type": "function_call",
            "call_id": str(call_id),
            "name": str(name),
            "arguments": str(arguments),
        }:
            return Call(name, arguments, call_id)
        case {"type": "function_call_output", "call_id": str(call_id), "output": output}:
            return Output(call_id, read_text(output, _INPUT_PARTS, "input.output"))
        case {"type": "reasoning"}:
            return None
        case {"role": "assistant", "content": content}:
            return Said("assistant", read_text(content, _OUTPUT_PARTS, "input.content"))
        case {"role": "user" | "system" | "developer" as role, "content": content}:
            text = read_text(content, _INPUT_PARTS, "input.content")
            return Said("user" if role == "user" else "system", text, count_images(content))
        case _:
            raise Refused(f"Invalid item in 'input': {str(item)[:80]}")


def answer_whole(prompt: Prompt, reply: Reply) -> dict[str, Any]:
    """Return the answer to a request without `stream`."""
    return _Writer(prompt, reply).finished()


def answer_frames(prompt: Prompt, reply: Reply) -> Iterator[Frame]:
    """Yield the events of a streamed answer."""
    return _Writer(prompt, reply).frames()


def error_frame(code: str, message: str) -> Frame:
    """Return the event by which the API reports a failure in the middle of an answer."""
    return Frame(
        _encode({"type": "error", "code": code, "message": message, "param": None, "sequence_number": 9})
    )


class _Writer:
    """Writes one answer. Events are numbered in the order they are made."""

    def __init__(self, prompt: Prompt, reply: Reply) -> None:
        self._prompt = prompt
        self._reply = reply
        self._number = -1
        self._response_id = f"resp_{secrets.token_hex(16)}"
        self._created = int(time.time())
        self._items = list(self._make_items())

    def frames(self) -> Iterator[Frame]:
        yield self._frame("response.created", response=self._response("in_progress", []))
        yield self._frame("response.in_progress", response=self._response("in_progress", []))
        for index, item in enumerate(self._items):
            match item["type"]:
                case "message":
                    yield from self._message(index, item)
                case "function_call":
                    yield from self._call(index, item)
                case _:
                    yield self._frame("response.output_item.added", output_index=index, item=item)
                    yield self._frame("response.output_item.done", output_index=index, item=item)
        kind = "response.completed" if self._reply.finish == "stop" else "response.incomplete"
        yield self._frame(kind, ending=True, response=self.finished())

    def finished(self) -> dict[str, Any]:
        usage_in, usage_out = count_tokens(self._prompt.characters), count_tokens(self._reply.characters)
        response = self._response("completed" if self._reply.finish == "stop" else "incomplete", self._items)
        response["usage"] = {
            "input_tokens": usage_in,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": usage_out,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": usage_in + usage_out,
        }
        if self._reply.finish != "stop":
            reason = "max_output_tokens" if self._reply.finish == "length" else "content_filter"
            response["incomplete_details"] = {"reason": reason}
        return response

    def _message(self, index: int, item: dict[str, Any]) -> Iterator[Frame]:
        place = {"output_index": index, "item_id": item["id"], "content_index": 0}
        part = item["content"][0]
        kind, key = ("output_text", "text") if part["type"] == "output_text" else ("refusal", "refusal")
        opened = {**item, "status": "in_progress", "content": []}
        yield self._frame("response.output_item.added", output_index=index, item=opened)
        yield self._frame("response.content_part.added", **place, part={**part, key: ""})
        for word in split_words(part[key]):
            yield self._frame(f"response.{kind}.delta", paced=True, **place, delta=word, logprobs=[])
        yield self._frame(f"response.{kind}.done", **place, **{key: part[key]})
        yield self._frame("response.content_part.done", **place, part=part)
        yield self._frame("response.output_item.done", output_index=index, item=item)

    def _call(self, index: int, item: dict[str, Any]) -> Iterator[Frame]:
        place = {"output_index": index, "item_id": item["id"]}
        opened = {**item, "status": "in_progress", "arguments": ""}
        yield self._frame("response.output_item.added", output_index=index, item=opened)
        for piece in split_words(item["arguments"]):
            yield self._frame("response.function_call_arguments.delta", **place, delta=piece)
        yield self._frame("response.function_call_arguments.done", **place, arguments=item["arguments"])
        yield self._frame("response.output_item.done", output_index=index, item=item)

    def _make_items(self) -> Iterator[dict[str, Any]]:
        if self._reply.text or self._reply.refusal or not self._reply.calls:
            part: dict[str, Any] = {"type": "output_text", "text": self._reply.text, "annotations": []}
            if self._reply.refusal:
                part = {"type": "refusal", "refusal": self._reply.refusal}
            status = "completed" if self._reply.finish == "stop" else "incomplete"
            item_id = f"msg_{secrets.token_hex(16)}"
            yield {"type": "message", "id": item_id, "role": "assistant", "status": status, "content": [part]}
        thinks = self._prompt.model == THINKING_MODEL and bool(self._reply.calls)
        if thinks:
            sealed = {"encrypted_content": secrets.token_urlsafe(48)} if self._prompt.seal_thoughts else {}
            yield {"type": "reasoning", "id": f"rs_{secrets.token_hex(16)}", "summary": [], **sealed}
        for call in self._reply.calls:
            item_id = f"{THOUGHT_CALL if thinks else 'fc_'}{secrets.token_hex(16)}"
            what = {"call_id": call.call_id, "name": call.name, "arguments": call.arguments}
            yield {"type": "function_call", "id": item_id, "status": "completed", **what}

    def _response(self, status: str, output: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self._response_id,
            "object": "response",
            "created_at": self._created,
            "status": status,
            "model": self._prompt.model,
            "output": output,
            "error": None,
            "incomplete_details": None,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": None,
        }

    def _frame(self, kind: str, *, paced: bool = False, ending: bool = False, **fields: Any) -> Frame:
        self._number += 1
        return Frame(_encode({"type": kind, "sequence_number": self._number, **fields}), paced, ending)


def _encode(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
