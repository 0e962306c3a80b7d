"""PostgreSQL restarts, cuts connections, has none left, has no room left: said clearly, survived, nothing lost."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from contextlib import suppress

import httpx
import pytest

from tests.contract.client import Person, guest, words
from tests.contract.problems import check_problem
from tests.faults.crowd import Crowd, bag, tale
from tests.faults.customers import Follower, send_until_heard
from tests.faults.database import Database
from tests.faults.form import FULL, rounds
from tests.fixtures.site import Site

pytestmark = pytest.mark.faults

CONNECTIONS_OF_A_PROCESS = 12
LONGEST_REFUSAL = 15.0  # the pool lets a request wait for ten seconds


@pytest.mark.parametrize("number", rounds(short=1, full=20))
def test_a_restart_amid_replies(site: Site, database: Database, chance: random.Random, number: int) -> None:
    crowd = Crowd(site.url)
    crowd.say(tale(chance, 80))
    crowd.say(bag(chance), tale(chance, 20), door="socket")
    crowd.say(tale(chance, 20), bag(chance))

    threading.Event().wait(chance.uniform(0, 1.2))
    database.stop(at_once=chance.random() < 0.5)
    threading.Event().wait(chance.choice([0.0, 0.5, 3.0]))
    database.start()
    site.wait_until_ready()  # half a second long it doesn't ask a database that was away

    crowd.check()


@pytest.mark.parametrize("number", rounds(short=1, full=20))
def test_connections_cut_amid_replies(
    site: Site, database: Database, chance: random.Random, number: int
) -> None:
    crowd = Crowd(site.url)
    crowd.say(tale(chance, 80))
    crowd.say(bag(chance), tale(chance, 20), door="socket")
    crowd.say(tale(chance, 20), bag(chance))

    for _ in range(3):
        threading.Event().wait(chance.uniform(0, 0.6))
        database.cut_connections()

    crowd.check()


def test_no_connection_left(site: Site, database: Database) -> None:
    """All connections wait for a lock that somebody holds: the others are told, and all goes on when it is gone."""
    person = guest(site.url)
    known = person.ask(words("Hello", text="Hi"))["conversation_id"]
    path = f"/conversations/{known}/messages"
    with database.connect() as holder, ThreadPoolExecutor(3 * CONNECTIONS_OF_A_PROCESS) as threads:
        holder.execute("begin; lock table conversations_conversation in access exclusive mode")
        try:
            impatient = [threads.submit(_give_up, person, path) for _ in range(2 * CONNECTIONS_OF_A_PROCESS)]
            reads = [threads.submit(_timed, person, path) for _ in range(20)]
            sends = [
                threads.submit(
                    send_until_heard, person, words(f"And {n}?", text="Well"), known, key=f"full-{n}"
                )
                for n in range(3)
            ]
            first, seconds = next(read.result() for read in as_completed(reads, LONGEST_REFUSAL))
            assert httpx.get(f"{site.url}/healthz").status_code == 200
        finally:
            holder.execute("rollback")
        wait(impatient)
        later = [read.result()[0] for read in reads]
        turns = [send.result() for send in sends]

    check_problem(first, 503, "unavailable")
    assert seconds < LONGEST_REFUSAL
    assert int(first.headers["Retry-After"]) > 0
    assert {answer.status_code for answer in later} <= {200, 503}
    site.wait_until_ready()
    for turn in turns:
        assert person.await_turn(turn)["status"] == "completed"
    assert len(person.messages(known)) == 8
    # Nobody kept a connection, those who gave up least of all.
    with ThreadPoolExecutor(CONNECTIONS_OF_A_PROCESS) as threads:
        answers = list(threads.map(lambda _: _timed(person, path), range(40)))
    assert {answer.status_code for answer, _ in answers} == {200}


def _give_up(person: Person, path: str) -> None:
    """Ask, and go away before there is an answer."""
    with suppress(httpx.TimeoutException):
        person.http.get(path, timeout=0.5)


def _timed(person: Person, path: str) -> tuple[httpx.Response, float]:
    started = time.monotonic()
    answer = person.http.get(path)
    return answer, time.monotonic() - started


FULL_TABLES = [
    ("conversations_event",),
    ("conversations_event", "conversations_turn"),
    ("conversations_turn", "procrastinate_jobs"),  # that a job goes back to the queue can't be written either
]


@pytest.mark.parametrize("tables", FULL_TABLES)
def test_no_room_left_on_the_disk(
    site: Site, database: Database, chance: random.Random, tables: tuple[str, ...]
) -> None:
    crowd = Crowd(site.url)
    crowd.say(tale(chance, 60), bag(chance))
    crowd.wait_for_text()

    with database.full_disk(*tables):
        refused = crowd.person.send("Hello?")
        threading.Event().wait(chance.uniform(10.0, 15.0) if FULL else chance.uniform(1.0, 2.0))

    check_problem(refused, 503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert "No space" not in refused.text
    crowd.check()


def test_a_job_whose_end_was_lost(site: Site, database: Database) -> None:
    """The reply is stored, and the connection is cut as its job is struck off: the next turn doesn't wait for it."""
    person = guest(site.url)
    with database.gate("procrastinate_jobs", "before delete", "true") as gate:
        answer = person.ask(words("Hello", text="Hi"))
        gate.wait_for_somebody()
        gate.turn_away()

    known = answer["conversation_id"]
    assert person.ask(words("And now?", text="Well"), known)["response"] == "Well"
    database.wait_for(_NO_JOB, conversation=known)
    assert [message["content"] for message in Follower(person, known, turns=2).check()][1::2] == [
        "Hi",
        "Well",
    ]


_NO_JOB = """
select where not exists (select from procrastinate_jobs where args ->> 'conversation_id' = %(conversation)s)
"""


def test_what_was_taken_before_an_outage_is_answered_after_it(site: Site, database: Database) -> None:
    """A message whose send was answered is there, whatever the server's sudden end did to the rest."""
    person = guest(site.url)
    turn = person.start(words("Hello", text="Hi", slow=0.5))
    database.stop(at_once=True)
    refused = person.send("Are you there?", turn["conversation_id"])
    database.start()

    check_problem(refused, 503, "unavailable")
    follower = Follower(person, turn["conversation_id"])
    assert [message["content"] for message in follower.check()][1:] == ["Hi"]
