"""A worker's life line: one connection by which the others see that it lives, and by which it hears of new work.

It holds a lock of the database's. A process that dies lets go of it at once, so nobody needs a heartbeat to know,
and a database that nobody uses may sleep. Whether the line still leads there only an answer tells: a proxy may hold
it for ever. So the worker asks now and then, ever more seldom the longer there is nothing to do.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import psycopg

from conversations.lost_connections import NETWORK, ask_in_time

logger = logging.getLogger(__name__)

QUEUE = "turns"
LOCKS = 726_201_211  # the number of these locks, which the view conversations_living_worker shows
#: When a job is due that goes back to the queue at once: whatever the database's clock says beside ours.
LONG_DUE = datetime(2000, 1, 1, tzinfo=UTC)
RECONNECT_SECONDS = 0.2
LONGEST_RECONNECT_SECONDS = 5.0
ANSWER_SECONDS = 3.0
CONNECT_SECONDS = 15  # a database that sleeps takes a while to wake
# After this time without a word the line is tried, then after twice of it, and so on: at last once an hour, when the
# upkeep wakes the database anyway.
TRY_SECONDS, LONGEST_TRY_SECONDS = 5.0, 3600.0

Notification = dict[str, Any]

# A machine that vanishes sends no word of it: both sides ask, so that the lock is let go of, and a new line taken.
_SERVERS_KEEP_ALIVE = (
    "set tcp_keepalives_idle = 2; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 2"
)


async def hold_lifeline(
    parameters: dict[str, Any], worker_id: int, hear: Callable[[Notification | None], Awaitable[None]]
) -> None:
    """Hold the worker's lock for as long as this runs, and pass on what is said of jobs.

    None is said when the line was taken: what was said before was not heard.
    """
    parameters = {**parameters, **NETWORK, "autocommit": True, "connect_timeout": CONNECT_SECONDS}
    pause = RECONNECT_SECONDS
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(**parameters) as line:
                await ask_in_time(line, _SERVERS_KEEP_ALIVE, ANSWER_SECONDS)
                # Shared: the database may not have noticed yet that our last line is cut.
                lock = f"select pg_advisory_lock_shared({LOCKS}, {lock_of(worker_id)})"
                await ask_in_time(line, lock, ANSWER_SECONDS)
                await ask_in_time(line, f'listen "procrastinate_queue_v1#{QUEUE}"', ANSWER_SECONDS)
                pause = RECONNECT_SECONDS
                await hear(None)
                await _listen(line, hear)
        except psycopg.Error as error:
            logger.warning("the worker's life line is cut: %s", " ".join(str(error).split()))
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_RECONNECT_SECONDS)


async def _listen(
    line: psycopg.AsyncConnection[Any], hear: Callable[[Notification | None], Awaitable[None]]
) -> None:
    """Pass on what is said, until the line is cut or leads nowhere."""
    silence = TRY_SECONDS
    while True:
        heard = False
        async for said in line.notifies(timeout=silence):
            heard = True
            await hear(json.loads(said.payload))
        await ask_in_time(line, "select", ANSWER_SECONDS)
        silence = TRY_SECONDS if heard else min(2 * silence, LONGEST_TRY_SECONDS)


def lock_of(worker_id: int) -> int:
    """Return the number of a worker's own lock."""
    return worker_id % 2**31
