"""The worker of this process, if it has one: a message that needs to wait for nobody is answered where it was sent.

Its job is stored as taken, in the transaction that stores the message: so it need not be fetched, nor its turn claimed
(docs/decisions/0041-answered-where-sent.md).
"""

from __future__ import annotations

from typing import Protocol

from conversations import rows
from conversations.lifeline import QUEUE
from conversations.responder import TurnRequest

TASK = "conversations.run_turns"


class Worker(Protocol):
    """Runs turns in this process."""

    @property
    def free_id(self) -> int | None:
        """Its id in the queue's tables, None while it can take nothing; asked by any thread."""

    def take(self, job_id: int, request: TurnRequest) -> None:
        """Run a turn that its job has claimed, once that is committed; called by any thread, and never fails."""


def find() -> Worker | None:
    """Return the worker that would run a turn now."""
    return next((worker for worker in _workers if worker.free_id is not None), None)


def offer(worker: Worker) -> None:
    """Let this process's messages go to the worker."""
    _workers.append(worker)


def withdraw(worker: Worker) -> None:
    """Let it have no more of them."""
    if worker in _workers:
        _workers.remove(worker)


def store_taken_job(worker: Worker, conversation_id: str) -> int | None:
    """Store a job that the worker has taken, inside the caller's transaction; None where it takes nothing any more.

    All workers are told, as of any other job: one that sleeps has to look whether this one lives.
    """
    stored = rows.run(_STORE_TAKEN, [QUEUE, TASK, conversation_id, worker.free_id])
    return stored[0][0] if stored else None


_workers: list[Worker] = []

_STORE_TAKEN = """
with taken as (
    insert into procrastinate_jobs (queue_name, task_name, args, status, worker_id)
    select %s, %s, jsonb_build_object('conversation_id', %s::text), 'doing', id from procrastinate_workers where id = %s
    returning id, queue_name
)
select id, pg_notify('procrastinate_queue_v1#' || queue_name, '{"type": "job_taken"}') from taken
"""
