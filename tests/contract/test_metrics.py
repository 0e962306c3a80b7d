"""GET /metrics: what an operator watches, and who may."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import httpx
import psycopg
import pytest

from tests.contract.client import SECONDS, Person, words
from tests.contract.metrics import Reading, await_metrics, read_metrics
from tests.contract.problems import check_problem
from tests.fixtures.site import Site, free_port

TOKEN = "metrics-token-4f1c"


@pytest.fixture
def before(live_site: Site, maya: Person) -> Reading:
    return read_metrics(live_site.url)


@pytest.fixture(scope="module")
def guarded(live_site: Site) -> Iterator[Site]:
    """A second process of the site, with a token."""
    site = Site(
        live_site.data_dir,
        free_port(),
        {"METRICS_TOKEN": TOKEN, "ALLOWED_HOSTS": "localhost,chat.example"},
        ("--no-worker",),
    )
    yield site.start()
    site.stop()


class TestFigures:
    def test_a_reply_is_counted_and_timed(self, live_site: Site, maya: Person, before: Reading) -> None:
        maya.ask(words("Hello", text="Hi there"))

        after = await_metrics(
            live_site.url,
            lambda now: grown(before, now, "chat_turns_ended_total", status="completed") == 1,
        )
        assert grown(before, after, "chat_turns_sent_total") == 1
        for times in ("chat_turn_wait_seconds", "chat_turn_first_token_seconds", "chat_turn_reply_seconds"):
            assert grown(before, after, f"{times}_count") == 1, times
            assert 0 < grown(before, after, f"{times}_sum") < SECONDS, times
        for direction in ("input", "output"):
            assert grown(before, after, "chat_tokens_total", model="practice", direction=direction) > 0

    def test_a_running_turn_and_its_readers_are_seen_while_they_last(
        self, live_site: Site, maya: Person, before: Reading
    ) -> None:
        turn = maya.start(words("Story", words=2000, pace=50))
        where = turn["conversation_id"]
        with maya.following(where) as events, maya.socket(f"/ws/conversations/{where}/"):
            next(event for event in events if event.delta)
            during = read_metrics(live_site.url)
            maya.cancel(where, turn["turn_id"])

        assert grown(before, during, "chat_turns_running") == 1
        assert grown(before, during, "chat_turns", status="running") == 1
        assert grown(before, during, "chat_streams_open") == 1
        assert grown(before, during, "chat_sockets_open") == 1
        assert grown(before, during, "chat_event_log_bytes") >= 0
        after = await_metrics(
            live_site.url,
            lambda now: (
                not any(
                    grown(before, now, name)
                    for name in ("chat_turns_running", "chat_turns", "chat_streams_open", "chat_sockets_open")
                )
            ),
        )
        assert grown(before, after, "chat_turns_ended_total", status="cancelled") == 1

    def test_a_client_that_only_breaks_off_leaves_no_stream_behind(
        self, live_site: Site, maya: Person, before: Reading
    ) -> None:
        turn = maya.start(words("Hello", text="Hi"))
        path = f"/api/{maya.user_id}/conversations/{turn['conversation_id']}/events"
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {maya.access}\r\n\r\n"
        with socket.create_connection(("localhost", live_site.port), timeout=SECONDS) as raw:
            raw.sendall(request.encode())
            assert b"200" in raw.recv(4096)
            await_metrics(live_site.url, lambda now: grown(before, now, "chat_streams_open") == 1)

        await_metrics(live_site.url, lambda now: grown(before, now, "chat_streams_open") == 0)

    def test_a_failure_of_the_provider_has_its_code_and_status(
        self, live_site: Site, maya: Person, before: Reading
    ) -> None:
        maya.send(words("Hello", fault="401"))

        after = await_metrics(
            live_site.url,
            lambda now: grown(before, now, "chat_turns_failed_total", code="assistant_failed") == 1,
        )
        assert grown(before, after, "chat_turns_ended_total", status="failed") == 1
        assert grown(before, after, "chat_provider_errors_total", code="assistant_failed", status="401") == 1

    def test_requests_are_counted_by_route_and_never_by_address(
        self, live_site: Site, maya: Person, before: Reading
    ) -> None:
        answer = maya.ask(words("Hello", text="Hi"))
        maya.conversation(answer["conversation_id"])
        httpx.get(f"{live_site.url}/nothing-of-the-kind")
        httpx.request("BREW", f"{live_site.url}/metrics")

        after = read_metrics(live_site.url)
        route = "/api/<user_id>/conversations/<conversation_id>"
        assert grown(before, after, "chat_http_requests_total", method="GET", route=route, status="200") == 1
        assert grown(before, after, "chat_http_request_seconds_count", route=route) == 1
        assert grown(before, after, "chat_http_requests_total", route="none", status="404") == 1
        assert grown(before, after, "chat_http_requests_total", method="other", status="405") == 1
        assert not [value for value in after.labels if maya.user_id in value or "conv_" in value]
        assert "/nothing-of-the-kind" not in after.labels

    def test_the_site_and_its_pool_are_described(self, live_site: Site) -> None:
        reading = read_metrics(live_site.url)

        assert reading.value("chat_database_up") == 1
        assert reading.value("chat_workers") == 1
        assert reading.value("chat_database_connections") > 0
        assert reading.value("chat_database_connections_max") >= reading.value("chat_database_connections")
        assert reading.value("chat_event_log_bytes") > 0
        assert {"chat_queue_oldest_seconds", "chat_event_log_rows", "chat_database_waiting"} <= reading.names
        assert reading.value("process_resident_memory_bytes") > 0

    def test_a_queue_that_nobody_works_on_grows_older(
        self, make_site: Callable[..., Site], new_person: Callable[..., Person]
    ) -> None:
        site = make_site("--no-worker")
        site.spawn()
        site.wait_for_line("Serving on")
        nia = new_person(site.url)
        for _ in range(2):
            nia.start("Is anybody there?")

        reading = await_metrics(site.url, lambda now: now.value("chat_queue_oldest_seconds") > 0.5)

        assert reading.value("chat_turns", status="queued") == 2
        assert reading.value("chat_workers") == 0

    def test_reading_waits_for_nobody(self, live_site: Site, maya: Person) -> None:
        """Somebody has locked the table: its figures are missing, the others are there."""
        with psycopg.connect(live_site.database) as blocker:
            blocker.execute("lock table conversations_turn in access exclusive mode")

            reading = read_metrics(live_site.url)

        assert reading.value("chat_database_up") == 0
        assert "chat_turns" not in reading.names
        assert reading.value("process_resident_memory_bytes") > 0


class TestWorker:
    def test_a_worker_tells_what_it_runs_and_the_server_what_it_serves(
        self, make_site: Callable[..., Site], new_person: Callable[..., Person]
    ) -> None:
        site = make_site("--no-worker")
        site.spawn()
        site.wait_for_line("Serving on")
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        make_site(command="worker", data_dir=site.data_dir, METRICS_PORT=str(port)).spawn()
        site.wait_until_ready()
        new_person(site.url).ask(words("Hello", text="Hi"))

        told = await_metrics(url, lambda now: now.value("chat_turn_reply_seconds_count") == 1)
        served = read_metrics(site.url)

        assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
        assert httpx.get(f"{url}/readyz").status_code == 200
        check_problem(httpx.get(f"{url}/"), 404, "not_found")
        check_problem(httpx.get(f"{url}/metrics", headers={"Via": "1.1 proxy"}), 404, "not_found")
        assert told.value("chat_turns_ended_total", status="completed") == 1
        assert told.value("chat_turn_reply_seconds_count") == 1
        assert told.value("chat_workers") == served.value("chat_workers") == 1
        assert told.value("chat_http_requests_total") == 0
        assert served.value("chat_turns_sent_total") == 1
        assert served.value("chat_turns_ended_total") == 0


class TestAccess:
    @pytest.mark.parametrize(
        "header",
        [
            {"X-Forwarded-For": "127.0.0.1"},
            {"X-Forwarded-For": ""},
            {"X-Forwarded-Proto": "https"},
            {"X-Real-IP": "127.0.0.1"},
            {"Forwarded": "for=127.0.0.1"},
            {"Via": "1.1 proxy"},
        ],
    )
    def test_who_comes_by_a_proxy_is_a_stranger(
        self, live_site: Site, guarded: Site, header: dict[str, str]
    ) -> None:
        check_problem(httpx.get(f"{live_site.url}/metrics", headers=header), 404, "not_found")
        check_problem(httpx.get(f"{guarded.url}/metrics", headers=header), 401, "not_authenticated")

    @pytest.mark.parametrize("value", [f"Bearer {TOKEN}x", "Bearer", f"Basic {TOKEN}", TOKEN])
    def test_a_wrong_token_opens_nothing(self, guarded: Site, value: str) -> None:
        headers = {"X-Forwarded-For": "192.0.2.7", "Authorization": value}

        check_problem(httpx.get(f"{guarded.url}/metrics", headers=headers), 401, "not_authenticated")

    def test_the_token_opens_from_everywhere(self, guarded: Site) -> None:
        headers = {"X-Forwarded-For": "192.0.2.7", "Authorization": f"Bearer {TOKEN}"}

        answer = httpx.get(f"{guarded.url}/metrics", headers=headers)

        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert "chat_turns_sent_total" in answer.text

    def test_who_asks_by_the_public_name_is_a_stranger(self, guarded: Site) -> None:
        """A proxy that leaves no trace in the headers passes on the name that people type."""
        for host in ("chat.example", f"chat.example:{guarded.port}"):
            answer = httpx.get(f"{guarded.url}/metrics", headers={"Host": host})

            check_problem(answer, 401, "not_authenticated")

    def test_an_empty_bearer_is_not_the_missing_token(self, live_site: Site) -> None:
        headers = {"X-Forwarded-For": "192.0.2.7", "Authorization": "Bearer"}

        check_problem(httpx.get(f"{live_site.url}/metrics", headers=headers), 404, "not_found")

    def test_it_is_only_read(self, live_site: Site) -> None:
        answer = httpx.post(f"{live_site.url}/metrics")

        check_problem(answer, 405, "method_not_allowed")
        assert answer.headers["Allow"] == "GET, HEAD"


def grown(before: Reading, after: Reading, name: str, **labels: str) -> float:
    return after.value(name, **labels) - before.value(name, **labels)
