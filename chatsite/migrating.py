"""Migrations: made by one process at a time, past a pooler, and never in the way of a busy table.

A statement that waits for a table makes everybody who comes after it wait too. So it gives up after LOCK_TIMEOUT, and
the migration, which is one transaction, is tried again a little later. What is built CONCURRENTLY is in nobody's way.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import OperationalError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from psycopg import errors as sql_errors
from psycopg import sql as sql_composition

from chatsite.databases import direct_settings
from chatsite.lifecycle import CannotStart

LOCK_TIMEOUT = "3s"
TRIES = 10
PAUSE_SECONDS = 2.0
LOOK_SECONDS = 0.2
_MIGRATION_LOCK = 7_262_012_117_453  # any number that is nobody else's

Say = Callable[[str], object]
Direct = psycopg.Connection[tuple[object, ...]]


@contextmanager
def one_process_at_a_time(direct: Direct, say: Say) -> Iterator[None]:
    """Let one process at a time prepare the database, on whatever machine."""
    if not _take(direct):
        say("Waiting for another process that prepares the database …")
        # Who waits inside a statement is waited for by an index that is built concurrently: for ever.
        while not _take(direct):
            time.sleep(LOOK_SECONDS)
    try:
        yield
    finally:
        direct.execute("select pg_advisory_unlock(%s)", [_MIGRATION_LOCK])


def _take(direct: Direct) -> bool:
    return direct.execute("select pg_try_advisory_lock(%s)", [_MIGRATION_LOCK]).fetchone() == (True,)


def migrate_what_is_new(say: Say) -> None:
    """Run the migrations that the database lacks."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Migrating the database …")
        run(lambda: call_command(migrate.Command(), verbosity=0, interactive=False), say)


def run(migrate_now: Callable[[], object], say: Say) -> None:
    """Call what migrates on a connection of its own, and again where a table was busy."""
    for _ in range(TRIES):
        with _impatient_connection():
            try:
                migrate_now()
            except OperationalError as error:
                if not isinstance(error.__cause__, sql_errors.LockNotAvailable):
                    raise
            else:
                return
        say(f"A table is in use; trying again in {PAUSE_SECONDS:.0f} s …")
        time.sleep(PAUSE_SECONDS)
    raise CannotStart(
        "The database can't be migrated: a table was in use all the time. Nothing was changed. See who holds it "
        "(`select * from pg_stat_activity where xact_start < now() - interval '1 minute'`), then start again."
    )


@contextmanager
def _impatient_connection() -> Iterator[None]:
    """Let Django's default connection be one that goes past a pooler and waits for no table."""
    pooled: Any = connections["default"]
    direct = type(pooled)(
        deepcopy(direct_settings(pooled.settings_dict, settings.DATABASE_DIRECT_URL)), "default"
    )
    connections["default"] = direct
    try:
        with direct.execute_wrapper(_wait_where_it_is_harmless):
            yield
    finally:
        connections["default"] = pooled
        direct.close()


def _wait_where_it_is_harmless(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Let a statement wait for locks only where nobody waits for it."""
    cursor = context["cursor"].cursor
    concurrent = re.match(
        r'(?:CREATE (?:UNIQUE )?|DROP )INDEX CONCURRENTLY (?:IF \w+ )*"?(\w+)', str(sql), re.I
    )
    cursor.execute("select set_config('lock_timeout', %s, false)", ["0" if concurrent else LOCK_TIMEOUT])
    if concurrent and not sql.upper().startswith("DROP"):
        _drop_invalid(cursor, concurrent[1])
    return execute(sql, params, many, context)


def _drop_invalid(cursor: Any, index: str) -> None:
    """Remove what an attempt that was killed has left of an index."""
    cursor.execute(
        "select from pg_index join pg_class on pg_class.oid = indexrelid where relname = %s and not indisvalid",
        [index],
    )
    if cursor.rowcount:
        cursor.execute(
            sql_composition.SQL("drop index concurrently {}").format(sql_composition.Identifier(index))
        )
