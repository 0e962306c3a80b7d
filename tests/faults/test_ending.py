"""SIGTERM under load: the server says so at once, and what it can't finish goes on at the next one."""

from __future__ import annotations

import random
import signal
import threading
import time

import httpx
import pytest

from tests.faults.crowd import Crowd, bag, tale
from tests.faults.form import rounds
from tests.fixtures.site import STOP_SECONDS, Site

pytestmark = pytest.mark.faults

AT_ONCE = 2.5  # and not only when its grace time of three seconds is over


@pytest.mark.parametrize("number", rounds(short=1, full=10))
def test_sigterm_under_load(site: Site, chance: random.Random, number: int) -> None:
    crowd = Crowd(site.url)
    crowd.say(tale(chance, 20), tale(chance, 20))
    crowd.say(tale(chance, 300, pace=20))  # more than the grace time
    crowd.say(tale(chance, 300, pace=20), door="socket")
    crowd.say(bag(chance), tale(chance, 30))
    threading.Event().wait(chance.uniform(0, 1.0))
    assert site.process is not None

    site.process.send_signal(signal.SIGTERM)
    sent = time.monotonic()
    while _is_ready(site):
        assert time.monotonic() - sent < AT_ONCE, "/readyz goes on saying that all is well"

    assert site.process.wait(STOP_SECONDS) == 0
    assert "Traceback" not in site.log
    site.start()
    crowd.check()


def _is_ready(site: Site) -> bool:
    try:
        return httpx.get(f"{site.url}/readyz", timeout=5).status_code != 503
    except httpx.TransportError:
        return False  # it listens no more
