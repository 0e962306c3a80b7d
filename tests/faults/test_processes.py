"""The site in several processes: one that serves, one that works, with and without Redis between them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.contract.client import Person, guest, take_until
from tests.find_browser import ROOT
from tests.fixtures.site import Site

pytestmark = pytest.mark.faults


@contextmanager
def worker(site: Site) -> Iterator[subprocess.Popen[str]]:
    """Run `python manage.py worker` beside a site."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(site.data_dir), **site.environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert "Working on turns" in process.stdout.readline()
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


def assert_answered_live(person: Person) -> None:
    started = person.start("Tell me about yourself [practice: words=40]")
    with person.following(started["conversation_id"], after=0) as events:
        seen = list(take_until(events, lambda event: event.ends_turn))
    assert [event.seq for event in seen] == list(range(1, len(seen) + 1))
    assert person.turn(started["conversation_id"], started["turn_id"])["status"] == "completed"


@pytest.fixture
def serving(make_site: Callable[..., Site]) -> Callable[..., Site]:
    def serve(**environment: str) -> Site:
        site = make_site("--no-worker", AUTH_RATE_PER_MINUTE="0", CHAT_RATE_PER_MINUTE="0", **environment)
        site.spawn()
        site.wait_for_line("Serving on")
        return site

    return serve


def test_a_worker_of_its_own_answers_with_redis_between(serving: Callable[..., Site], redis_url: str) -> None:
    site = serving(REDIS_URL=redis_url)
    person = guest(site.url)

    with worker(site):
        assert_answered_live(person)


def test_without_redis_readers_go_by_the_log(serving: Callable[..., Site]) -> None:
    site = serving()
    person = guest(site.url)

    with worker(site):
        assert_answered_live(person)


def test_a_second_worker_takes_over_from_one_that_was_killed(
    serving: Callable[..., Site], redis_url: str
) -> None:
    site = serving(REDIS_URL=redis_url)
    person = guest(site.url)
    with worker(site) as first:
        started = person.start("Tell me about yourself [practice: words=150]")
        with person.following(started["conversation_id"], after=0) as events:
            next(event for event in events if event.delta)
            first.send_signal(signal.SIGKILL)
            first.wait()
            with worker(site):
                rest = list(take_until(events, lambda event: event.ends_turn))

    assert "thread.item.removed" in [event.kind for event in rest]
    assert person.turn(started["conversation_id"], started["turn_id"])["status"] == "completed"
    assert [message["role"] for message in person.messages(started["conversation_id"])] == [
        "user",
        "assistant",
    ]


def test_readiness_says_that_no_worker_runs(serving: Callable[..., Site]) -> None:
    site = serving()

    answer = guest(site.url).http.get(f"{site.url}/readyz")

    assert answer.status_code == 503
    assert answer.json()["worker"]["state"] == "missing"
