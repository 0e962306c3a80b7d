"""A client that knows nothing but the contract: HTTP, server-sent events and WebSockets from outside."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.sync.connection import Connection

PASSWORD = "correct horse battery staple"
SECONDS = 20.0  # more than any step takes: what is waited for beyond it never comes

Json = dict[str, Any]
Each = TypeVar("Each")


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    seq: int
    data: Json

    @property
    def kind(self) -> str:
        return str(self.data["type"])

    @property
    def delta(self) -> str:
        """The text that the event adds to a reply."""
        return str(self.data.get("update", {}).get("delta", ""))

    @property
    def ends_turn(self) -> bool:
        return bool(self.data.get("stream_options") == {"allow_cancel": False})


@dataclass
class Person:
    """Somebody with a token."""

    url: str
    user_id: str
    username: str
    access: str
    refresh: str
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(
            base_url=f"{self.url}/api/{self.user_id}",
            headers={"Authorization": f"Bearer {self.access}"},
            timeout=SECONDS,
        )

    def send(self, message: str, conversation: str | None = None, **body: Any) -> httpx.Response:
        """Send a message as JSON; what begins with `header_` becomes a header."""
        headers = {
            name.removeprefix("header_").replace("_", "-"): body.pop(name)
            for name in [name for name in body if name.startswith("header_")]
        }
        where = {} if conversation is None else {"conversation_id": conversation}
        return self.http.post("/chat", json={"message": message, **where, **body}, headers=headers)

    def ask(self, message: str, conversation: str | None = None, **body: Any) -> Json:
        """Send a message and return its complete answer."""
        answer = self.send(message, conversation, **body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def start(self, message: str, conversation: str | None = None, **body: Any) -> Json:
        """Send a message and don't wait for its answer."""
        answer = self.send(message, conversation, header_Prefer="respond-async", **body)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    def conversation(self, conversation: str) -> Json:
        answer = self.http.get(f"/conversations/{conversation}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def snapshot_seq(self, conversation: str) -> int:
        return int(self.http.get(f"/conversations/{conversation}").headers["X-Chat-Seq"])

    def messages(self, conversation: str, **query: Any) -> list[Json]:
        answer = self.http.get(f"/conversations/{conversation}/messages", params={"limit": 100, **query})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"])

    def turn(self, conversation: str, turn: str) -> Json:
        answer = self.http.get(f"/conversations/{conversation}/turns/{turn}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def cancel(self, conversation: str, turn: str) -> httpx.Response:
        return self.http.post(f"/conversations/{conversation}/turns/{turn}/cancel")

    def retry(self, conversation: str, turn: str) -> httpx.Response:
        return self.http.post(f"/conversations/{conversation}/turns/{turn}/retry")

    @contextmanager
    def streamed(
        self, message: str, conversation: str | None = None, **body: Any
    ) -> Iterator[httpx.Response]:
        """Send a message and stream its answer."""
        where = {} if conversation is None else {"conversation_id": conversation}
        content = {"message": message, "stream": True, **where, **body}
        with self.http.stream("POST", "/chat", json=content) as answer:
            yield answer

    @contextmanager
    def following(
        self, conversation: str, after: int | None = None, last_event_id: str | None = None
    ) -> Iterator[Iterator[Event]]:
        """Follow a conversation by its events endpoint."""
        query = {} if after is None else {"after_seq": after}
        headers = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
        path = f"/conversations/{conversation}/events"
        with self.http.stream("GET", path, params=query, headers=headers) as answer:
            if answer.status_code != 200:
                answer.read()
            assert answer.status_code == 200, answer.text
            yield read_events(answer)

    def events(self, conversation: str, after: int, up_to: int) -> list[Event]:
        """Return what the log holds after one seq and up to another."""
        with self.following(conversation, after) as events:
            return list(take_until(events, lambda event: event.seq == up_to))

    def await_turn(self, turn: Json) -> Json:
        """Follow a turn to its end and return it."""
        where, turn_id = turn["conversation_id"], turn["turn_id"]
        with self.following(where, 0) as events:
            # Another turn's end may come first.
            for event in events:
                if event.ends_turn and (now := self.turn(where, turn_id))["finished_at"]:
                    return now
        raise AssertionError(f"{turn_id} did not end")

    def await_text(self, turn: Json) -> int:
        """Return the seq of the first text that was said after a turn was sent."""
        with self.following(turn["conversation_id"]) as events:
            return next(event.seq for event in events if event.delta)

    @contextmanager
    def socket(self, path: str, **options: Any) -> Iterator[Connection]:
        """Open a WebSocket with the token as subprotocol."""
        with open_socket(
            self.url, path, subprotocols=["chat.v1", f"bearer.{self.access}"], **options
        ) as socket:
            yield socket


def open_socket(url: str, path: str, **options: Any) -> ClientConnection:
    """Open a WebSocket of the site."""
    options = {"open_timeout": SECONDS, "close_timeout": SECONDS, **options}
    return connect(f"ws://{urlsplit(url).netloc}{path}", **options)


def frames(socket: Connection, seconds: float = SECONDS) -> Iterator[Json]:
    """Read a WebSocket's frames, so long as they come within some seconds."""
    while True:
        yield json.loads(socket.recv(timeout=seconds))


def close_code(socket: Connection) -> int | None:
    """Read a WebSocket to its end and return the code that it was closed with."""
    try:
        list(frames(socket))
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None
    raise AssertionError("the socket is still open")


def read_events(answer: httpx.Response) -> Iterator[Event]:
    """Read server-sent events; comments are left out."""
    seq, data = 0, ""
    for line in answer.iter_lines():
        if line.startswith("id: "):
            seq = int(line[4:])
        elif line.startswith("data: "):
            data = line[6:]
        elif not line and data:
            yield Event(seq, json.loads(data))
            data = ""


def take_until(events: Iterator[Each], last: Callable[[Each], Any]) -> Iterator[Each]:
    """Yield events up to the first one for which `last` is true."""
    for event in events:
        yield event
        if last(event):
            return


def register(url: str, username: str = "", **extra: Any) -> Person:
    """Make an account with a name that nobody has."""
    name = username or f"maya-{uuid.uuid4().hex[:12]}"
    answer = httpx.post(
        f"{url}/api/auth/register", json={"username": name, "password": PASSWORD}, timeout=SECONDS, **extra
    )
    assert answer.status_code == 201, answer.text
    return Person(url, **answer.json())


def guest(url: str) -> Person:
    """Become a guest: quicker than an account, whose password is hashed."""
    answer = httpx.post(f"{url}/api/auth/guest", timeout=SECONDS)
    assert answer.status_code == 201, answer.text
    return Person(url, **answer.json())


def words(message: str, **behaviour: Any) -> str:
    """Write a message that tells the practice provider how to answer; quickly, unless said otherwise."""
    behaviour = {"pace": 0, **behaviour}
    return f"{message} [practice: {', '.join(f'{name}={value}' for name, value in behaviour.items())}]"


def unique(message: str) -> str:
    """Make a message that nobody has sent: the practice provider counts faults by message."""
    return f"{message} {uuid.uuid4().hex[:8]}"
