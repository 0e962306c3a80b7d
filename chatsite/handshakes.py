"""What a connection forgets once it is a WebSocket: it stays for hours, and there may be thousands.

Twisted, autobahn and Daphne each keep the headers of the request that it began as, 8 kB together.
"""

from __future__ import annotations

import asyncio

import daphne.server
from daphne.http_protocol import WebRequest
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.web.http import HTTPChannel

CLOSE_SECONDS = 5.0


class LeanSocket(WebSocketProtocol):  # type: ignore[misc]
    """Daphne's WebSocket, without the headers once it is open."""

    def serverAccept(self, subprotocol: str | None = None) -> None:
        super().serverAccept(subprotocol)
        self.http_headers.clear()
        self.clean_headers.clear()  # the scope's, too: whoever reads them does so before it accepts


class LeanSockets(WebSocketFactory):  # type: ignore[misc]
    """Makes LeanSockets."""

    protocol = LeanSocket

    def resetProtocolOptions(self) -> None:
        super().resetProtocolOptions()
        # After autobahn's one second a client that is slow to take leave is reset, and its library may forget over
        # that why the socket was closed.
        self.closeHandshakeTimeout = CLOSE_SECONDS


def forget_request(request: WebRequest) -> None:
    """Let go of a request that has become a WebSocket: its channel still minds a connection that isn't its own.

    And they hold each other, which the collector sees seldom.
    """
    request.channel.transport.unregisterProducer()
    asyncio.get_running_loop().call_soon(_part, request, request.channel)  # which still reads


def _part(request: WebRequest, channel: HTTPChannel) -> None:
    request.channel = None
    channel.requests.clear()


def install() -> None:
    """Let daphne's server make its WebSockets here: it has no other place to say so."""
    daphne.server.WebSocketFactory = LeanSockets
