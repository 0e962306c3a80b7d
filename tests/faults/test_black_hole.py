"""A network that swallows what is said to PostgreSQL: nobody says farewell, and nothing comes back."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from chatsite.postgres import server
from tests.contract.client import Person, guest, words
from tests.contract.problems import check_problem
from tests.faults.crowd import Crowd, bag, tale
from tests.faults.customers import Follower
from tests.faults.database import Database
from tests.faults.form import FULL
from tests.faults.proxy import Proxy
from tests.fixtures.site import Site

pytestmark = pytest.mark.faults

LONGEST_REFUSAL = (
    20.0  # three seconds' patience, four for a question by another connection, and a busy machine
)


@pytest.fixture
def network(own_database: Database) -> Iterator[Proxy]:
    """The way to PostgreSQL: by TCP, as to another machine."""
    socket = Path(server.ensure_running(own_database.folder)) / ".s.PGSQL.5432"
    with Proxy(socket).running() as proxy:
        yield proxy


@pytest.fixture
def site(network: Proxy, own_database: Database, make_lasting_site: Callable[..., Site]) -> Iterator[Site]:
    site = make_lasting_site(DATABASE_URL=_address(network, own_database))
    yield site.start()
    site.stop()


def _address(network: Proxy, database: Database) -> str:
    return f"postgresql://chat@127.0.0.1:{network.port}/{database.name}"


def test_a_database_in_a_black_hole(site: Site, network: Proxy, chance: random.Random) -> None:
    """Who asks hears so in time; all goes on where it was once the network is back."""
    crowd = Crowd(site.url)
    crowd.say(tale(chance, 100, pace=20))
    crowd.say(bag(chance), tale(chance, 40), door="socket")
    crowd.wait_for_text()

    network.swallow()
    with ThreadPoolExecutor(12) as threads:
        asked = [threads.submit(_timed, crowd.person, "/conversations") for _ in range(10)]
        sent = threads.submit(crowd.person.send, words("Hello?"))
        ready = threads.submit(httpx.get, f"{site.url}/readyz", timeout=LONGEST_REFUSAL)
        assert httpx.get(f"{site.url}/healthz").status_code == 200
    network.thaw()

    for answer, seconds in [each.result() for each in asked]:
        check_problem(answer, 503, "unavailable")
        assert seconds < LONGEST_REFUSAL
    check_problem(sent.result(), 503, "unavailable")
    assert ready.result().json()["database"]["state"] == "unreachable"
    site.wait_until_ready()
    crowd.check()


@pytest.mark.skipif(not FULL, reason="the other test has most of it; make faults runs both")
def test_connections_that_a_network_forgot(site: Site, network: Proxy, chance: random.Random) -> None:
    """New ones go through, the old ones lead nowhere: they are given up one by one, and replies go on."""
    crowd = Crowd(site.url)
    crowd.say(tale(chance, 100, pace=20))
    crowd.say(bag(chance), tale(chance, 40), door="socket")
    crowd.wait_for_text()

    network.freeze()

    answer, seconds = _timed(crowd.person, "/conversations")
    assert seconds < LONGEST_REFUSAL
    assert answer.status_code in (200, 503)
    crowd.check()


@pytest.mark.skipif(not FULL, reason="a line is tried after five silent seconds; make faults runs it")
def test_an_idle_worker_whose_line_a_proxy_holds(
    network: Proxy, own_database: Database, make_lasting_site: Callable[..., Site]
) -> None:
    """What is said of new work goes nowhere, and no connection ends: the worker asks whether it is heard."""
    serving = make_lasting_site("--no-worker")
    serving.spawn()
    serving.wait_for_line("Serving on")
    worker = make_lasting_site(command="worker", DATABASE_URL=_address(network, own_database))
    worker.spawn()
    own_database.wait_for("select from conversations_living_worker")
    person = guest(serving.url)
    assert person.ask(words("Hello", text="Hi"))["response"] == "Hi"

    network.freeze()

    turn = person.start(words("Are you there?", text="Yes"))
    Follower(person, turn["conversation_id"]).check()


def _timed(person: Person, path: str) -> tuple[httpx.Response, float]:
    started = time.monotonic()
    answer = person.http.get(path, timeout=2 * LONGEST_REFUSAL)
    return answer, time.monotonic() - started
