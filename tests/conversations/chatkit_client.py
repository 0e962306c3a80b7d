"""A client of ChatKit's door: it sends what the official one sends, and reads what that one would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from channels.db import database_sync_to_async
from django.test import AsyncClient

from chatsite.accounts import tokens
from chatsite.accounts.models import User

SECONDS = 20


@dataclass
class Answer:
    """One answer; what was streamed is already read, unless it was opened."""

    status: int
    headers: Any
    body: bytes = b""
    chunks: list[bytes] = field(default_factory=list)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [read_event(chunk) for chunk in self.chunks]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    @property
    def thread_id(self) -> str:
        return str(self.headers["X-Chat-Conversation"])

    @property
    def code(self) -> str:
        assert self.headers["Content-Type"] == "application/problem+json"
        return str(self.json["code"])

    def items(self, kind: str) -> list[dict[str, Any]]:
        """Return the items that were done."""
        done = [event["item"] for event in self.events if event["type"] == "thread.item.done"]
        return [item for item in done if item["type"] == kind]


class ChatKitClient:
    """Asks as one user."""

    def __init__(self, user: User | None) -> None:
        self._user = user
        self._access = ""
        self._client = AsyncClient()

    async def request(self, kind: str, params: Any = None, **headers: str) -> Answer:
        """Send a request and read the whole answer."""
        return await self.post(json.dumps({"type": kind, "params": params or {}}), **headers)

    async def post(self, body: Any, content_type: str = "application/json", **headers: str) -> Answer:
        response = await self._post(body, content_type, headers)
        answer = Answer(response.status_code, response.headers)
        if response.streaming:
            async with asyncio.timeout(SECONDS):
                answer.chunks = [chunk async for chunk in response]
        else:
            answer.body = response.content
        return answer

    async def open(self, kind: str, params: Any) -> tuple[Answer, AsyncGenerator[bytes, None]]:
        """Send a request and leave its stream to the caller, who may go away."""
        response = await self._post(json.dumps({"type": kind, "params": params}), "application/json", {})
        return Answer(response.status_code, response.headers), response.streaming_content

    async def create(self, text: str = "Hello", **headers: str) -> Answer:
        return await self.request("threads.create", {"input": message(text)}, **headers)

    async def add(self, thread_id: str, text: str, **headers: str) -> Answer:
        params = {"thread_id": thread_id, "input": message(text)}
        return await self.request("threads.add_user_message", params, **headers)

    async def _post(self, body: Any, content_type: str, headers: dict[str, str]) -> Any:
        if self._user is not None and not self._access:
            self._access = (await database_sync_to_async(tokens.issue)(self._user)).access
        if self._access:
            headers = {"Authorization": f"Bearer {self._access}", **headers}
        return await self._client.post("/chatkit", data=body, content_type=content_type, headers=headers)


def message(text: str = "Hello", **fields: Any) -> dict[str, Any]:
    return {
        "content": [{"type": "input_text", "text": text}],
        "attachments": [],
        "inference_options": {},
        **fields,
    }


def read_event(chunk: bytes) -> dict[str, Any]:
    """Read one event; anything but `data: {json}` and an empty line is a fault."""
    assert chunk.startswith(b"data: {")
    assert chunk.endswith(b"}\n\n")
    assert chunk.count(b"\n") == 2
    event: dict[str, Any] = json.loads(chunk[6:])
    return event


async def wait_for(stream: AsyncGenerator[bytes, None], words: str) -> list[dict[str, Any]]:
    """Read a stream until an event with the words came, then go away."""
    seen = []
    async with asyncio.timeout(SECONDS), aclosing(stream):
        async for chunk in stream:
            seen.append(read_event(chunk))
            if words in chunk.decode():
                return seen
    raise AssertionError(f"no {words!r} in {seen}")
