"""Where the measuring happens: one PostgreSQL, one provider, and the servers that are compared."""

from __future__ import annotations

import json
import shutil
import socket
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from agents_app.providers.practice.brain import make_filler
from benchmarks import processes, seeding
from benchmarks.doors import User
from benchmarks.processes import FOR_THE_APP, ROOT
from chatsite.postgres import server as postgres

WORDS = 60
PACE_MS = 10
REFERENCE_PYTHON = ROOT / "benchmarks" / ".venv" / "bin" / "python"
API = "responses"
#: A guest's token lasts a quarter of an hour; a load may take the rest of it.
FRESH_SECONDS = 240.0


_UNFINISHED = "select count(*) from conversations_turn where status in ('queued', 'running')"
# A reply belongs to its message by the turn that both are of; a second turn for the same words would be a second row.
_ANSWERED = """
    with replies as (
        select turn_id, count(*) as all_of_them, count(*) filter (where text = %s) as complete
        from conversations_item where kind = 'assistant_message' group by turn_id
    ), asked as (
        select said.text,
            coalesce(sum(all_of_them), 0) = 1 and coalesce(sum(complete), 0) = 1
            and count(*) = 1 and bool_and(turn.status = 'completed') as answered
        from conversations_item as said
        join conversations_turn as turn on turn.id = said.turn_id
        left join replies on replies.turn_id = turn.id
        where said.kind = 'user_message' and said.text ~ '#[0-9]+$' and turn.queued_at >= to_timestamp(%s)
        group by said.text
    )
    select count(*), count(*) filter (where answered) from asked
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A server under measurement. `pids` are its processes; most have one."""

    name: str
    door: str
    url: str
    pids: tuple[int, ...]

    @property
    def memory_mb(self) -> float:
        return sum(processes.memory_mb(pid) for pid in self.pids)


@dataclass(slots=True)
class Measured:
    """What one load has shown."""

    subject: str
    turns: int
    seconds: float
    app_cpu: list[float]
    database_cpu: float
    first: list[float]
    whole: list[float]
    errors: dict[str, int]
    peak_mb: float
    most_open: int
    more: dict[str, float] = field(default_factory=dict)

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of the application's processor time for one turn."""
        return 1000 * sum(self.app_cpu) / max(self.turns, 1)

    @property
    def database_ms(self) -> float:
        return 1000 * self.database_cpu / max(self.turns, 1)

    @property
    def failed(self) -> int:
        return sum(self.errors.values())

    def percentile(self, which: str, percent: int) -> float:
        """Return a percentile of `first` or `whole`, in seconds."""
        values: list[float] = sorted(getattr(self, which))
        if len(values) < 2:
            return values[0] if values else float("nan")
        return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


