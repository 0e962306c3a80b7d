"""What grows with use, measured on the deployment of `python -m deploy.local`: `python -m benchmarks.growth`.

Prints the figures that docs/scaling.md calculates with. Two minutes on two cores; needs haproxy and redis-server.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis

from chatsite.postgres import server
from deploy.local import Cluster, Process
from tests.contract.client import Person, guest, open_socket, words

TURNS = 300
AT_ONCE = 20
SOCKETS = 400
TABLES = {
    "events (pruned a day after their turn)": ("conversations_event",),
    "messages, turns, conversations (kept)": (
        "conversations_conversation",
        "conversations_item",
        "conversations_turn",
        "conversations_toolcall",
    ),
    "jobs": ("procrastinate_jobs", "procrastinate_events"),
}
NO_LIMITS = {"AUTH_RATE_PER_MINUTE": "0", "CHAT_RATE_PER_MINUTE": "0"}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="chat-growth-") as folder:
        cluster = Cluster(Path(folder), NO_LIMITS)
        with cluster.running(), _database(cluster) as database:
            redis = Redis.from_url(cluster.redis_url)
            _show_processes("idle", cluster, database)
            people = [guest(cluster.url) for _ in range(AT_ONCE)]
            _talk(people, 2)  # so that tables and caches are not new
            _measure_turns(people, database, redis)
            _show_processes("after these turns", cluster, database)
            _measure_sockets(people[0], cluster, redis)


def _measure_turns(people: list[Person], database: psycopg.Connection[Any], redis: Redis) -> None:
    sizes = _sizes(database)
    carried = redis.info()["total_net_output_bytes"]
    (rows,) = _row(database, "select count(*) from conversations_event")
    peak = _Peak(database)
    with peak:
        _talk(people, TURNS // AT_ONCE)
    print(f"\n{TURNS} turns of 60 words in 1.2 s, {AT_ONCE} at once")
    for name, size in _sizes(database).items():
        print(f"  {name}: {(size - sizes[name]) / TURNS / 1000:.1f} kB a turn, indexes included")
    (now,) = _row(database, "select count(*) from conversations_event")
    print(f"  event rows: {(now - rows) / TURNS:.0f} a turn")
    print(f"  Redis sent: {(redis.info()['total_net_output_bytes'] - carried) / TURNS / 1000:.1f} kB a turn")
    print(f"  connections to PostgreSQL at the peak: {peak.most}")


def _talk(people: list[Person], rounds: int) -> None:
    """Let everybody ask so often, each in a conversation of his own, while somebody follows."""

    def ask(person: Person) -> None:
        conversation = None
        for number in range(rounds):
            answer = person.ask(words(f"Question {number}", words=60, pace=20), conversation)
            conversation = answer["conversation_id"]

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(ask, people))


def _measure_sockets(person: Person, cluster: Cluster, redis: Redis) -> None:
    conversations = [
        person.send("Hello", header_Prefer="respond-async").json()["conversation_id"] for _ in range(SOCKETS)
    ]
    _talk([person], 1)
    processes = [cluster.proxy, *cluster.servers]
    before = {process.name: _resident(process) for process in processes}
    used = redis.info()["used_memory"]
    with ExitStack() as stack:
        for conversation in conversations:
            protocols = ["chat.v1", f"bearer.{person.access}"]
            path = f"/ws/conversations/{conversation}/"
            stack.enter_context(open_socket(cluster.url, path, subprotocols=protocols))
        print(f"\n{SOCKETS} WebSockets, each on a conversation of its own")
        grown = sum(_resident(each) - before[each.name] for each in cluster.servers)
        print(f"  servers: {grown / SOCKETS / 1000:.0f} kB a socket")
        print(f"  proxy: {(_resident(cluster.proxy) - before['proxy']) / SOCKETS / 1000:.0f} kB a socket")
        print(f"  Redis: {(redis.info()['used_memory'] - used) / SOCKETS / 1000:.1f} kB a socket")


def _show_processes(when: str, cluster: Cluster, database: psycopg.Connection[Any]) -> None:
    print(f"\nResident memory, {when}")
    for process in (*cluster.servers, *cluster.workers, cluster.proxy, cluster.redis):
        print(f"  {process.name}: {_resident(process) / 1e6:.0f} MB")
    print(f"  connections to PostgreSQL: {_connections(database)}")


def _sizes(database: psycopg.Connection[Any]) -> dict[str, int]:
    return {
        name: sum(_row(database, "select pg_total_relation_size(%s::regclass)", table)[0] for table in tables)
        for name, tables in TABLES.items()
    }


def _connections(database: psycopg.Connection[Any]) -> int:
    question = (
        "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    )
    return int(_row(database, question)[0])


class _Peak:
    """The most connections that were there at once."""

    def __init__(self, database: psycopg.Connection[Any]) -> None:
        self.most = 0
        self._database = database
        self._over = threading.Event()
        self._watching = threading.Thread(target=self._watch)

    def __enter__(self) -> None:
        self._watching.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watching.join()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            self.most = max(self.most, _connections(self._database))


def _row(database: psycopg.Connection[Any], question: str, *values: object) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = database.execute(question, values).fetchone()
    assert row is not None
    return row


def _resident(process: Process) -> int:
    """Return a process's own memory: what it shares with others is theirs as well."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


@contextmanager
def _database(cluster: Cluster) -> Iterator[psycopg.Connection[Any]]:
    data_dir = cluster.folder / "data"
    try:
        with psycopg.connect(
            host=str(server.ensure_running(data_dir)), user="chat", dbname="chat", autocommit=True
        ) as connection:
            yield connection
    finally:
        server.release(data_dir)


if __name__ == "__main__":
    main()
