"""What is loaded for later holds up nobody's end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from conversations.loading import load
from conversations.worker import run_worker
from tests.conversations.scripted import ScriptedResponder
from tests.find_browser import ROOT

LEAVES_IT = """
import asyncio, threading
from conversations.loading import load

async def main():
    try:
        await asyncio.wait_for(load(threading.Event().wait), 0.05)
    except TimeoutError:
        print("left")

asyncio.run(main())
"""


class SlowResponder(ScriptedResponder):
    async def prepare(self) -> None:
        await asyncio.Event().wait()


async def test_what_it_returns_or_raises_reaches_the_caller() -> None:
    assert await load(sorted, [2, 1], reverse=True) == [2, 1]
    with pytest.raises(ZeroDivisionError):
        await load(divmod, 1, 0)


def test_a_process_ends_though_something_still_loads() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LEAVES_IT], cwd=ROOT, timeout=30, capture_output=True, text=True, check=True
    )

    assert ended.stdout == "left\n"
    assert ended.stderr == ""


async def test_a_worker_that_is_not_ready_yet_stops_at_once(settings: Any) -> None:
    settings.CHAT_RESPONDER = f"{__name__}.SlowResponder"
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(stop))
    await asyncio.sleep(0)  # one turn of the loop, in which the worker begins to load; no time passes

    stop.set()

    async with asyncio.timeout(20):
        await worker