class Lab:
    """Starts what is needed, and measures."""

    def __init__(self, folder: Path, provider: tuple[str, int], sockets: Path) -> None:
        self.provider, self._provider_pid = provider
        self.folder = folder
        self._sockets = sockets
        self._guests: list[User] = []
        self._guests_since = time.monotonic()

    @contextmanager
    def product(self, *options: str, **environment: str) -> Iterator[Subject]:
        """Run the product, all in one process unless the options say otherwise."""
        command = [sys.executable, "manage.py", "serve", "--port", "0", *options]
        with processes.running(command, self.environment(environment), FOR_THE_APP) as process:
            url = process.wait_for("Serving on").split()[2]
            if "--no-worker" not in options:
                processes.wait_until_answers(f"{url}/readyz")
            yield Subject("product", "product", url, (process.pid,))

    def environment(self, more: dict[str, str]) -> dict[str, str]:
        """Return the product's settings: its defaults, but for where things are and how many guests may come."""
        return {
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": "",
            "DOTENV_PATH": "/dev/null",
            "CHAT_PROVIDER": "openai",
            "OPENAI_API_KEY": "benchmark",
            "OPENAI_BASE_URL": self.provider,
            "OPENAI_API": API,
            "AUTH_RATE_PER_MINUTE": "0",
            **more,
        }

    @contextmanager
    def reference(self, transport: str = "httpx") -> Iterator[Subject]:
        """Run the reference, in its own environment and with a database of its own on the same server."""
        name = "reference" if transport == "httpx" else f"reference, {transport}"
        with self.connect("chat") as connection:
            connection.execute("drop database if exists reference")
            connection.execute("create database reference")
        port = free_port()
        command = [
            *(str(REFERENCE_PYTHON), "-m", "uvicorn", "benchmarks.reference.app:app", "--port", str(port)),
            *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"),
        ]
        environment = {
            "REFERENCE_DATABASE": f"postgresql+asyncpg://chat@/reference?host={self._sockets}",
            "REFERENCE_INSTRUCTIONS": str(ROOT / "agents_app/assistants/concierge.md"),
            "REFERENCE_TRANSPORT": transport,
            "OPENAI_API_KEY": "benchmark",
            "OPENAI_BASE_URL": self.provider,
            "OPENAI_API": API,
        }
        with processes.running(command, environment, FOR_THE_APP) as process:
            url = f"http://127.0.0.1:{port}"
            processes.wait_until_answers(f"{url}/healthz")
            yield Subject(name, "reference", url, (process.pid,))

    @contextmanager
    def floor(self) -> Iterator[Subject]:
        """Run the bare relay."""
        command = [sys.executable, "-m", "benchmarks.floor", self.provider]
        with processes.running(command, cores=FOR_THE_APP) as process:
            yield Subject("floor", "provider", process.wait_for("http://"), (process.pid,))

    def direct(self) -> Subject:
        """Return the provider itself: what it takes on its own."""
        return Subject("provider", "provider", self.provider, ())

    def users(self, subject: Subject, count: int) -> list[User]:
        """Return so many users; the product's are guests with a token each."""
        if subject.door != "product":
            return [User(id=f"user{number}") for number in range(count)]
        if time.monotonic() > self._guests_since + FRESH_SECONDS:
            self._guests, self._guests_since = [], time.monotonic()
        if len(self._guests) < count:
            with ThreadPoolExecutor(4) as pool:
                missing = range(count - len(self._guests))
                self._guests += pool.map(lambda _: _become_guest(subject.url), missing)
        return [User(guest.id, guest.token) for guest in self._guests[:count]]

    def start_conversations(self, subject: Subject, users: Sequence[User], messages: int) -> None:
        """Give each user a conversation with so many messages in it."""
        database = "reference" if subject.door == "reference" else "chat"
        with self.connect(database) as connection:
            for user in users:
                user.conversation_id = seeding.seed(connection, subject.door, user.id, messages)
            connection.execute("analyze")

    def warm_up(self, subject: Subject, turns: int = 30) -> None:
        """Let everything be imported, opened and filled that the first turns would pay for."""
        self.measure(subject, self.users(subject, 10), turns=turns, at_once=10)

    def measure(
        self,
        subject: Subject,
        users: Sequence[User],
        *,
        turns: int,
        at_once: int = 0,
        rate: float = 0.0,
        stream: bool = True,
        sockets: bool = False,
        slow: float = 0.0,
        pace: float = PACE_MS,
        hours: Sequence[int] = (),
        seconds: float = 0.0,
        numbered: bool = False,
        turns_in_a_conversation: int = 5,
        give_up_after: float = 90.0,
        timeout: float = 60.0,
    ) -> Measured:
        """Put a load on the subject and read the counters before and after."""
        wait = f", slow={slow:g}" if slow else ""
        result = self.folder / "load-result.json"
        plan = {
            "door": subject.door,
            "url": subject.url,
            "api": API,
            "users": [[user.id, user.token, user.conversation_id] for user in users],
            "message": f"Tell me how it is up there. [practice: words={WORDS}, pace={pace:g}{wait}]",
            "expected": make_filler(WORDS),
            "turns": turns,
            "at_once": at_once,
            "rate": rate,
            "hours": hours,
            "seconds": seconds,
            "numbered": numbered,
            "stream": stream,
            "sockets": sockets,
            "turns_in_a_conversation": turns_in_a_conversation,
            "timeout": timeout,
            "result": str(result),
        }
        postmaster = self._postmaster()
        load = processes.load_client(plan, give_up_after)
        try:
            load.wait_for("started")
            for pid in subject.pids:
                processes.forget_peak(pid)
            apps = [processes.cpu_seconds(pid) for pid in subject.pids]
            database = processes.family_cpu_seconds(postmaster)
            load.wait_for("ended", give_up_after + 30)
        finally:
            load.stop()
        told: dict[str, Any] = json.loads(result.read_text())
        return Measured(
            subject=subject.name,
            turns=len(told["whole"]),
            seconds=told["seconds"],
            app_cpu=[
                processes.cpu_seconds(pid) - before for pid, before in zip(subject.pids, apps, strict=True)
            ],
            database_cpu=processes.family_cpu_seconds(postmaster) - database,
            first=told["first"],
            whole=told["whole"],
            errors=told["errors"],
            peak_mb=sum(processes.peak_memory_mb(pid) for pid in subject.pids),
            most_open=told["most_open"],
        )

    def count_answered(self, *, since: float, patience: float = 300.0) -> tuple[int, int]:
        """Return how many different numbered messages are stored since then, and how many have exactly one reply.

        Turns that are not at their end yet get some time for it.
        """
        deadline = time.monotonic() + patience
        with self.connect("chat") as connection:
            while connection.execute(_UNFINISHED).fetchone() != (0,) and time.monotonic() < deadline:
                time.sleep(1)
            row = connection.execute(_ANSWERED, [make_filler(WORDS), since]).fetchone()
        assert row is not None
        return row[0], row[1]

    def connect(self, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(host=str(self._sockets), user="chat", dbname=database, autocommit=True)

    def cpu_seconds(self) -> float:
        """Return what PostgreSQL and the provider have used so far."""
        return processes.family_cpu_seconds(self._postmaster()) + processes.cpu_seconds(self._provider_pid)

    def _postmaster(self) -> int:
        return int((self.folder / "postgres/data/postmaster.pid").read_text().split()[0])


@contextmanager
def open_lab() -> Iterator[Lab]:
    """Start PostgreSQL and the provider; stop and remove everything at the end, SIGTERM's included."""
    folder = Path(tempfile.mkdtemp(prefix="chat-bench-"))
    try:
        sockets = postgres.ensure_running(folder)
        with processes.running_provider() as provider:
            yield Lab(folder, provider, sockets)
    finally:
        postgres.release(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _become_guest(url: str) -> User:
    request = urllib.request.Request(f"{url}/api/auth/guest", data=b"", method="POST")
    with urllib.request.urlopen(request, timeout=30) as response:
        guest = json.load(response)
    return User(guest["user_id"], guest["access"])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
