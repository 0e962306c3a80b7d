"""Finds work that nobody does any more and puts it back: of workers that died or froze, or lost their connection."""

from __future__ import annotations

import logging
import time
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from procrastinate.manager import JobManager

from conversations import services
from conversations.lifeline import LONG_DUE, QUEUE
from conversations.threads import in_database

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
# How long something must look lost before it is taken for lost.
GONE_SECONDS = 0.4
FROZEN_SECONDS = 10.0
DROPPED_SECONDS = 2.0


class LostWork:
    """One worker's search. What it sees it must see for a while: a line that was cut is soon held again."""

    def __init__(self, manager: JobManager) -> None:
        self._manager = manager
        self._suspected_since: dict[Hashable, float] = {}

    async def put_back(self, *, worker_id: int, running_jobs: Iterable[int]) -> float:
        """Put what is lost back into the queue, where it goes on from what is stored.

        Returns after how many seconds to look again.
        """
        found = await self._manager.connector.execute_query_all_async(
            query=_DOING, queue=QUEUE, worker_id=worker_id, running=list(running_jobs)
        )
        suspicions = [suspicion for row in found for suspicion in _suspicions(row, worker_id)]
        for job in self._confirm(suspicions):
            logger.warning("job %s lost its worker and is taken back", job)
            await self._manager.retry_job_by_id_async(job_id=job, retry_at=LONG_DUE)
        if await in_database(services.queue_orphans):
            logger.warning("turns without a job were queued again")
        return min([LOOK_SECONDS, *(suspicion.patience for suspicion in suspicions)])

    async def is_there_work(self) -> bool:
        """Say whether anybody has work: as long as somebody has, it may be lost."""
        found = await self._manager.connector.execute_query_one_async(query=_WORK, queue=QUEUE)
        return bool(found["work"])

    def _confirm(self, suspicions: list[_Suspicion]) -> list[int]:
        """Return the jobs that have looked lost for long enough, and remember the others."""
        now = time.monotonic()
        since = {each.evidence: self._suspected_since.get(each.evidence, now) for each in suspicions}
        self._suspected_since = since
        return [
            job for each in suspicions if now - since[each.evidence] >= each.patience for job in each.jobs
        ]


@dataclass(frozen=True, slots=True)
class _Suspicion:
    evidence: Hashable
    patience: float
    jobs: list[int]


def _suspicions(row: dict[str, Any], worker_id: int) -> Iterator[_Suspicion]:
    owner, jobs = row["worker_id"], row["jobs"]
    if owner == worker_id:  # the database says that we run them, but we don't
        for job in jobs:
            yield _Suspicion(job, DROPPED_SECONDS, [job])
    elif not row["lives"]:
        yield _Suspicion(("gone", owner), GONE_SECONDS, jobs)
    else:
        yield _Suspicion((owner, row["last_heartbeat"]), FROZEN_SECONDS, jobs)


_DOING = """
select job.worker_id, worker.last_heartbeat, array_agg(job.id) as jobs, exists (
    select from conversations_living_worker as living where living.lock = job.worker_id %% 2147483648
) as lives
from procrastinate_jobs as job left join procrastinate_workers as worker on worker.id = job.worker_id
where job.status = 'doing' and job.queue_name = %(queue)s
and not (job.worker_id is not distinct from %(worker_id)s and job.id = any(%(running)s))
group by job.worker_id, worker.last_heartbeat
"""

_WORK = """
select exists (select from procrastinate_jobs where status in ('todo', 'doing') and queue_name = %(queue)s) as work
"""
