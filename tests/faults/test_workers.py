"""Several workers beside a site that only serves: one dies or freezes, all fall silent, all are told to end."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.contract.client import guest, words
from tests.faults.crowd import BAG, Crowd, bag, tale
from tests.faults.customers import Follower
from tests.faults.database import Database
from tests.faults.form import FULL, rounds
from tests.fixtures.site import Site

pytestmark = pytest.mark.faults

TAKEOVER_SECONDS = 10.0
LONGEST_PAUSE = 6.0  # without hints a reader looks for itself once a second; a busy machine takes longer
FROZEN_SECONDS = 15.0
SILENCE_SECONDS = 40 if FULL else 4


@pytest.fixture(scope="module")
def serving(make_lasting_site: Callable[..., Site]) -> Site:
    site = make_lasting_site("--no-worker")
    site.spawn()
    site.wait_for_line("Serving on")
    return site


@pytest.fixture
def start_worker(
    serving: Site, own_database: Database, make_lasting_site: Callable[..., Site]
) -> Iterator[Callable[[], tuple[Site, int]]]:
    """Start a worker; return it with the id that the database knows it by."""
    workers: list[Site] = []

    def start() -> tuple[Site, int]:
        worker = make_lasting_site(command="worker")
        workers.append(worker)
        [(known,)] = own_database.rows("select coalesce(max(id), 0) from procrastinate_workers")
        worker.spawn()
        worker.wait_for_line("Working on turns")
        (number,) = own_database.wait_for(_LIVING, known=known)
        return worker, number

    yield start
    for worker in workers:
        if worker.process is not None and worker.process.poll() is None:
            worker.process.send_signal(signal.SIGCONT)
        worker.stop()


_LIVING = """
select lock from conversations_living_worker where lock > %(known)s
"""
_NOBODY_LIVES = """
select where not exists (select from conversations_living_worker)
"""


def test_a_worker_is_seen_and_followed_without_redis(
    serving: Site, start_worker: Callable[[], tuple[Site, int]], own_database: Database
) -> None:
    assert _readiness(serving) == (503, {"state": "missing"})

    worker, _ = start_worker()

    for process in (serving, worker):
        process.wait_for_line("REDIS_URL is empty: what other processes do")
    assert _readiness(serving) == (200, {"state": "ok", "workers": 1})
    person = guest(serving.url)
    turn = person.start(words("Hello", words=60, pace=20))
    follower = Follower(person, turn["conversation_id"])
    follower.check()
    assert max(follower.pauses()) < LONGEST_PAUSE
    worker.kill()
    own_database.wait_for(_NOBODY_LIVES)  # PostgreSQL notices it a moment later
    assert _readiness(serving) == (503, {"state": "missing"})


def _readiness(site: Site) -> tuple[int, dict[str, object]]:
    answer = httpx.get(f"{site.url}/readyz")
    return answer.status_code, {k: v for k, v in answer.json()["worker"].items() if k != "detail"}


@pytest.mark.parametrize("number", rounds(short=1, full=20))
def test_the_other_takes_over_from_a_worker_that_was_killed(
    serving: Site,
    start_worker: Callable[[], tuple[Site, int]],
    own_database: Database,
    chance: random.Random,
    number: int,
) -> None:
    (first, first_id), (second, second_id) = start_worker(), start_worker()
    crowd = _busy_crowd(serving, chance)
    threading.Event().wait(chance.uniform(0, 1.0))

    worker, worker_id = chance.choice([(first, first_id), (second, second_id)])
    worker.kill()

    wait_for_takeover(TAKEOVER_SECONDS, own_database, worker_id)
    crowd.check()


@pytest.mark.skipif(
    not FULL, reason="a frozen worker counts as lost after ten seconds only; make faults runs it"
)
def test_the_other_takes_over_from_a_worker_that_froze(
    serving: Site,
    start_worker: Callable[[], tuple[Site, int]],
    own_database: Database,
    chance: random.Random,
) -> None:
    (first, first_id), _ = start_worker(), start_worker()
    crowd = _busy_crowd(serving, chance)
    own_database.wait_for("select from procrastinate_jobs where worker_id = %(id)s", id=first_id)
    assert first.process is not None

    first.process.send_signal(signal.SIGSTOP)
    wait_for_takeover(FROZEN_SECONDS, own_database, first_id)
    first.process.send_signal(signal.SIGCONT)

    crowd.check()


@pytest.mark.skipif(not FULL, reason="the database waits for half a minute; make faults runs it")
def test_a_worker_that_froze_in_a_transaction_holds_nobody_up(
    serving: Site, start_worker: Callable[[], tuple[Site, int]], own_database: Database
) -> None:
    """It has the conversation's lock; the database takes it away."""
    first, _ = start_worker()
    person = guest(serving.url)
    with own_database.gate("conversations_toolcall", "before insert", "true") as gate:
        turn = person.start(words(BAG, pace=5))
        gate.wait_for_somebody()
        assert first.process is not None
        first.process.send_signal(signal.SIGSTOP)
    start_worker()

    assert Follower(person, turn["conversation_id"]).check()[1:]
    assert person.turn(turn["conversation_id"], turn["turn_id"])["status"] == "completed"


def _busy_crowd(site: Site, chance: random.Random) -> Crowd:
    crowd = Crowd(site.url)
    for door in ("stream", "socket"):
        crowd.say(tale(chance, 80), door=door)
        crowd.say(bag(chance), tale(chance, 40), door=door)
    return crowd


def wait_for_takeover(seconds: float, database: Database, worker_id: int) -> None:
    """Return when nothing belongs to the worker any more."""
    query = "select where not exists (select from procrastinate_jobs where status = 'doing' and worker_id = %(id)s)"
    database.wait_for(query, seconds, id=worker_id)


def test_nobody_asks_the_database_when_there_is_nothing_to_do(
    serving: Site, start_worker: Callable[[], tuple[Site, int]], own_database: Database
) -> None:
    start_worker()
    person = guest(serving.url)
    person.ask(words("Hello", text="Hi"))

    # It tries its line ever more seldom: after five seconds, ten, twenty …
    own_database.wait_for(_SILENCE, 3 * SILENCE_SECONDS + 15, silence=SILENCE_SECONDS)

    answer = person.ask(words("Are you awake?", text="Yes"))
    assert answer["response"] == "Yes"
    turn = person.turn(answer["conversation_id"], answer["turn_id"])
    [(waited,)] = own_database.rows(
        "select extract(epoch from started_at - queued_at) from conversations_turn where id = %(id)s",
        id=turn["id"],
    )
    assert waited < 4  # it is told: on its own it would look after five seconds at the earliest


_SILENCE = """
select where not exists (
    select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
    and (state <> 'idle' or query_start > now() - make_interval(secs => %(silence)s))
)
"""
