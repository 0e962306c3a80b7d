"""A new version comes up, one server after the other, while people write, read and wait."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TypeVar

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from deploy.local import Cluster
from tests.contract.client import Event, Json, Person, frames, guest, read_events, words

pytestmark = pytest.mark.faults

WRITERS = 3
AWAY = (502, 503, 504)
TURN_ENDED = {"type": "stream_options", "stream_options": {"allow_cancel": False}}
Result = TypeVar("Result")


def test_a_rolling_restart_shows_nothing_but_a_reconnect(cluster: Cluster) -> None:
    people = [guest(cluster.url) for _ in range(WRITERS + 2)]
    *writers, listener, reader = people
    heard = listener.ask(words("Hello", text="Hi"))["conversation_id"]
    told = reader.ask(words("Hello", text="Hi"))["conversation_id"]

    with under_load() as load:
        writing = [load.begin(write_until, load, writer) for writer in writers]
        listening = load.begin(listen_until, load, listener, heard)
        reading = load.begin(read_until, load, reader, told)
        cluster.restart_servers()

    for written in [future.result() for future in writing]:
        assert len(written) > 3
        assert_each_answered_once(written)
    for person, conversation, follower, end in (
        (listener, heard, listening, 1012),
        (reader, told, reading, None),
    ):
        seqs, ends = follower.result()
        assert seqs == list(range(1, person.snapshot_seq(conversation) + 1))
        assert set(ends) == {end}


def test_a_long_reply_is_not_broken_off_by_a_restart(cluster: Cluster) -> None:
    person = guest(cluster.url)
    with ThreadPoolExecutor() as pool:
        waiting = [
            pool.submit(person.send, words(f"Story {number}", words=200, pace=20)) for number in range(4)
        ]
        streaming = pool.submit(stream, person, words("Story", words=200, pace=20))
        await_running(person, 5)
        cluster.restart_servers()

    assert [future.result().status_code for future in waiting] == [200] * 4
    assert streaming.result()[-1].ends_turn


def test_a_reply_whose_server_is_killed_comes_from_the_other(cluster: Cluster) -> None:
    person = guest(cluster.url)
    with ThreadPoolExecutor() as pool:
        waiting = [
            pool.submit(
                person.send, words(f"Story {number}", words=150, pace=20), header_Idempotency_Key=f"k{number}"
            )
            for number in range(4)
        ]
        await_running(person, 4)
        server = cluster.servers[0]
        server.signal(signal.SIGKILL)
        server.wait()
        server.start()
        cluster.wait_until_proxied(server)

    answers = [future.result() for future in waiting]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.json()["turn_id"] for answer in answers}) == 4


class Load:
    """Threads that go on until they are told to finish."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self.over = threading.Event()

    def begin(self, work: Callable[..., Result], *arguments: object) -> Future[Result]:
        return self._pool.submit(work, *arguments)


@contextmanager
def under_load() -> Iterator[Load]:
    with ThreadPoolExecutor() as pool:
        load = Load(pool)
        try:
            yield load
        finally:
            load.over.set()


def write_until(load: Load, person: Person) -> list[tuple[Person, str, Json]]:
    """Write as a client library does: with a key, and again where the answer says that it may help."""
    written: list[tuple[Person, str, Json]] = []
    conversation = None
    while not load.over.is_set():
        key = f"key-{len(written)}"
        answer = send_keyed(person, words(key, words=10, pace=20), conversation, key)
        assert answer.status_code == 200, answer.text
        conversation = answer.json()["conversation_id"]
        written.append((person, key, answer.json()))
        listed = person.http.get("/conversations")
        assert listed.status_code == 200, listed.text
    return written


def send_keyed(person: Person, message: str, conversation: str | None, key: str) -> httpx.Response:
    for _ in range(5):
        with suppress(httpx.TransportError):
            answer = person.send(message, conversation, header_Idempotency_Key=key)
            if answer.status_code not in AWAY:
                return answer
    raise AssertionError("five attempts were in vain")


def listen_until(load: Load, person: Person, conversation: str) -> tuple[list[int], list[int | None]]:
    """Hold a WebSocket, and come back with the last seq where it breaks. Returns the seqs and the close codes."""
    seqs: list[int] = []
    codes: list[int | None] = []
    while True:
        over = load.over.is_set()
        last = person.snapshot_seq(conversation)
        if over and seqs and seqs[-1] == last:
            return seqs, codes
        path = f"/ws/conversations/{conversation}/?after_seq={seqs[-1] if seqs else 0}"
        try:
            with person.socket(path) as socket:
                if not over:
                    say_more(person, conversation)
                for frame in frames(socket):
                    seqs.append(frame["seq"])
                    if frame["event"] == TURN_ENDED:
                        if load.over.is_set():
                            break
                        say_more(person, conversation)
        except ConnectionClosed as closed:
            codes.append(closed.rcvd.code if closed.rcvd else None)


def read_until(load: Load, person: Person, conversation: str) -> tuple[list[int], list[int | None]]:
    """Follow by server-sent events, and come back with the last id where they end. Returns the seqs and the ends."""
    seqs: list[int] = []
    ends: list[int | None] = []
    while True:
        over = load.over.is_set()
        last = person.snapshot_seq(conversation)
        if over and seqs and seqs[-1] == last:
            return seqs, ends
        if not over:
            say_more(person, conversation)
        with person.following(conversation, seqs[-1] if seqs else 0) as events:
            for event in events:
                seqs.append(event.seq)
                if event.ends_turn:
                    if load.over.is_set():
                        break
                    say_more(person, conversation)
            else:
                ends.append(None)


def say_more(person: Person, conversation: str) -> None:
    answer = person.send(words("More", words=5, pace=20), conversation, header_Prefer="respond-async")
    assert answer.status_code in (200, 202), answer.text


def stream(person: Person, message: str) -> list[Event]:
    with person.streamed(message) as answer:
        return list(read_events(answer))


def await_running(person: Person, count: int) -> None:
    """Return when so many conversations have begun."""
    for _ in range(400):
        data = person.http.get("/conversations").json()["data"]
        if len(data) >= count:
            return
        threading.Event().wait(0.02)
    raise AssertionError("the sends did not arrive")


def assert_each_answered_once(written: list[tuple[Person, str, Json]]) -> None:
    person, _, first = written[0]
    messages = person.messages(first["conversation_id"])
    asked = [message["content"].split(" ")[0] for message in messages if message["role"] == "user"]
    assert asked == [key for _, key, _ in written]
    assert [message["role"] for message in messages] == ["user", "assistant"] * len(written)
