"""The figures of the site and of the database pool, looked up when they are read."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from chatsite import bounded
from conversations.models import Turn

logger = logging.getLogger(__name__)

# What waits or runs is found by the index `turn_unfinished`, so this costs what the queue is long, not what the site
# is old. A turn that was queued again still has its first time: its beginning in the log tells when.
_FIGURES = """
with unfinished as (
    select status, started_at, queued_at, conversation_id, before_seq from conversations_turn
    where status in ('queued', 'running', 'waiting_approval')
), waits as (
    select case when started_at is null then queued_at else (
        select created_at from conversations_event as event
        where event.conversation_id = unfinished.conversation_id and seq = before_seq + 1
    ) end as since from unfinished where status = 'queued'
)
select
    (select coalesce(json_object_agg(status, n), '{}') from (
        select status, count(*) as n from unfinished group by status
    ) as counted) as turns,
    (select coalesce(extract(epoch from now() - min(since)), 0)::float8 from waits) as oldest,
    (select coalesce(nullif(pg_stat_get_live_tuples(oid), 0), greatest(reltuples, 0))::float8
        from pg_class where oid = 'conversations_event'::regclass) as log_rows,
    pg_total_relation_size('conversations_event')::float8 as log_bytes,
    (select count(*) from conversations_living_worker) as workers
"""


class SiteFigures(Collector):
    """Asks the database one question for each reading. When it is away, only its own figures are missing."""

    def collect(self) -> Iterator[Metric]:
        figures = _ask()
        yield GaugeMetricFamily(
            "chat_database_up", "Whether the database answered this reading.", float(figures is not None)
        )
        yield from _of_pool()
        if figures is not None:
            yield from _of_site(*figures)


def _ask() -> tuple[Any, ...] | None:
    try:
        return bounded.ask(_FIGURES)
    except bounded.NoAnswer as error:
        logger.warning("the site's figures can't be read: %s", error)
        return None


def _of_site(
    turns: dict[str, int], oldest: float, log_rows: float, log_bytes: float, workers: int
) -> Iterator[Metric]:
    by_status = GaugeMetricFamily("chat_turns", "Unfinished turns of the site.", labels=["status"])
    for status in Turn.UNFINISHED:
        by_status.add_metric([status.value], turns.get(status.value, 0))
    yield by_status
    yield GaugeMetricFamily(
        "chat_queue_oldest_seconds", "How long the oldest queued turn of the site has waited.", max(oldest, 0)
    )
    yield GaugeMetricFamily("chat_event_log_rows", "Rows of the event log, estimated.", log_rows)
    yield GaugeMetricFamily("chat_event_log_bytes", "Size of the event log with its index.", log_bytes)
    yield GaugeMetricFamily("chat_workers", "Workers of the site that live.", workers)


def _of_pool() -> Iterator[Metric]:
    stats = bounded.pool().get_stats()
    size, available = stats.get("pool_size", 0), stats.get("pool_available", 0)
    connections = GaugeMetricFamily(
        "chat_database_connections", "Connections of this process's pool.", labels=["state"]
    )
    connections.add_metric(["in_use"], size - available)
    connections.add_metric(["idle"], available)
    yield connections
    yield GaugeMetricFamily(
        "chat_database_connections_max", "What the pool may have.", stats.get("pool_max", 0)
    )
    yield GaugeMetricFamily(
        "chat_database_waiting", "Who waits for a connection of the pool.", stats.get("requests_waiting", 0)
    )
    yield CounterMetricFamily(
        "chat_database_refused",
        "Who waited for a connection of the pool in vain.",
        stats.get("requests_errors", 0),
    )
