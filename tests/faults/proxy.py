"""A network that misbehaves: forwards to a site, cuts connections, or goes silent without a word of farewell."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PIECE = 65_536


class Proxy:
    """Forwards every connection to a port of the loopback or a Unix socket, in a thread of its own."""

    def __init__(self, target: int | Path) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._connections: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self.cuts = 0
        self.dropped_by_server = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @contextmanager
    def running(self) -> Iterator[Proxy]:
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self._close(server), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    def cut(self, chance: random.Random, share: float) -> None:
        """Cut some of the connections, without an orderly end."""
        self._loop.call_soon_threadsafe(self._cut, chance, share)

    def freeze(self) -> None:
        """Forward nothing more of the connections that are open, and close none: the other side has vanished."""
        self._loop.call_soon_threadsafe(self._freeze)

    def swallow(self) -> None:
        """Forward nothing at all, of new connections neither."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def thaw(self) -> None:
        """Go on with what was swallowed, for those who are still there."""
        self._loop.call_soon_threadsafe(self._flowing.set)

    def _cut(self, chance: random.Random, share: float) -> None:
        for pair in list(self._connections):
            if chance.random() < share:
                self.cuts += 1
                for writer in pair:
                    writer.transport.abort()

    def _freeze(self) -> None:
        self._flowing.clear()
        self._flowing = asyncio.Event()  # for those who come from now on
        self._flowing.set()

    async def _listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._forward, "127.0.0.1", 0, limit=PIECE)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _close(self, server: asyncio.Server) -> None:
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            site_reader, site_writer = await self._connect()
            pair = (writer, site_writer)
            self._connections.add(pair)
            try:
                await asyncio.gather(
                    self._pump(reader, site_writer, self._flowing),
                    self._pump(site_reader, writer, self._flowing),
                )
            finally:
                self._connections.discard(pair)
                for each in pair:
                    each.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._target, Path):
            return await asyncio.open_unix_connection(self._target, limit=PIECE)
        return await asyncio.open_connection("127.0.0.1", self._target, limit=PIECE)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flowing: asyncio.Event
    ) -> None:
        while data := await reader.read(PIECE):
            await flowing.wait()
            writer.write(data)
            await writer.drain()
        writer.close()
