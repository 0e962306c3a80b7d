"""A database that goes away and comes back, and a fault of our own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.connection import Connection

from chatsite.postgres import server
from tests.contract.client import Person, close_code, frames, unique, words
from tests.contract.metrics import read_metrics
from tests.contract.problems import check_problem
from tests.environment import remove
from tests.fixtures.site import Site


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """A PostgreSQL server that isn't the site's to start: the site only knows its address."""
    yield tmp_path / "elsewhere"
    server.release(tmp_path / "elsewhere")
    remove(tmp_path / "elsewhere")


@pytest.fixture
def site(database: Path, make_site: Callable[..., Site]) -> Site:
    socket = server.ensure_running(database)
    return make_site(DATABASE_URL=f"postgresql://chat@/chat?host={socket}").start()


def test_a_fault_and_an_outage(site: Site, database: Path, new_person: Callable[..., Person]) -> None:
    maya = new_person(site.url)

    _a_fault_of_our_own_says_nothing_of_itself(site, database, maya)
    _an_outage_is_said_and_survived(site, database, maya)


def test_a_site_ends_soon_though_its_database_is_away(site: Site, database: Path) -> None:
    server.release(database)  # the worker may just be about to sign on
    site.wait_for_line("the worker")  # its line is cut, or it is started again

    stopped = time.monotonic()
    assert site.stop() == 0
    assert time.monotonic() - stopped < 10


def _a_fault_of_our_own_says_nothing_of_itself(site: Site, database: Path, maya: Person) -> None:
    answer = maya.ask(words("Hello", text="Hi"))
    path = f"/conversations/{answer['conversation_id']}/messages/{answer['message_id']}/feedback"
    with psycopg.connect(host=str(server.ensure_running(database)), user="chat", dbname="chat") as connection:
        connection.execute("alter table conversations_feedback rename to hidden")

    broken = maya.http.put(path, json={"kind": "positive"}, headers={"X-Request-ID": "trace-500"})

    check_problem(broken, 500, "internal_error")
    site.wait_for_line("trace-500")
    assert "conversations_feedback" not in broken.text
    assert maya.ask(words("Still there?", text="Yes"))["response"] == "Yes"


def _an_outage_is_said_and_survived(site: Site, database: Path, maya: Person) -> None:
    first = maya.ask(words("Hello", text="Hi"))
    turn = maya.start(words(unique("Story"), words=150, pace=20), first["conversation_id"])
    maya.await_text(turn)
    with maya.socket(f"/ws/conversations/{first['conversation_id']}/") as websocket:
        server.release(database)

        for path in ("/conversations", f"/conversations/{first['conversation_id']}/messages"):
            answer = maya.http.get(path)
            check_problem(answer, 503, "unavailable")
            assert answer.elapsed.total_seconds() < 5
            assert int(answer.headers["Retry-After"]) > 0
        check_problem(maya.send("Hello?", first["conversation_id"]), 503, "unavailable")
        with maya.socket(f"/ws/conversations/{first['conversation_id']}/") as refused:
            assert close_code(refused) == 1013
        assert httpx.get(f"{site.url}/healthz").status_code == 200
        unready = httpx.get(f"{site.url}/readyz", timeout=20)
        assert unready.status_code == 503
        assert unready.json()["database"]["state"] == "unreachable"
        reading = read_metrics(site.url)
        assert reading.value("chat_database_up") == 0
        assert reading.value("chat_turns_sent_total") > 0

        server.ensure_running(database)
        site.wait_until_ready()

        # The reply goes on by itself, under the same turn.
        assert maya.await_turn(turn)["status"] in ("completed", "failed")
        _hears_of_the_end_or_that_it_must_come_back(websocket)
    assert maya.ask(words("Are you back?", text="Yes"), first["conversation_id"])["response"] == "Yes"
    assert httpx.get(f"{site.url}/readyz").status_code == 200
    assert maya.messages(first["conversation_id"])[0]["content"].startswith("Hello")


def _hears_of_the_end_or_that_it_must_come_back(websocket: Connection) -> None:
    ended = {"type": "stream_options", "stream_options": {"allow_cancel": False}}
    try:
        heard: object = next(frame["event"] for frame in frames(websocket) if frame["event"] == ended)
    except ConnectionClosed as closed:
        heard = closed.rcvd and closed.rcvd.code
    assert heard in (ended, 1013)
