"""The worker: fetches turns' jobs, and takes back those of workers that died.

Procrastinate 3.10 loses a notification that comes while it fetches, until its next poll (seen in 9 % of sends
that follow each other closely), so `TurnWorker` replaces that one loop, and the listening too: it polls and beats
only while there is work. It leans on private methods: the version is pinned, and a test fails when they change.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations import events, jobs
from conversations.lifeline import QUEUE, Notification, hold_lifeline
from conversations.lost_connections import NETWORK, WatchedAsyncConnection
from conversations.lost_work import LOOK_SECONDS, LostWork
from conversations.threads import check_alive

logger = logging.getLogger(__name__)

CONCURRENCY = 1000
RESTART_SECONDS = 1.0
GRACE_SECONDS = 3.0
SIGN_OFF_SECONDS = 2.0
# Procrastinate's own polling and heartbeat; ours come while there is work.
NEVER_SECONDS = 3600.0 * 24
# Rows of workers that nobody has heard of are cleared away when one starts; who lives is seen by its life line.
FORGET_SECONDS = 3600.0 * 24 * 7


async def run_worker(stop: asyncio.Event, *, concurrency: int = CONCURRENCY) -> None:
    """Run turns until `stop` is set; then running ones get a grace time and go back to the queue.

    A lost database ends a worker; another one starts when it is back.
    """
    events.join_loop()
    stopping = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            try:
                await _run_one_worker(stopping, concurrency)
            except Exception:
                logger.exception("the worker stopped and is started again")
                await asyncio.wait([stopping], timeout=RESTART_SECONDS)
    finally:
        stopping.cancel()
        await jobs.close_responder()


async def _run_one_worker(stopping: asyncio.Task[bool], concurrency: int) -> None:
    if not await _prepare(stopping):
        return
    worker_app = app.with_connector(_connector())
    async with worker_app.open_async():
        worker = TurnWorker(
            app=worker_app,
            name="turns",
            queues=[QUEUE],
            concurrency=concurrency,
            fetch_job_polling_interval=NEVER_SECONDS,
            update_heartbeat_interval=NEVER_SECONDS,
            stalled_worker_timeout=FORGET_SECONDS,
            shutdown_graceful_timeout=GRACE_SECONDS,
            delete_jobs="successful",
            listen_notify=False,
            install_signal_handlers=False,
        )
        running = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
        try:
            await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            worker.stop()  # type: ignore[no-untyped-call]
            await _end(worker, running, stopping)


async def _prepare(stopping: asyncio.Task[bool]) -> bool:
    """Get the responder ready, or return False when there is no time left for it."""
    preparing = asyncio.create_task(jobs.prepare_responder())
    await asyncio.wait([preparing, stopping], return_when=asyncio.FIRST_COMPLETED)
    if not preparing.done():
        preparing.cancel()
        return False
    preparing.result()
    return True


async def _end(worker: TurnWorker, running: asyncio.Task[None], stopping: asyncio.Task[bool]) -> None:
    """Wait for the worker's end. When the process ends too, not for a database that is away: the others notice."""
    patience = SIGN_OFF_SECONDS + (GRACE_SECONDS if worker.is_busy else 0)
    await asyncio.wait([running], timeout=patience if stopping.done() else None)
    if running.done():
        running.result()
    else:
        logger.warning("the worker could not sign off: the database is away, or slow")
        running.cancel()


class TurnWorker(Worker):
    """Procrastinate's worker, without the lost notification, and silent while there is nothing to do."""

    _notified = False

    def _log_extra(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add nothing to procrastinate's lines: nobody reads it, and each would copy a job."""
        return {}

    @property
    def is_busy(self) -> bool:
        return bool(self._running_jobs)

    @property
    def _own_id(self) -> int:
        return cast("int", self.worker_id)  # None only before the worker runs

    def _start_side_tasks(self) -> list[asyncio.Task[Any]]:
        self._woken = asyncio.Event()
        line = hold_lifeline(_connection_parameters(), self._own_id, self._hear)
        return [
            *super()._start_side_tasks(),
            asyncio.create_task(line, name="life line"),
            asyncio.create_task(self._work_while_there_is_some(), name="work"),
        ]

    async def _hear(self, notification: Notification | None) -> None:
        self._woken.set()
        if notification is None or notification["type"] == "job_inserted":
            self._look_for_jobs()
        else:
            await self._handle_notification(channel="", notification=notification)  # type: ignore[arg-type]

    def _look_for_jobs(self) -> None:
        self._notified = True
        self._new_job_event.set()

    async def _work_while_there_is_some(self) -> None:
        """Show that this worker lives and look for lost work, until there is none; again when it is woken."""
        lost_work = LostWork(self.app.job_manager)
        while True:
            await self._woken.wait()
            pause = LOOK_SECONDS
            try:
                self._woken.clear()
                pause = await self._look_after(lost_work)
                if await lost_work.is_there_work():
                    self._woken.set()
            except Exception:
                self._woken.set()
                logger.warning("the search for lost work failed and is tried again", exc_info=True)
            await asyncio.sleep(pause)

    async def _look_after(self, lost_work: LostWork) -> float:
        await self.app.job_manager.update_heartbeat(self._own_id)
        running = [context.job.id for context in self._running_jobs.values() if context.job.id]
        pause = await lost_work.put_back(worker_id=self._own_id, running_jobs=running)
        self._look_for_jobs()  # what was put back comes without a notification
        return pause

    async def _fetch_and_process_jobs(self) -> None:
        self._notified = True
        while self._notified and not self._stop_event.is_set():
            self._notified = False
            await super()._fetch_and_process_jobs()  # type: ignore[no-untyped-call]


def _connector() -> PsycopgConnector:
    pool: dict[str, Any] = {"min_size": 1, "max_size": 4, "pool_factory": _make_pool}
    if settings.DATABASE_DIRECT_URL:
        return PsycopgConnector(conninfo=settings.DATABASE_DIRECT_URL, kwargs=NETWORK, **pool)
    return PsycopgConnector(kwargs=connector_params(), **pool)


def _connection_parameters() -> dict[str, Any]:
    """Return how to connect past a pooler, which knows no session's locks and passes nothing on."""
    if settings.DATABASE_DIRECT_URL:
        return {"conninfo": settings.DATABASE_DIRECT_URL}
    return connector_params()


def _make_pool(**options: Any) -> AsyncConnectionPool[Any]:
    options |= {"check": check_alive, "configure": _configure, "connection_class": WatchedAsyncConnection}
    return AsyncConnectionPool(**options)


async def _configure(connection: AsyncConnection[Any]) -> None:
    """Spare what one statement doesn't need. It never goes through a pooler, so it may be prepared."""
    await connection.set_autocommit(True)
    connection.prepare_threshold = 5
