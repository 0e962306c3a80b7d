"""Traces, where they are wanted: from the request through the turn, whichever process runs it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.contract.client import SECONDS, Person, unique, words
from tests.contract.problems import check_problem
from tests.fixtures.site import Site

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SECRET = "the-secret-plan-51b2"


class Collector(ThreadingHTTPServer):
    """Takes traces by OTLP over HTTP."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taker)
        self.spans: list[Any] = []
        self.changed = Condition()

    def await_span(self, name: str) -> Any:
        """Return the first span of the name, once it has come."""
        with self.changed:
            found = self.changed.wait_for(lambda: [each for each in self.spans if each.name == name], SECONDS)
        assert found, [each.name for each in self.spans]
        return found[0]


class _Taker(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.changed:
            for resource in sent.resource_spans:
                for scope in resource.scope_spans:
                    self.server.spans.extend(scope.spans)
            self.server.changed.notify_all()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def site(make_site: Callable[..., Site], collector: Collector) -> Site:
    """A process that serves and one that works, both of which tell."""
    site = make_site(
        "--no-worker",
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.server_port}/",
        OTEL_BSP_SCHEDULE_DELAY="50",
    )
    site.spawn()
    site.wait_for_line("Serving on")
    worker = make_site(command="worker", data_dir=site.data_dir, **site.environment)
    worker.spawn()
    site.wait_until_ready()
    return site


def test_a_turn_goes_on_in_the_trace_of_its_request(
    site: Site, collector: Collector, new_person: Callable[..., Person]
) -> None:
    nia = new_person(site.url)

    answer = nia.ask(words(f"Hello {SECRET}", text="Hi"), header_traceparent=f"00-{TRACE}-{CALLER}-01")

    turn = collector.await_span("turn")
    request = collector.await_span("POST /api/<user_id>/chat")
    stages = [collector.await_span(name) for name in ("turn.wait", "turn.first_text", "turn.reply")]
    assert {each.trace_id.hex() for each in (turn, request, *stages)} == {TRACE}
    assert request.parent_span_id.hex() == CALLER
    assert turn.parent_span_id == request.span_id
    assert {each.parent_span_id for each in stages} == {turn.span_id}
    told = attributes(turn)
    assert told["chat.turn_id"] == answer["turn_id"]
    assert told["chat.conversation_id"] == answer["conversation_id"]
    assert told["chat.status"] == "completed"
    assert attributes(request)["http.response.status_code"] == 200
    moments = [turn.start_time_unix_nano, *(each.end_time_unix_nano for each in stages)]
    assert moments == sorted(moments)
    assert stages[-1].end_time_unix_nano <= turn.end_time_unix_nano
    assert SECRET not in str(collector.spans)


def test_a_failure_is_marked_and_says_no_more_than_its_code(
    site: Site, collector: Collector, new_person: Callable[..., Person]
) -> None:
    check_problem(new_person(site.url).send(words(unique(SECRET), fault="401")), 502, "assistant_failed")

    turn = collector.await_span("turn")
    assert attributes(turn)["chat.status"] == "failed"
    assert (turn.status.code, turn.status.message) == (2, "assistant_failed")
    assert [event.name for event in turn.events] == ["provider failed"]
    assert SECRET not in str(collector.spans)


def test_a_collector_that_is_away_holds_up_nothing(
    make_site: Callable[..., Site], new_person: Callable[..., Person]
) -> None:
    site = make_site(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", OTEL_BSP_SCHEDULE_DELAY="50").start()
    nia = new_person(site.url)

    assert nia.ask(words("Hello", text="Hi"))["response"] == "Hi"

    stopped = time.monotonic()
    assert site.stop() == 0
    assert time.monotonic() - stopped < 8


def attributes(span: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}
