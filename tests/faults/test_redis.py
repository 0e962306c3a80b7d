"""A site that serves and a worker, with Redis between them: it stops, it starts, it holds back what it is told."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from websockets.sync.connection import Connection

from tests.contract.client import Event, guest, words
from tests.faults.crowd import Crowd, bag, tale
from tests.faults.customers import PATIENCE, Follower
from tests.faults.database import Database
from tests.fixtures.site import Site, free_port

pytestmark = pytest.mark.faults

# A second until a reader looks for itself, and some more for a busy machine.
LONGEST_PAUSE = 10.0
PUSHED_PAUSE = 0.3


@dataclass
class Redis:
    """A Redis server on a port that stays the same."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def start(self) -> None:
        program = shutil.which("redis-server") or ""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(
            [program, *options], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.client().ping()
            except redis.ConnectionError:
                assert time.monotonic() < deadline, "redis-server did not start"
                threading.Event().wait(0.05)
            else:
                return

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def push(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis that may be hurt; the session's shows that the program is there."""
    server = Redis(tmp_path_factory.mktemp("redis"), free_port())
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def worker(push: Redis, make_lasting_site: Callable[..., Site]) -> Site:
    return make_lasting_site(command="worker", REDIS_URL=push.url)


@pytest.fixture(scope="module")
def serving(push: Redis, worker: Site, make_lasting_site: Callable[..., Site]) -> Site:
    """The site that serves; its worker is another process."""
    site = make_lasting_site("--no-worker", REDIS_URL=push.url)
    site.spawn()
    worker.spawn()
    site.wait_for_line("Serving on")
    site.wait_until_ready()
    return site


def test_redis_stops_and_starts_amid_replies(serving: Site, push: Redis, chance: random.Random) -> None:
    story = tale(chance, 250, pace=20)
    crowd = Crowd(serving.url)
    crowd.say(story)
    crowd.say(story.again(), door="socket")
    crowd.say(bag(chance), tale(chance, 60))

    crowd.wait_for_text()
    threading.Event().wait(chance.uniform(0.0, 1.0))
    push.kill()
    for follower in crowd.followers.values():  # each hears on, though nobody gives it a hint
        follower.wait_for_more()
    push.start()

    crowd.check()
    _push_is_back(serving)


def test_a_page_that_only_listens_while_redis_is_away(
    serving: Site, push: Redis, own_database: Database
) -> None:
    """Another server's customer says something, and no hint of it comes: the page looks for itself."""
    person = guest(serving.url)
    talk = person.ask(words("Hello", text="Hi"))["conversation_id"]
    with person.socket(f"/ws/conversations/{talk}/") as socket:
        # Two seconds after the turn's end nobody looks for more: this one only waits for hints.
        with pytest.raises(TimeoutError):
            socket.recv(timeout=2.5)
        push.kill()
        own_database.rows(_SAID_ELSEWHERE, talk=talk)

        said = time.monotonic()
        told = json.loads(socket.recv(timeout=PATIENCE))

    assert time.monotonic() - said < LONGEST_PAUSE
    assert told["event"] == {"type": "thread.item.removed", "item_id": "elsewhere"}
    push.start()
    _push_is_back(serving)


def test_a_list_of_conversations_while_redis_is_away(serving: Site, push: Redis) -> None:
    """Nobody can tell the page of a change then; it hears of it as soon as Redis is back."""
    person = guest(serving.url)
    talk, other = (person.ask(words("Hello", text="Hi"))["conversation_id"] for _ in range(2))
    with person.socket("/ws/me/") as socket:
        renamed = person.http.patch(f"/conversations/{other}", json={"title": "Told at once"})
        assert renamed.status_code == 200
        while _changed(socket) != other:
            pass
        push.kill()
        with suppress(TimeoutError):  # what came before
            while True:
                socket.recv(timeout=0)
        renamed = person.http.patch(f"/conversations/{talk}", json={"title": "Told late"})
        assert renamed.status_code == 200
        serving.wait_for_line("a hint was not sent")
        push.start()

        while _changed(socket) != talk:
            pass
    _push_is_back(serving)


def _changed(socket: Connection) -> str:
    told = json.loads(socket.recv(timeout=PATIENCE))
    assert told["type"] == "conversation.changed"
    return str(told["conversation_id"])


_SAID_ELSEWHERE = """
with moved as (
    update conversations_conversation set last_seq = last_seq + 1 where id = %(talk)s returning id, last_seq
)
insert into conversations_event (conversation_id, seq, payload)
select id, last_seq, '{"type": "thread.item.removed", "item_id": "elsewhere"}' from moved
returning seq
"""


def _push_is_back(site: Site) -> None:
    """Ask until a reply comes by hints again, and not by looking once a second."""
    person = guest(site.url)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        turn = person.start(words("Hello", words=100, pace=20))
        follower = Follower(person, turn["conversation_id"])
        follower.check()
        if max(follower.pauses()) < PUSHED_PAUSE:
            return
    raise AssertionError("replies are not pushed any more")


def test_a_site_that_starts_while_redis_is_away(
    push: Redis, make_lasting_site: Callable[..., Site], chance: random.Random
) -> None:
    """It answers by every door, and is told what others say once Redis is there."""
    push.kill()
    site = make_lasting_site(REDIS_URL=push.url).start()
    crowd = Crowd(site.url)
    with crowd.person.socket("/ws/me/") as socket:
        crowd.say(tale(chance, 20))
        crowd.say(tale(chance, 20), bag(chance), door="socket")
        crowd.check()

        push.start()
        deadline = time.monotonic() + PATIENCE
        told = None
        while told is None and time.monotonic() < deadline:
            asked = crowd.person.ask(words("Hello", text="Hi"))
            with suppress(TimeoutError):
                told = json.loads(socket.recv(timeout=1))

    assert told is not None
    assert (told["type"], told["conversation_id"]) == ("conversation.changed", asked["conversation_id"])


def test_the_server_dies_with_its_hints_unsent(
    serving: Site, worker: Site, push: Redis, own_database: Database
) -> None:
    """Hints are held back, and the worker that would have sent them is killed: the log has everything."""
    person = guest(serving.url)
    turn = person.start(words("Hello", words=40, pace=20))
    follower = Follower(person, turn["conversation_id"])
    follower.wait_for(_has_text)

    push.client().client_pause(timeout=3000, all=True)
    seen = follower.seen[-1].seq
    own_database.wait_for(
        "select from conversations_event where conversation_id = %(id)s and seq > %(seq)s",
        id=turn["conversation_id"],
        seq=seen + 1,
    )
    worker.kill()
    worker.spawn()

    messages = follower.check()
    assert [message["role"] for message in messages] == ["user", "assistant"]


def _has_text(event: Event) -> bool:
    return bool(event.delta)
