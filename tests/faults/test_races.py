"""Two who want different things of one turn at once: whoever is first has it, and what comes of it is stated (0021)."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contract.client import Person, guest, words
from tests.contract.problems import check_problem
from tests.faults.crowd import bag, tale
from tests.faults.customers import Follower
from tests.faults.database import Database
from tests.faults.form import rounds
from tests.fixtures.site import Site

pytestmark = pytest.mark.faults

ENDED = {"completed", "cancelled"}


@pytest.fixture
def person(site: Site) -> Person:
    return guest(site.url)


@pytest.mark.parametrize("number", rounds(short=5, full=100))
def test_cancel_races_completion(person: Person, chance: random.Random, number: int) -> None:
    """A turn that was cancelled holds a beginning of its reply; one that was completed first stays so."""
    exchange = tale(chance, 20, pace=5)
    turn = person.start(exchange.message)
    follower = Follower(person, turn["conversation_id"])

    threading.Event().wait(chance.uniform(0.05, 0.35))
    answer = person.cancel(turn["conversation_id"], turn["turn_id"])

    assert answer.status_code == 200
    status = answer.json()["status"]
    assert status in ENDED
    replies = [message["content"] for message in follower.check()[1:]]
    assert person.turn(turn["conversation_id"], turn["turn_id"])["status"] == status
    if status == "completed":
        assert replies == [exchange.reply]
    else:
        assert exchange.reply.startswith("".join(replies))
    assert [event.ends_turn for event in follower.seen].count(True) == 1


@pytest.mark.parametrize("number", rounds(short=2, full=40))
def test_cancel_races_a_tool(person: Person, chance: random.Random, number: int) -> None:
    """A tool has run and is told of, or it has not run: never one without the other."""
    exchange = bag(chance)
    turn = person.start(exchange.message, client_message_id=exchange.key)
    follower = Follower(person, turn["conversation_id"])

    threading.Event().wait(chance.uniform(0.05, 0.5))
    person.cancel(turn["conversation_id"], turn["turn_id"])

    follower.check()
    calls = person.ask(exchange.message, client_message_id=exchange.key)["tool_calls"]
    told = person.ask(words("Show my trip"), turn["conversation_id"])
    assert f"Checked bags: {1 + len(calls)} × 23 kg" in told["response"]


@pytest.mark.parametrize("number", rounds(short=2, full=40))
def test_retry_races_cancel(person: Person, chance: random.Random, number: int) -> None:
    """Cancel after retry stops the new try; cancel before it changes nothing, since the turn was cancelled."""
    exchange = tale(chance, 200, pace=5)  # not over before a busy machine has cancelled it
    turn = person.start(exchange.message)
    where, which = turn["conversation_id"], turn["turn_id"]
    person.await_text(turn)
    assert person.cancel(where, which).json()["status"] == "cancelled"

    with ThreadPoolExecutor(4) as threads:
        retries = [threads.submit(person.retry, where, which) for _ in range(3)]
        threading.Event().wait(chance.uniform(0, 0.1))
        cancel = threads.submit(person.cancel, where, which)
    statuses = sorted(retry.result().status_code for retry in retries)

    follower = Follower(person, where, turns=1 + statuses.count(200))
    follower.check()
    # One retry is taken; another one only once the cancel has ended the first.
    assert statuses in ([200, 409, 409], [200, 200, 409])
    assert cancel.result().status_code == 200
    assert person.turn(where, which)["status"] in ENDED


def test_a_retry_of_what_was_completed_is_a_conflict(person: Person) -> None:
    answer = person.ask(words("Hello", text="Hi"))

    check_problem(person.retry(answer["conversation_id"], answer["turn_id"]), 409, "conflict")


@pytest.mark.parametrize("number", rounds(short=3, full=40))
def test_delete_ends_the_run_and_leaves_nothing(
    person: Person, database: Database, chance: random.Random, number: int
) -> None:
    exchange = bag(chance) if number % 2 else tale(chance, 200)
    turn = person.start(exchange.message)
    where = turn["conversation_id"]
    with ThreadPoolExecutor(2) as threads:
        reading = threads.submit(_read_to_the_end, person, where)
        threading.Event().wait(chance.uniform(0, 0.4))
        sending = threads.submit(person.send, words("And?"), where, header_Prefer="respond-async")
        assert person.http.delete(f"/conversations/{where}").status_code == 204
        reading.result()

    assert sending.result().status_code in (202, 404)
    check_problem(person.http.get(f"/conversations/{where}"), 404, "not_found")
    check_problem(person.cancel(where, turn["turn_id"]), 404, "not_found")
    database.wait_for(_NOTHING_LEFT, id=where)
    assert person.ask(words("Hello", text="Hi"))["response"] == "Hi"


def _read_to_the_end(person: Person, conversation: str) -> None:
    """Follow until the stream ends: a conversation that is deleted has no more to tell."""
    with person.http.stream(
        "GET", f"/conversations/{conversation}/events", params={"after_seq": 0}
    ) as answer:
        answer.read()


_NOTHING_LEFT = """
select where not exists (select from conversations_turn where conversation_id = %(id)s)
and not exists (select from conversations_item where conversation_id = %(id)s)
and not exists (select from conversations_event where conversation_id = %(id)s)
and not exists (select from procrastinate_jobs where args ->> 'conversation_id' = %(id)s)
"""
