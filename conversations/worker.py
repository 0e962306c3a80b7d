"""The worker: fetches turns' jobs, and takes back those of workers that died.

Procrastinate 3.10 loses a notification that comes while it fetches, until its next poll (seen in 9 % of sends
that follow each other closely), so `TurnWorker` replaces that one loop, and the listening too: it polls and beats
only while there is work. It leans on private methods: the version is pinned, and a test fails when they change.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import time
from typing import Any, cast

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job, Status
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations import at_hand, events, jobs
from conversations.finished_jobs import FinishedJobs
from conversations.lifeline import QUEUE, Notification, hold_lifeline
from conversations.lost_connections import NETWORK, WatchedAsyncConnection
from conversations.lost_work import LOOK_SECONDS, LostWork
from conversations.responder import TurnRequest
from conversations.threads import check_alive

logger = logging.getLogger(__name__)

CONCURRENCY = 1000
RESTART_SECONDS = 1.0
GRACE_SECONDS = 3.0
SIGN_OFF_SECONDS = 2.0
OPEN_SECONDS = 8.0
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
        ending = asyncio.create_task(worker.ends.wait())
        at_hand.offer(worker)
        try:
            await asyncio.wait([running, ending, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
            at_hand.withdraw(worker)
            worker.stop()  # type: ignore[no-untyped-call]
            await _end(worker, running)


async def _prepare(stopping: asyncio.Task[bool]) -> bool:
    """Get the responder ready, or return False when there is no time left for it."""
    preparing = asyncio.create_task(jobs.prepare_responder())
    await asyncio.wait([preparing, stopping], return_when=asyncio.FIRST_COMPLETED)
    if not preparing.done():
        preparing.cancel()
        return False
    preparing.result()
    return True


async def _end(worker: TurnWorker, running: asyncio.Task[None]) -> None:
    """Wait for the worker's end, but not for a database that is away: the others notice, or the next worker."""
    patience = SIGN_OFF_SECONDS + (GRACE_SECONDS if worker.is_busy else 0)
    await asyncio.wait([running], timeout=patience)
    if running.done():
        running.result()
    else:
        logger.warning("the worker could not sign off: the database is away, or slow")
        running.cancel()


class TurnWorker(Worker):
    """Procrastinate's worker, without the lost notification, and silent while there is nothing to do."""

    _notified = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ends = asyncio.Event()  # told to, or since the database is lost

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
        self._finished_jobs = FinishedJobs(self.app.job_manager)
        line = hold_lifeline(_connection_parameters(), self._own_id, self._hear)
        return [
            *super()._start_side_tasks(),
            asyncio.create_task(line, name="life line"),
            asyncio.create_task(self._work_while_there_is_some(), name="work"),
        ]

    @property
    def free_id(self) -> int | None:
        """Its id, while it can take a job that it needn't fetch (`at_hand.Worker`)."""
        is_free = (
            self._loop is not None and not self._stop_event.is_set() and not self._job_semaphore.locked()
        )
        return self.worker_id if is_free else None

    def take(self, job_id: int, request: TurnRequest) -> None:
        """Run a job that was stored as taken; from any thread. One that comes too late is seen as lost."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop was closed
                loop.call_soon_threadsafe(self._run_taken, job_id, request)

    def _run_taken(self, job_id: int, request: TurnRequest) -> None:
        """Do for a job what the superclass does for one that it has fetched."""
        if self._stop_event.is_set():
            return
        job = Job(
            id=job_id, queue=QUEUE, lock=None, queueing_lock=None, task_name=at_hand.TASK,
            task_kwargs={"conversation_id": request.conversation_id}, worker_id=self.worker_id,
        )  # fmt: skip
        context = JobContext(
            start_timestamp=time.time(),
            app=self.app,
            worker_name=self.worker_name,
            worker_queues=self.queues,
            job=job,
            additional_context={jobs.BEGUN: request},
            abort_reason=lambda: self._job_ids_to_abort.get(job_id),
        )
        task = asyncio.create_task(self._process_job(context), context=contextvars.Context())
        self._running_jobs[task] = context
        task.add_done_callback(self._running_jobs.pop)
        self._woken.set()

    async def _shutdown(self, side_tasks: list[asyncio.Task[Any]]) -> None:
        self.ends.set()
        await super()._shutdown(side_tasks)

    async def _persist_job_status(
        self, job: Job, status: Status, retry_decision: Any, *rest: Any, **named: Any
    ) -> None:
        """Let go of a job that is done, together with others; all else is as the superclass does it."""
        if status is not Status.SUCCEEDED or retry_decision or job.id is None:
            await super()._persist_job_status(job, status, retry_decision, *rest, **named)
            return
        await self._finished_jobs.delete(job.id)
        self._job_ids_to_abort.pop(job.id, None)

    async def _hear(self, notification: Notification | None) -> None:
        self._woken.set()
        if notification is None or notification["type"] == "job_inserted":
            self._look_for_jobs()
        elif notification["type"] != "job_taken":
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
    return _ImpatientPool(**options)


class _ImpatientPool(AsyncConnectionPool[Any]):
    """The pool's own tries to connect come ever more seldom; another worker's begin anew."""

    async def open(self, wait: bool = False, timeout: float = OPEN_SECONDS) -> None:  # noqa: ASYNC109 - psycopg's
        await super().open(wait, timeout)


async def _configure(connection: AsyncConnection[Any]) -> None:
    """Spare what one statement doesn't need. It never goes through a pooler, so it may be prepared."""
    await connection.set_autocommit(True)
    connection.prepare_threshold = 5
