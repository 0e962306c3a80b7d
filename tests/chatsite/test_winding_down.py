"""A server that is told to stop: who is served on, who is sent away, and with what words."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.contract.client import Person, close_code, guest, read_events, words
from tests.environment import forget_at_power_loss, remove
from tests.fixtures.site import Site, free_port

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One folder for all: making a database is what takes longest."""
    folder = tmp_path_factory.mktemp("winding") / "data"
    forget_at_power_loss(folder)
    yield folder
    remove(folder)


@pytest.fixture
def make_site(data_dir: Path) -> Iterator[Callable[..., Site]]:
    sites: list[Site] = []

    def make(*options: str, **settings: str) -> Site:
        limits = {"AUTH_RATE_PER_MINUTE": "0", "CHAT_RATE_PER_MINUTE": "0"}
        sites.append(Site(data_dir, free_port(), {**limits, **settings}, options))
        return sites[-1]

    yield make
    for site in sites:
        site.stop()


@pytest.fixture
def make_server(make_site: Callable[..., Site]) -> Callable[..., Site]:
    return lambda *options, **settings: make_site(*options, **settings).start()


def test_while_it_drains_it_serves_and_says_that_it_stops(make_server: Callable[..., Site]) -> None:
    site = make_server("--drain", "4")
    person = guest(site.url)
    assert site.process is not None

    site.process.send_signal(signal.SIGTERM)
    unready = await_unready(site)

    assert unready.json() == {"status": "stopping"}
    assert httpx.get(f"{site.url}/healthz").json() == {"status": "stopping"}
    assert person.send("Hello", header_Prefer="respond-async").status_code in (200, 202)
    assert site.process.wait(30) == 0
    assert "Traceback" not in site.log


def test_a_server_without_worker_gives_its_proxy_time_to_notice(make_site: Callable[..., Site]) -> None:
    site = make_site("--no-worker")
    site.spawn()
    site.wait_for_line("Serving on")
    assert site.process is not None

    site.process.send_signal(signal.SIGTERM)

    assert await_unready(site).json() == {"status": "stopping"}
    assert site.process.wait(30) == 0


def test_readers_are_sent_away_with_a_word(make_server: Callable[..., Site]) -> None:
    site = make_server()
    person = guest(site.url)
    conversation = person.ask(words("Hello", text="Hi"))["conversation_id"]
    last = person.snapshot_seq(conversation)
    with (
        person.socket(f"/ws/conversations/{conversation}/") as talk,
        person.socket("/ws/me/") as feed,
        person.following(conversation, 0) as events,
        socket.create_connection(("localhost", site.port)) as hesitant,
    ):
        hesitant.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        first = next(events)

        code = site.signal(signal.SIGTERM)

        assert close_code(talk) == close_code(feed) == 1012
        assert [first.seq, *(event.seq for event in events)] == list(range(1, last + 1))
    assert code == 0
    assert "Traceback" not in site.log
    assert "CRITICAL" not in site.log


def test_who_waits_for_a_reply_gets_it_within_the_grace_time(make_server: Callable[..., Site]) -> None:
    site = make_server()
    person = guest(site.url)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(person.send, words("Story", words=40, pace=40))
        await_text(person)

        code = site.signal(signal.SIGTERM)

        assert waiting.result().status_code == 200
    assert code == 0


def test_who_waits_longer_is_told_where_the_reply_will_be(make_server: Callable[..., Site]) -> None:
    site = make_server()
    person = guest(site.url)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(person.send, words("Story", words=90, pace=70))
        await_text(person)

        code = site.signal(signal.SIGTERM)

        answer = waiting.result()
    assert code == 0
    assert answer.status_code == 202
    site.start()
    assert person.await_turn(answer.json())["status"] == "completed"


def test_a_stream_of_a_reply_ends_where_the_next_server_goes_on(make_server: Callable[..., Site]) -> None:
    site = make_server()
    person = guest(site.url)
    with person.streamed(words("Story", words=90, pace=70)) as answer:
        events = read_events(answer)
        next(event for event in events if event.delta)
        assert site.signal(signal.SIGTERM) == 0
        seen = list(events)  # ends in order, without an error of the transport
    assert not any(event.ends_turn for event in seen)

    site.start()

    conversation = answer.headers["X-Chat-Conversation"]
    with person.following(conversation, seen[-1].seq) as rest:
        assert next(rest).seq == seen[-1].seq + 1
    assert (
        person.await_turn({"conversation_id": conversation, "turn_id": answer.headers["X-Chat-Turn"]})[
            "status"
        ]
        == "completed"
    )


def test_systemd_is_told_when_it_serves_and_when_it_stops(
    make_site: Callable[..., Site], tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        site = make_site("--no-worker", NOTIFY_SOCKET=str(tmp_path / "notify"))

        site.spawn()
        ready = systemd.recv(100)
        httpx.get(f"{site.url}/healthz").raise_for_status()
        site.stop()

        assert (ready, systemd.recv(100)) == (b"READY=1", b"STOPPING=1")


def await_unready(site: Site) -> httpx.Response:
    for _ in range(200):
        answer = httpx.get(f"{site.url}/readyz", timeout=20)
        if answer.status_code == 503 and answer.json()["status"] == "stopping":
            return answer
    raise AssertionError("it never said that it stops")


def await_text(person: Person) -> None:
    """Return when the person's only conversation has begun to be answered."""
    for _ in range(400):
        if data := person.http.get("/conversations").json()["data"]:
            with person.following(data[0]["id"], 0) as events:
                next(event for event in events if event.delta)
            return
    raise AssertionError("no conversation began")
