"""Passwords are hashed a few at once, and whoever waits for it holds nothing that others need."""

from __future__ import annotations

import asyncio
import threading

import pytest
from asgiref.sync import sync_to_async

from chatsite.accounts import passwords
from conversations.errors import Unavailable
from conversations.threads import request_threads

SECONDS = 20


class Hashing:
    """Work that goes on until it is let go, and counts how often it goes on at once."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.begun: asyncio.Queue[None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def __call__(self) -> None:
        self._loop.call_soon_threadsafe(self.begun.put_nowait, None)
        assert self.let_go.wait(SECONDS)

    async def in_request(self) -> None:
        async with request_threads():
            await passwords.in_turn(self)


@pytest.mark.usefixtures("turns")
async def test_others_are_answered_meanwhile() -> None:
    hashing = Hashing()

    async with asyncio.timeout(SECONDS), asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(hashing.in_request())
        for _ in range(passwords.AT_ONCE):
            await hashing.begun.get()
        async with request_threads():
            await sync_to_async(threading.get_ident)()
        assert hashing.begun.empty()
        hashing.let_go.set()

    assert hashing.begun.qsize() == 8 - passwords.AT_ONCE


@pytest.mark.usefixtures("turns")
async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "LONGEST_WAIT_SECONDS", 0.01)
    hashing = Hashing()

    async with asyncio.timeout(SECONDS), asyncio.TaskGroup() as group:
        for _ in range(passwords.AT_ONCE):
            group.create_task(hashing.in_request())
            await hashing.begun.get()
        with pytest.raises(Unavailable):
            await hashing.in_request()
        hashing.let_go.set()


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns of this test's own event loop."""
    monkeypatch.setattr(passwords, "_turns", asyncio.Semaphore(passwords.AT_ONCE))
