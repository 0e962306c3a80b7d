"""The figures of this process, counted as things happen: in memory, a microsecond each, from any thread.

A label takes few values: no id, no address, no name of a person.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

from conversations import prices, watching
from conversations.errors import AssistantError
from conversations.models import Turn
from conversations.responder import Step, TurnRequest

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter, which nobody looks at

registry = CollectorRegistry()
ProcessCollector(registry=registry)

TURNS_SENT = Counter(
    "chat_turns_sent", "Turns queued or handed to the staff: messages, and retries.", registry=registry
)
TURNS_ENDED = Counter("chat_turns_ended", "Turns that ended, by how.", ["status"], registry=registry)
TURNS_FAILED = Counter(
    "chat_turns_failed", "Turns that failed, by the code told.", ["code"], registry=registry
)
TURNS_RUNNING = Gauge("chat_turns_running", "Turns that this process runs now.", registry=registry)
TURNS_RESUMED = Counter(
    "chat_turns_resumed", "Turns taken over from an attempt that died or was given back.", registry=registry
)
WAIT = Histogram(
    "chat_turn_wait_seconds",
    "From a message to the start of its turn.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
    registry=registry,
)
FIRST_TOKEN = Histogram(
    "chat_turn_first_token_seconds",
    "From a message to the first text of its reply.",
    buckets=(0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 30, 60, 120),
    registry=registry,
)
REPLY = Histogram(
    "chat_turn_reply_seconds",
    "From a message to the end of its complete reply.",
    buckets=(0.1, 0.25, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60, 90, 120, 300),
    registry=registry,
)
TOKENS = Counter(
    "chat_tokens", "Tokens that the provider counted.", ["model", "direction"], registry=registry
)
COST = Counter(
    "chat_cost_dollars", "What calls of models cost, where a price is known.", ["model"], registry=registry
)
PROVIDER_ERRORS = Counter(
    "chat_provider_errors",
    "Tries that the provider failed, by our code and its HTTP status (or none).",
    ["code", "status"],
    registry=registry,
)
SOCKETS = Gauge("chat_sockets_open", "WebSockets that are open.", registry=registry)
STREAMS = Gauge("chat_streams_open", "Streams of server-sent events that are open.", registry=registry)
SLOW_READERS = Counter(
    "chat_slow_readers_dropped", "Readers given up because they didn't read.", registry=registry
)
REQUESTS = Counter(
    "chat_http_requests", "Requests answered.", ["method", "route", "status"], registry=registry
)
REQUEST_TIME = Histogram(
    "chat_http_request_seconds",
    "From a request to the beginning of its answer.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=registry,
)


class Counting(watching.Watcher):
    """Counts what happens to turns."""

    def sent(self) -> None:
        TURNS_SENT.inc()

    def claimed(self, request: TurnRequest) -> None:
        TURNS_RUNNING.inc()
        if request.attempt > 1:
            TURNS_RESUMED.inc()
        else:
            _observe(WAIT, request.queued_at)

    def text_shown(self, request: TurnRequest) -> None:
        _observe(FIRST_TOKEN, request.queued_at)

    def step_stored(self, request: TurnRequest, step: Step) -> None:
        TOKENS.labels(step.model, "input").inc(step.usage.input_tokens)
        TOKENS.labels(step.model, "output").inc(step.usage.output_tokens)
        if (cost := prices.cost_of(step.model, step.usage)) is not None:
            COST.labels(step.model).inc(float(cost))
        if step.final:
            TURNS_ENDED.labels(Turn.Status.COMPLETED.value).inc()
            _observe(REPLY, request.queued_at)

    def released(self, request: TurnRequest) -> None:
        TURNS_RUNNING.dec()

    def ended(self, turn_id: str, status: str, code: str) -> None:
        TURNS_ENDED.labels(status).inc()
        if code:
            TURNS_FAILED.labels(code).inc()

    def try_failed(self, error: AssistantError) -> None:
        status = getattr(error.__cause__, "status", None)
        PROVIDER_ERRORS.labels(error.code, str(status or "none")).inc()


def _observe(histogram: Histogram, since: datetime | None) -> None:
    if since is not None:
        # Another machine may have taken the time: its clock may be ahead.
        histogram.observe(max(0.0, (timezone.now() - since).total_seconds()))
