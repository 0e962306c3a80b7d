"""How a server ends: it is taken out of the proxy, then sends its readers elsewhere, and breaks nothing off.

Readers go on at another server, or at this one's successor, from the seq that they have; whoever waits for a reply
gets it, or a 202 that names the turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from daphne.http_protocol import WebRequest
from twisted.internet import defer

from chatsite.backpressure import PatientServer
from conversations import events

WORKER_SECONDS = 15.0
FINISH_SECONDS = 10.0  # for requests that wait for a reply of another process
LAST_WORDS_SECONDS = 2.0
LOOK_SECONDS = 0.05
STANDARD_CODES = (1012, 1013)  # service restart; try again later


class OrderlyServer(PatientServer):
    """A server that ends without breaking anything off."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._ports: list[Any] = []

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        self._ports.append(port)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        code = message.get("code")
        if message["type"] == "websocket.close" and code in STANDARD_CODES and protocol in self.connections:
            # Autobahn gives applications codes of their own only, and 1000.
            protocol.sendCloseFrame(code=code)
        else:
            await super().handle_reply(protocol, message)

    async def wind_down(self, *, drain: float, worker: asyncio.Task[None] | None) -> None:
        """Return when nobody is left, or their time is up. Until `drain` seconds are over everything is served."""
        await asyncio.sleep(drain)
        if worker is not None:
            await asyncio.wait([worker], timeout=WORKER_SECONDS)
        for port in self._ports:
            await defer.maybeDeferred(port.stopListening).asFuture(asyncio.get_running_loop())
        events.send_readers_away(all_of_them=False)
        if worker is None:
            await _until(lambda: not self._has_requests(), FINISH_SECONDS)
        events.send_readers_away(all_of_them=True)
        await _until(lambda: not self._open(), LAST_WORDS_SECONDS)

    def kill_all_applications(self) -> Any:
        """Cancel what is left; a request that didn't come whole has no application."""
        none: asyncio.Future[None] = asyncio.get_event_loop().create_future()
        none.cancel()
        for state in self.connections.values():
            state.setdefault("application_instance", none)
        return super().kill_all_applications()

    def _has_requests(self) -> bool:
        return any(isinstance(protocol, WebRequest) for protocol in self._open())

    def _open(self) -> list[Any]:
        """Return requests that are not answered and WebSockets that are open; idle connections are not among them."""
        return [protocol for protocol, state in self.connections.items() if "disconnected" not in state]


async def _until(is_over: Callable[[], bool], seconds: float) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while not is_over() and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110  # daphne tells nobody
        await asyncio.sleep(LOOK_SECONDS)
