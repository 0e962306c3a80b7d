"""Readers who don't read are given up, and take no memory until then; those who do read get everything."""

from __future__ import annotations

import base64
import os
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import pytest

from tests.contract.backoffice import BackOffice
from tests.contract.client import Json, Person, frames, take_until, words
from tests.fixtures.site import Site

EVENTS, EVENT_BYTES = 120, 100_000
SECONDS_TO_GIVE_UP = 30_000


@pytest.fixture
def heavy(maya: Person, office: BackOffice) -> tuple[str, int]:
    """A conversation with 12 MB of events, more than any buffer on the way takes, and its last seq."""
    conversation = maya.ask(words("Hello", text="Hi"))["conversation_id"]
    last = office(
        "append_events(id, [{'type': 'notice', 'level': 'info', 'message': 'x' * size}] * count)",
        id=conversation,
        count=EVENTS,
        size=EVENT_BYTES,
    )
    return conversation, last


def open_silent(site: Site, request: str) -> socket.socket:
    """Send a request and read nothing of its answer."""
    silent = socket.socket()
    silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    silent.connect(("127.0.0.1", urlsplit(site.url).port))
    silent.sendall(request.encode())
    return silent


def socket_request(person: Person, path: str) -> str:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        f"Sec-WebSocket-Protocol: chat.v1, bearer.{person.access}\r\n\r\n"
    )


def stream_request(person: Person, path: str) -> str:
    return (
        f"GET /api/{person.user_id}{path} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {person.access}\r\n\r\n"
    )


def was_dropped(silent: socket.socket) -> bool:
    """Wait until the server has dropped a connection of which nothing was read."""
    poll = select.poll()
    poll.register(silent, select.POLLHUP | select.POLLERR)
    return bool(poll.poll(SECONDS_TO_GIVE_UP))


def resident_bytes(site: Site) -> int:
    assert site.process is not None
    with open(f"/proc/{site.process.pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("door", ["socket", "stream"])
def test_who_never_reads_is_dropped_and_takes_little_memory(
    live_site: Site, maya: Person, heavy: tuple[str, int], door: str
) -> None:
    conversation, _ = heavy
    if door == "socket":
        request = socket_request(maya, f"/ws/conversations/{conversation}/?after_seq=0")
    else:
        request = stream_request(maya, f"/conversations/{conversation}/events?after_seq=0")
    before = resident_bytes(live_site)
    with ExitStack() as stack:
        readers = [stack.enter_context(closing(open_silent(live_site, request))) for _ in range(8)]

        assert all(was_dropped(reader) for reader in readers)

    assert resident_bytes(live_site) - before < 16_000_000  # not eight times 12 MB, nor what may be unsent
    assert maya.ask(words("Hello", text="Hi"))["response"] == "Hi"


def test_who_reads_gets_everything(maya: Person, heavy: tuple[str, int]) -> None:
    conversation, last = heavy
    with maya.socket(f"/ws/conversations/{conversation}/?after_seq=0", max_size=None) as socket:

        def seen() -> Iterator[Json]:
            yield from take_until(frames(socket), lambda frame: frame["seq"] == last)

        assert [frame["seq"] for frame in seen()] == list(range(1, last + 1))

    assert [event.seq for event in maya.events(conversation, 0, last)] == list(range(1, last + 1))
