"""Traces for OpenTelemetry: a span for each request and each turn. Loaded where OTEL_EXPORTER_OTLP_ENDPOINT is set.

A turn goes on in the trace that its message came in, whichever process runs it: the trace's name waits in the turn's
row. The provider of traces is our own and not the process's, so that no library starts to tell of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chatsite.lifecycle import CannotStart
from conversations import log_ids, watching
from conversations.errors import AssistantError
from conversations.responder import Step, TurnRequest

SEND_SECONDS = 3.0  # a collector that is away holds up the process's end by so much

_propagator = TraceContextTextMapPropagator()
_tracer: trace.Tracer = trace.NoOpTracer()


def start_tracing() -> None:
    """Send spans from now on; called where a server or a worker starts."""
    global _tracer
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise CannotStart(
            f"OTEL_EXPORTER_OTLP_ENDPOINT is set, but {error.name} is not installed: "
            "`pip install -r requirements-otel.txt`, or take the setting away."
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": settings.OTEL_SERVICE_NAME}))
    endpoint = f"{settings.OTEL_EXPORTER_OTLP_ENDPOINT.rstrip('/')}/v1/traces"
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=SEND_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = provider.get_tracer("chatsite")
    watching.add(Tracing(_tracer))


class TracedRequests:
    """Django middleware: a span for each request, in the trace that its caller names."""

    async_capable, sync_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        method = str(request.method)
        with _tracer.start_as_current_span(
            method,
            context=_propagator.extract(request.headers),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": method, "chat.request_id": request.request_id},  # type: ignore[attr-defined]
            record_exception=False,  # its words may be a customer's
        ) as span:
            response: HttpResponseBase = await self._get_response(request)
            if request.resolver_match is not None:
                route = f"/{request.resolver_match.route}"
                span.update_name(f"{method} {route}")
                span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= 500:
                span.set_status(StatusCode.ERROR)
            return response


class Tracing(watching.Watcher):
    """A span for each attempt of a turn, with one for each stage in it: waiting, up to the first text, the rest."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer
        self._runs: dict[str, _Run] = {}

    def trace_parent(self) -> str:
        carrier: dict[str, str] = {}
        _propagator.inject(carrier)
        return carrier.get("traceparent", "")

    def claimed(self, request: TurnRequest) -> None:
        now = time.time_ns()
        began = min(now, _nanoseconds(request.queued_at) or now)
        span = self._tracer.start_span(
            "turn",
            context=_propagator.extract({"traceparent": request.trace_parent}),
            kind=SpanKind.CONSUMER,
            start_time=began,
            attributes={
                "chat.conversation_id": request.conversation_id,
                "chat.turn_id": request.turn_id,
                "chat.attempt": request.attempt,
            },
        )
        run = self._runs[request.turn_id] = _Run(self._tracer, span)
        run.enter("turn.wait", began)
        run.enter("turn.first_text", now)

    def text_shown(self, request: TurnRequest) -> None:
        if run := self._runs.get(request.turn_id):
            run.enter("turn.reply", time.time_ns())

    def step_stored(self, request: TurnRequest, step: Step) -> None:
        if run := self._runs.get(request.turn_id):
            usage = {"input_tokens": step.usage.input_tokens, "output_tokens": step.usage.output_tokens}
            run.span.add_event("step stored", {"model": step.model, **usage})
            if step.final:
                run.span.set_attribute("chat.status", "completed")

    def try_failed(self, error: AssistantError) -> None:
        if run := self._runs.get(log_ids.turn.get()):
            run.span.add_event("provider failed", {"code": error.code})

    def ended(self, turn_id: str, status: str, code: str) -> None:
        if run := self._runs.get(turn_id):
            run.span.set_attribute("chat.status", status)
            if code:
                run.span.set_status(Status(StatusCode.ERROR, code))

    def released(self, request: TurnRequest) -> None:
        if run := self._runs.pop(request.turn_id, None):
            run.end()


class _Run:
    """The span of an attempt, and of the stage that it is in."""

    def __init__(self, tracer: trace.Tracer, span: Span) -> None:
        self.span = span
        self._tracer = tracer
        self._stage: Span | None = None

    def enter(self, name: str, now: int) -> None:
        if self._stage is not None:
            self._stage.end(now)
        self._stage = self._tracer.start_span(
            name, context=trace.set_span_in_context(self.span), start_time=now
        )

    def end(self) -> None:
        if self._stage is not None:
            self._stage.end()
        self.span.end()


def _nanoseconds(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp() * 1e9)
