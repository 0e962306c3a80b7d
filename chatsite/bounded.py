"""A question to the database that waits for nothing long: neither for a connection nor for its answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString, cast

import psycopg
from django.db import DatabaseError, connection
from psycopg_pool import ConnectionPool, PoolTimeout

SECONDS = 2.0


class NoAnswer(Exception):
    """The database is away, or too busy to answer in time."""


def ask(question: LiteralString, parameters: Sequence[object] = ()) -> tuple[Any, ...]:
    """Return the one row that answers. Raises NoAnswer.

    Past Django's connection, which would wait as long as the pool lets a request wait.
    """
    try:
        with pool().connection(timeout=SECONDS) as direct, direct.transaction():
            direct.execute("select set_config('statement_timeout', %s, true)", [f"{SECONDS * 1000:.0f}"])
            row: tuple[Any, ...] | None = direct.execute(question, parameters).fetchone()
    except (psycopg.Error, DatabaseError, PoolTimeout) as error:
        raise NoAnswer(type(error).__name__) from error
    if row is None:
        raise NoAnswer("no row")
    return row


def pool() -> ConnectionPool[Any]:
    """Return the pool that Django's connections come from, open."""
    djangos: ConnectionPool[Any] = cast("Any", connection).pool
    djangos.open()
    return djangos
