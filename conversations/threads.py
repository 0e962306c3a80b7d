"""The threads in which an event loop's work reaches the database: few, each with a connection that it keeps.

asgiref makes a thread for every request and job, and Channels takes a connection for every call: together half of
what a turn cost (docs/decisions/0023-speed-of-a-turn.md). `in_database` is for one call; `request_threads` is for what
Django runs in the one thread of a request: views that are not asynchronous, its own hooks.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import select
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

import psycopg
from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async
from django.db import OperationalError, connection
from psycopg._connection_base import BaseConnection

CALL_THREADS = 6
REQUEST_THREADS = 4
FAIL_FAST_SECONDS = 0.5
SEARCH_SECONDS = 1.5  # the pool looks for two
LONGEST_WAIT_SECONDS = 5.0

_P = ParamSpec("_P")
_R = TypeVar("_R")


async def in_database(work: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Call a function that reads or writes rows, in a thread with a connection. It ends even if nobody waits."""
    call = functools.partial(contextvars.copy_context().run, work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_calls, call)


def request_threads() -> ThreadSensitiveContext:
    """Let what needs the thread of a request have the least busy of a few."""
    return ThreadSensitiveContext(executor=min(_requests, key=lambda threads: threads.unfinished))


async def in_free_request_thread(work: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Call what takes long in the least busy of these threads as it is now; the request's own was chosen before."""
    if SyncToAsync.thread_sensitive_context.get(None) is None:  # a test's request has no thread but its own
        return await sync_to_async(work)(*args, **kwargs)
    call = functools.partial(contextvars.copy_context().run, work, *args, **kwargs)
    free = min(_requests, key=lambda threads: threads.unfinished)
    return await asyncio.get_running_loop().run_in_executor(free, call)


class DatabaseThreads(ThreadPoolExecutor):
    """Threads that keep their connection from call to call, and see whether it is still one."""

    def __init__(self, count: int, name: str, check: Callable[[], None]) -> None:
        super().__init__(count, name)
        self.unfinished = 0
        self._counting = threading.Lock()  # counted up by the event loop, down by the threads
        self._check = check

    def submit(self, work: Callable[..., _R], /, *args: Any, **kwargs: Any) -> Future[_R]:
        """Call it in a thread; where none is free for too long it raises OperationalError instead."""
        with self._counting:
            is_free = self.unfinished < self._max_workers
            self.unfinished += 1
        run = functools.partial(self._run, work, *args, **kwargs)
        future = super().submit(run) if is_free else self._queue(run)
        future.add_done_callback(self._count_down)
        return future

    def _queue(self, run: Callable[[], _R]) -> Future[_R]:
        answer: Future[_R] = Future()
        ticket = [answer]  # whoever takes it out answers: the thread that comes to it, or the end of patience
        patience = asyncio.get_running_loop().call_later(LONGEST_WAIT_SECONDS, _refuse, ticket)
        answer.add_done_callback(lambda _: patience.cancel())
        super().submit(_answer, ticket, run)
        return answer

    def _run(self, work: Callable[..., _R], *args: Any, **kwargs: Any) -> _R:
        self._check()
        return work(*args, **kwargs)

    def _count_down(self, future: Future[Any]) -> None:
        with self._counting:
            self.unfinished -= 1


def _answer(ticket: list[Future[_R]], run: Callable[[], _R]) -> None:
    answer = ticket.pop() if ticket else None
    if answer is None or not answer.set_running_or_notify_cancel():
        return
    try:
        result = run()
    except BaseException as error:
        answer.set_exception(error)
    else:
        answer.set_result(result)


def _refuse(ticket: list[Future[Any]]) -> None:
    if ticket:
        ticket.pop().set_exception(OperationalError("no connection to the database came free"))


async def check_alive(raw: psycopg.AsyncConnection[Any]) -> None:
    """Raise OperationalError where an idle connection of a pool has lost its server."""
    if not is_alive(raw):
        await raw.close()  # or the pool would take it back as a good one
        raise psycopg.OperationalError("the connection is lost")


def is_alive(raw: BaseConnection[Any]) -> bool:
    """Say whether an idle connection still has a server; without asking it, which would cost a round trip.

    A server that has something to say to nobody's question says farewell.
    """
    if raw.closed or raw.pgconn.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        return False
    said = select.poll()
    said.register(raw.pgconn.socket, select.POLLIN)
    return not said.poll(0)


def _drop_lost_connection() -> None:
    raw: psycopg.Connection[Any] | None = connection.connection
    if raw is not None and not is_alive(raw):
        raw.close()  # or the pool would take it back as a good one
        connection.close()


def _connect() -> None:
    """Connect where there is no connection, unless somebody tried in vain a moment ago."""
    global _last_failure
    _drop_lost_connection()
    if connection.connection is not None:
        return
    if time.monotonic() < _last_failure + FAIL_FAST_SECONDS:
        raise OperationalError("the database could not be reached a moment ago")
    try:
        _search()
    except OperationalError:
        _last_failure = time.monotonic()
        raise
    _last_failure = float("-inf")


def _search() -> None:
    """Connect. The pool refuses all who wait at the end of a search; who came late in it has one of their own."""
    came = time.monotonic()
    try:
        connection.ensure_connection()
    except OperationalError:
        if time.monotonic() - came > SEARCH_SECONDS:
            raise
        connection.ensure_connection()


_last_failure = float("-inf")
_calls = DatabaseThreads(CALL_THREADS, "database", _connect)
_requests = [
    DatabaseThreads(1, f"request-{number}", _drop_lost_connection) for number in range(REQUEST_THREADS)
]
