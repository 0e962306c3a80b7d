"""A web server that minds readers who don't read: an application waits for them, and in the end they are given up.

Daphne puts all it is told to send into the connection's buffer, which has no bound: a page in a frozen tab would
take memory for as long as events come. So little is put there; the rest of a conversation waits in its log.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import daphne.server
from daphne.ws_protocol import WebSocketProtocol

from chatsite.metrics import figures
from conversations import errors, events

UNSENT_BYTES = 1_000_000
HELD_BYTES = 128 * 1024
PATIENCE_SECONDS = 5.0
FIRST_LOOK_SECONDS, LOOK_SECONDS = 0.002, 0.05
TOO_SLOW = 4408


class PatientServer(daphne.server.Server):  # type: ignore[misc]
    """Daphne's server, whose applications can't send faster than their clients read."""

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send" or message.get("more_body"):
            await self._wait_for_reader(protocol)
        await super().handle_reply(protocol, message)

    async def _wait_for_reader(self, protocol: Any) -> None:
        most = HELD_BYTES if events.tells_of_a_log() else UNSENT_BYTES
        look = FIRST_LOOK_SECONDS
        waited_since = time.monotonic()
        while self._is_connected(protocol) and (unsent := _unsent_bytes(protocol)) > most:
            if time.monotonic() > waited_since + PATIENCE_SECONDS:
                if unsent + await _unread_bytes() > UNSENT_BYTES:
                    _give_up(protocol)
                    return
                waited_since = time.monotonic()
            await asyncio.sleep(look)
            look = min(2 * look, LOOK_SECONDS)

    def _is_connected(self, protocol: Any) -> bool:
        return protocol in self.connections and not self.connections[protocol].get("disconnected")


async def _unread_bytes() -> int:
    """Return how much waits in the log for the reader of this task."""
    try:
        return await events.unread_bytes() or 0
    except errors.NO_DATABASE:
        return 0


def _unsent_bytes(protocol: Any) -> int:
    """Return how much waits in the connection's buffer, which Twisted keeps in two parts."""
    transport = _transport(protocol)
    if transport is None:
        return 0
    return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)


def _give_up(protocol: Any) -> None:
    figures.SLOW_READERS.inc()
    if isinstance(protocol, WebSocketProtocol):
        # The code comes after all that is unsent; where nothing gets through the connection is dropped soon.
        protocol.serverClose(code=TOO_SLOW)
    elif transport := _transport(protocol):
        transport.abortConnection()


def _transport(protocol: Any) -> Any:
    if isinstance(protocol, WebSocketProtocol):
        return protocol.transport
    return protocol.channel and protocol.channel.transport
