"""Connections whose caller isn't left waiting by a network, or a proxy, that swallows what it is given.

A server that is slow is waited for; one that isn't there any more is noticed within seconds. TCP notices only that
the next machine is gone (`NETWORK`), and nothing where a proxy still holds the connection.

It leans on private names of psycopg, whose version is locked: tests/faults/test_black_hole.py notices.
"""

from __future__ import annotations

from typing import Any, Self

import psycopg
from psycopg.errors import _WaitTimeout

# The kernel gives up what nobody confirms for ten seconds, and a silent line after 35.
NETWORK: dict[str, Any] = {
    "tcp_user_timeout": 10_000,
    "keepalives": 1,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}

PATIENCE_SECONDS = 3.0
LAST_CHANCE_SECONDS = 1.0
CONNECT_SECONDS = 2

# A process that froze in a transaction, or that a network forgot, holds its locks no longer than this. Said once the
# connection stands: poolers refuse who says it while connecting.
_LIMITS = "set idle_in_transaction_session_timeout = '30s'"
_IS_BUSY = "select state = 'active' from pg_stat_activity where pid = %s"
_LOST = "the server says nothing any more"


class WatchedConnection(psycopg.Connection[Any]):
    """A pool's connection that asks after its server, by another one, when an answer is long in coming."""

    #: Behind a pooler nobody knows which of the server's processes is ours.
    has_pooler = False

    @classmethod
    def connect(cls, *arguments: Any, **options: Any) -> Self:
        """Connect, and let the server end what is forgotten."""
        connection = super().connect(*arguments, **{**options, "autocommit": True})
        if not cls.has_pooler:
            connection.wait(psycopg.Cursor(connection)._execute_gen(_LIMITS), timeout=CONNECT_SECONDS)
        connection.set_autocommit(options.get("autocommit", False))
        return connection

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer. Raises OperationalError where none will come."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        while True:
            try:
                return super().wait(gen, interval, PATIENCE_SECONDS)
            except _WaitTimeout:
                if self._is_lost():
                    return self._wait_once_more(gen, interval)

    def _wait_once_more(self, gen: Any, interval: float) -> Any:
        """Take an answer that was on its way while the server was asked."""
        try:
            return super().wait(gen, interval, LAST_CHANCE_SECONDS)
        except _WaitTimeout:
            self.close()
            raise psycopg.OperationalError(_LOST) from None

    def _is_lost(self) -> bool:
        """Say whether the server is away, or does nothing for us."""
        try:
            with psycopg.Connection.connect(**_same_server(self)) as other:
                if self.has_pooler:
                    return False
                asking = psycopg.Cursor(other)
                other.wait(asking._execute_gen(_IS_BUSY, [self.info.backend_pid]), timeout=CONNECT_SECONDS)
                return asking.fetchone() != (True,)
        except psycopg.Error:
            return True


async def ask_in_time(connection: psycopg.AsyncConnection[Any], statement: str, seconds: float) -> None:
    """Execute a statement on a connection of nobody else's. Raises OperationalError where no answer comes in time."""
    asking = psycopg.AsyncCursor(connection)
    try:
        await connection.wait(asking._execute_gen(statement), timeout=seconds)
    except _WaitTimeout:
        await connection.close()
        raise psycopg.OperationalError(_LOST) from None


class PooledConnection(WatchedConnection):
    """The same, where a pooler stands between."""

    has_pooler = True


class WatchedAsyncConnection(psycopg.AsyncConnection[Any]):
    """The same for an event loop; it never goes through a pooler."""

    async def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:  # noqa: ASYNC109 - psycopg's
        """Wait for an answer. Raises OperationalError where none will come."""
        if timeout is not None:
            return await super().wait(gen, interval, timeout)
        while True:
            try:
                return await super().wait(gen, interval, PATIENCE_SECONDS)
            except _WaitTimeout:
                if await self._is_lost():
                    return await self._wait_once_more(gen, interval)

    async def _wait_once_more(self, gen: Any, interval: float) -> Any:
        try:
            return await super().wait(gen, interval, LAST_CHANCE_SECONDS)
        except _WaitTimeout:
            await self.close()
            raise psycopg.OperationalError(_LOST) from None

    async def _is_lost(self) -> bool:
        try:
            async with await psycopg.AsyncConnection.connect(**_same_server(self)) as other:
                asking = psycopg.AsyncCursor(other)
                await other.wait(
                    asking._execute_gen(_IS_BUSY, [self.info.backend_pid]), timeout=CONNECT_SECONDS
                )
                return await asking.fetchone() != (True,)
        except psycopg.Error:
            return True


def _same_server(connection: Any) -> dict[str, Any]:
    pool = connection._pool
    named = {"conninfo": pool.conninfo} if pool.conninfo else {}
    return {**pool.kwargs, **named, "autocommit": True, "connect_timeout": CONNECT_SECONDS}
