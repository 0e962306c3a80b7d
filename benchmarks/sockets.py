"""Users who are connected by WebSocket, each to a conversation, and see their replies there."""

from __future__ import annotations

import asyncio
import json
import time

import aiohttp

from benchmarks.doors import User

_AT_A_TIME = 20
Reply = tuple[float, float, str]


class Listener:
    """One user's socket: when a reply's first text and its end came, and what it says."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._reply: asyncio.Future[Reply] | None = None
        self._first = 0.0
        self._text = ""
        self._seq = 0
        self._task = asyncio.create_task(self._read())

    def expect(self) -> asyncio.Future[Reply]:
        """Return what the next reply will be."""
        self._first, self._text = 0.0, ""
        self._reply = asyncio.get_running_loop().create_future()
        return self._reply

    def close(self) -> None:
        self._task.cancel()

    async def _read(self) -> None:
        async for message in self._socket:
            arrived, frame = time.perf_counter(), json.loads(message.data)
            if self._seq and frame["seq"] != self._seq + 1:
                self._end(ConnectionError(f"seq {frame['seq']} after {self._seq}"))
            self._seq = frame["seq"]
            self._take(arrived, frame["event"])
        self._end(ConnectionError(f"closed with {self._socket.close_code}"))

    def _take(self, arrived: float, event: dict[str, object]) -> None:
        match event:
            case {"update": {"type": "assistant_message.content_part.text_delta"}}:
                self._first = self._first or arrived
            case {
                "type": "thread.item.done",
                "item": {"type": "assistant_message", "content": [{"text": str(text)}]},
            }:
                self._text = text
            case {"type": "stream_options", "stream_options": {"allow_cancel": False}}:
                if self._reply is not None and not self._reply.done():
                    self._reply.set_result((self._first or arrived, arrived, self._text))

    def _end(self, error: Exception) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(error)


async def listen(session: aiohttp.ClientSession, url: str, users: list[User]) -> dict[str, Listener]:
    """Connect every user to their conversation, some at a time."""
    gate = asyncio.Semaphore(_AT_A_TIME)

    async def connect(user: User) -> tuple[str, Listener]:
        async with gate:
            socket = await session.ws_connect(
                f"{url}/ws/conversations/{user.conversation_id}/",
                protocols=["chat.v1", f"bearer.{user.token}"],
            )
            return user.id, Listener(socket)

    return dict(await asyncio.gather(*(connect(user) for user in users)))
