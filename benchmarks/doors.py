"""What the load client says to each of the measured servers, and how it reads a reply."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(slots=True)
class User:
    """Somebody who writes: one message at a time."""

    id: str = ""
    token: str = ""
    conversation_id: str | None = None
    turns: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    body: dict[str, Any]
    headers: dict[str, str]


class Door(Protocol):
    """A way in. `mark` is in the first piece of a stream that holds text."""

    mark: bytes

    def ask(self, user: User, message: str, *, stream: bool) -> Request: ...

    def read_stream(self, body: bytes) -> str: ...

    def read_whole(self, body: bytes) -> str: ...


class ProductDoor:
    """POST /api/{user_id}/chat of the product."""

    mark = b"content_part.text_delta"

    def ask(self, user: User, message: str, *, stream: bool) -> Request:
        body: dict[str, Any] = {"message": message, "stream": stream}
        if user.conversation_id:
            body["conversation_id"] = user.conversation_id
        headers = {"Authorization": f"Bearer {user.token}"} if user.token else {}
        return Request(f"/api/{user.id}/chat", body, headers)

    def read_stream(self, body: bytes) -> str:
        """Return the finished reply, after checking that its deltas say the same."""
        deltas, done = [], ""
        for event in _events(body):
            update = event.get("update", {})
            if update.get("type") == "assistant_message.content_part.text_delta":
                deltas.append(update["delta"])
            elif event["type"] == "thread.item.done" and event["item"]["type"] == "assistant_message":
                done = event["item"]["content"][0]["text"]
        return done if "".join(deltas) == done else ""

    def read_whole(self, body: bytes) -> str:
        return str(json.loads(body)["response"])


class ReferenceDoor(ProductDoor):
    """The same of the reference, whose events are its own."""

    mark = b'"delta"'

    def read_stream(self, body: bytes) -> str:
        events = list(_events(body))
        said = "".join(event.get("delta", "") for event in events)
        return said if events and events[-1].get("response") == said else ""


class ProviderDoor:
    """The provider itself, and the relay before it."""

    def __init__(self, api: str) -> None:
        self._responses = api == "responses"
        self.mark = b"output_text.delta" if self._responses else b'"delta": {"content": '

    def ask(self, user: User, message: str, *, stream: bool) -> Request:
        said = [{"role": "user", "content": message}]
        body: dict[str, Any] = {"model": "practice", "stream": stream}
        body |= {"input": said} if self._responses else {"messages": said}
        path = "/responses" if self._responses else "/chat/completions"
        return Request(path, body, {"Authorization": "Bearer benchmark"})

    def read_stream(self, body: bytes) -> str:
        return "".join(self._texts(body))

    def read_whole(self, body: bytes) -> str:
        answer = json.loads(body)
        if self._responses:
            return str(answer["output"][0]["content"][0]["text"])
        return str(answer["choices"][0]["message"]["content"])

    def _texts(self, body: bytes) -> Iterator[str]:
        for event in _events(body):
            if self._responses:
                if event["type"] == "response.output_text.delta":
                    yield event["delta"]
            else:
                for choice in event["choices"]:
                    yield choice["delta"].get("content", "")


def door(kind: str, api: str) -> Door:
    """Return the door to a kind of server."""
    match kind:
        case "product":
            return ProductDoor()
        case "reference":
            return ReferenceDoor()
        case _:
            return ProviderDoor(api)


def _events(body: bytes) -> Iterator[dict[str, Any]]:
    for line in body.decode().splitlines():
        if line.startswith("data: {"):
            yield json.loads(line[6:])
