"""A PostgreSQL server of the tests' own: watched, held up, and hurt."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from chatsite.postgres import locks, server

_GATE = 7_411  # an advisory lock's number, nobody else's


@dataclass
class Database:
    """One database of a server that a site only knows the address of."""

    folder: Path
    name: str

    @property
    def url(self) -> str:
        return f"postgresql://chat@/{self.name}?host={server.ensure_running(self.folder)}"

    def connect(self, **options: Any) -> psycopg.Connection[Any]:
        """Connect past the site."""
        return psycopg.connect(self.url, autocommit=True, **options)

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Ask once."""
        with self.connect() as connection:
            return connection.execute(query, values).fetchall()

    def wait_for(self, query: str, seconds: float = 20, **values: Any) -> tuple[Any, ...]:
        """Ask until there is a row, and return it."""
        deadline = time.monotonic() + seconds
        with self.connect() as connection:
            while time.monotonic() < deadline:
                if (row := connection.execute(query, values).fetchone()) is not None:
                    return tuple(row)
                threading.Event().wait(0.005)
        raise AssertionError(f"nothing in {seconds} s: {query} {values}")

    def cut_connections(self) -> int:
        """Cut every connection but our own, as a failover would; return how many."""
        others = (
            "datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
        )
        return len(self.rows(f"select pg_terminate_backend(pid) from pg_stat_activity where {others}"))

    def stop(self, *, at_once: bool = False) -> None:
        """Stop the server as an administrator does, or as a crash would, without writing anything down."""
        if at_once:
            postmaster = int((self.folder / "postgres/data/postmaster.pid").read_text().split()[0])
            os.kill(postmaster, signal.SIGQUIT)
            while locks.server_is_alive(self.folder / "postgres"):
                threading.Event().wait(0.01)
        server.release(self.folder)

    def start(self) -> None:
        """Start the server again."""
        server.ensure_running(self.folder)

    @contextmanager
    def full_disk(self, *tables: str) -> Iterator[None]:
        """Let every write into the tables fail as it does on a disk that has no room left."""
        with self.connect() as connection:
            connection.execute(_NO_ROOM)
            for table in tables:
                when = f"before insert or update on {table}"
                connection.execute(f"create trigger faults_no_room {when} execute function faults_no_room()")
        try:
            yield
        finally:
            with self.connect() as connection:
                for table in tables:
                    connection.execute(f"drop trigger faults_no_room on {table}")

    @contextmanager
    def gate(self, table: str, when: str, condition: str) -> Iterator[Gate]:
        """Hold up every statement that does what the trigger says, from now on until the gate is opened."""
        gate = Gate(self, table)
        gate.close(when, condition)
        try:
            yield gate
        finally:
            gate.remove()


class Gate:
    """A trigger that waits for a lock which the test holds: so a process can be met between two of its steps."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table
        self._holder = database.connect()

    def close(self, when: str, condition: str) -> None:
        self._holder.execute("select pg_advisory_lock(%s)", [_GATE])
        self._holder.execute(_FUNCTION)
        self._holder.execute(
            f"create trigger faults_gate {when} on {self._table} for each row when ({condition}) "
            "execute function faults_gate()"
        )

    def wait_for_somebody(self) -> None:
        """Return when a statement is held up."""
        self._database.wait_for(f"select pid from pg_locks where {_HELD}")

    def open(self) -> None:
        """Let through whoever waits and whoever comes, even where the process that asked is dead."""
        self._holder.execute("select pg_advisory_unlock_all()")

    def turn_away(self) -> None:
        """Let through whoever comes; who waits fails."""
        self._holder.execute(f"select pg_terminate_backend(pid) from pg_locks where {_HELD}")
        self.open()

    def remove(self) -> None:
        with suppress(psycopg.OperationalError):  # the connection may be what the test cut
            self.open()
        self._holder.close()
        with self._database.connect() as connection:
            connection.execute(f"drop trigger faults_gate on {self._table}")


_FUNCTION = f"""
create or replace function faults_gate() returns trigger language plpgsql as $$
begin
    perform pg_advisory_lock_shared({_GATE});
    perform pg_advisory_unlock_shared({_GATE});
    return coalesce(new, old);
end $$
"""
_NO_ROOM = """
create or replace function faults_no_room() returns trigger language plpgsql as $$
begin
    raise exception 'could not extend file "base/1/2": No space left on device' using errcode = '53100';
end $$
"""
_HELD = f"""
locktype = 'advisory' and objid = {_GATE} and not granted
and database = (select oid from pg_database where datname = current_database())
"""
