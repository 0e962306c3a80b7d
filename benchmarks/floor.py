"""The floor: what it costs to carry a provider's bytes to a client and do nothing else at all.

`python -m benchmarks.floor http://127.0.0.1:9000/v1` prints its own base URL and relays until it is ended.
"""

from __future__ import annotations

import asyncio
import sys
from urllib.parse import urlsplit


class Relay(asyncio.Protocol):
    """One end of a pair of connections; what comes in here goes out there."""

    def __init__(self, other: Relay | None = None) -> None:
        self.other = other
        self.transport: asyncio.Transport | None = None
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        for data in self._early:
            transport.write(data)

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            self.other.send(data)

    def send(self, data: bytes) -> None:
        if self.transport is None:
            self._early.append(data)
        else:
            self.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()


class Door(Relay):
    """The client's end: opens the provider's."""

    _dialling: asyncio.Task[object] | None = None

    def __init__(self, host: str, port: int) -> None:
        super().__init__()
        self._address = (host, port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.other = other = Relay(self)
        loop = asyncio.get_running_loop()
        self._dialling = loop.create_task(loop.create_connection(lambda: other, *self._address))


async def main(provider: str) -> None:
    """Relay to the provider until the process is ended."""
    address = urlsplit(provider)
    assert address.hostname is not None
    assert address.port is not None
    host, port = address.hostname, address.port
    server = await asyncio.get_running_loop().create_server(lambda: Door(host, port), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{address.path}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
