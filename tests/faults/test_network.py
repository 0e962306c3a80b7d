"""Connections that are cut at any moment, and clients that vanish without a word."""

from __future__ import annotations

import os
import random
import threading

import pytest

from tests.contract.client import guest, words
from tests.faults.crowd import Crowd, bag, tale
from tests.faults.customers import Follower
from tests.faults.form import FULL, rounds
from tests.faults.proxy import Proxy
from tests.fixtures.site import Site

pytestmark = pytest.mark.faults

VANISHED = 20
SILENCE = 5.0
BIG_REPLIES = 8 if FULL else 1
# A megabyte of each is kept, and what is being written (135 to 152 were seen); all of it would be 480.
MOST_BYTES = 200_000_000


@pytest.mark.parametrize("number", rounds(short=1, full=20))
def test_connections_cut_at_random(site: Site, chance: random.Random, number: int) -> None:
    with Proxy(site.port).running() as proxy:
        crowd = Crowd(proxy.url)
        crowd.say(tale(chance, 150))
        crowd.say(tale(chance, 100), door="socket")
        crowd.say(bag(chance), tale(chance, 60), door="socket")
        crowd.say(bag(chance), tale(chance, 60))

        while not crowd.is_over:
            threading.Event().wait(chance.uniform(0.05, 0.4))
            proxy.cut(chance, share=0.5)

        assert proxy.cuts > 0
        crowd.check()


@pytest.mark.parametrize("door", ["stream", "socket"])
def test_clients_that_vanish_cost_little_and_miss_nothing(site: Site, door: str) -> None:
    """Their connections stay open, and nobody reads from them, while replies of a megabyte come."""
    person = guest(site.url)
    turn = person.start(words("Hello", words=30, pace=30))
    person.await_text(turn)
    before = resident_bytes(site)
    with Proxy(site.port).running() as proxy:
        there = guest(proxy.url)
        there.user_id, there.access = person.user_id, person.access
        there.__post_init__()
        vanished = [
            Follower(there, turn["conversation_id"], turns=1 + BIG_REPLIES, door=door, silence=SILENCE)  # type: ignore[arg-type]
            for _ in range(VANISHED)
        ]
        for follower in vanished:
            follower.wait_for(lambda event: event.delta)
        proxy.freeze()
        for _ in range(BIG_REPLIES):
            big = person.start(words("Much", fault="big"), turn["conversation_id"])
            assert person.await_turn(big)["status"] == "completed"

        assert resident_bytes(site) - before < MOST_BYTES
        for follower in vanished:  # each comes back from where it was
            follower.check()


def resident_bytes(site: Site) -> int:
    assert site.process is not None
    with open(f"/proc/{site.process.pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
