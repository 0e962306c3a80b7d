"""The worker: fetches turns' jobs, and takes back those of workers that died.

Procrastinate 3.10 loses a notification that comes while it fetches, until its next poll (seen in 9 % of sends
that follow each other closely), so `TurnWorker` replaces that one loop. It leans on private methods: the version
is pinned, and a test fails when they change.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.jobs import Notification
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker

from conversations import events, jobs, services

logger = logging.getLogger(__name__)

CONCURRENCY = 1000
POLL_SECONDS = 1.0
HEARTBEAT_SECONDS = 1.0
DEAD_AFTER_SECONDS = 3.0
GRACE_SECONDS = 3.0


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
                await asyncio.wait([stopping], timeout=POLL_SECONDS)
    finally:
        stopping.cancel()
        await jobs.close_responder()


async def _run_one_worker(stopping: asyncio.Task[bool], concurrency: int) -> None:
    await jobs.prepare_responder()
    worker_app = app.with_connector(_connector())
    async with worker_app.open_async():
        worker = TurnWorker(
            app=worker_app,
            name="turns",
            queues=["turns"],
            concurrency=concurrency,
            fetch_job_polling_interval=POLL_SECONDS,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=DEAD_AFTER_SECONDS,
            shutdown_graceful_timeout=GRACE_SECONDS,
            delete_jobs="successful",
            install_signal_handlers=False,
        )
        sweep = asyncio.create_task(_sweep(worker))
        running = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
        try:
            await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            worker.stop()  # type: ignore[no-untyped-call]
            sweep.cancel()
            await asyncio.wait([running])
        running.result()


class TurnWorker(Worker):
    """Procrastinate's worker without the lost notification."""

    _notified = False

    async def _handle_notification(self, *, channel: str, notification: Notification) -> None:
        self._notified = True
        await super()._handle_notification(channel=channel, notification=notification)

    async def _fetch_and_process_jobs(self) -> None:
        self._notified = True
        while self._notified and not self._stop_event.is_set():
            self._notified = False
            await super()._fetch_and_process_jobs()  # type: ignore[no-untyped-call]


def _connector() -> PsycopgConnector:
    pool: dict[str, Any] = {"min_size": 1, "max_size": 4}
    if settings.DATABASE_DIRECT_URL:
        return PsycopgConnector(conninfo=settings.DATABASE_DIRECT_URL, **pool)
    return PsycopgConnector(kwargs=connector_params(), **pool)


async def _sweep(worker: TurnWorker) -> None:
    """Look for lost work for as long as the worker runs."""
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        try:
            await _take_back_jobs(worker)
            if await database_sync_to_async(services.queue_orphans)():
                logger.warning("turns without a job were queued again")
        except Exception:
            logger.warning("the search for lost work failed and is tried again", exc_info=True)


async def _take_back_jobs(worker: TurnWorker) -> None:
    """Put the jobs of dead workers back into the queue; their turns go on from what is stored."""
    manager = worker.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
        # A busy machine may have kept us from our own heartbeat; our own jobs live.
        if job.worker_id != worker.worker_id:
            logger.warning("job %s lost its worker and is taken back", job.id)
            await manager.retry_job(job)
