"""Migrations: made by one process at a time, past a pooler, and never in the way of a busy table.

A statement that waits for a table makes everybody who comes after it wait too. So it gives up after LOCK_TIMEOUT, and
the migration, which is one transaction, is tried again a little later.
"""

from __future__ import annotations

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

from chatsite.databases import direct_settings
from chatsite.lifecycle import CannotStart

LOCK_TIMEOUT = "3s"
TRIES = 10
PAUSE_SECONDS = 2.0
_MIGRATION_LOCK = 7_262_012_117_453  # any number that is nobody else's

Say = Callable[[str], object]
Direct = psycopg.Connection[tuple[object, ...]]


@contextmanager
def one_process_at_a_time(direct: Direct, say: Say) -> Iterator[None]:
    """Let one process at a time prepare the database, on whatever machine."""
    taken = direct.execute("select pg_try_advisory_lock(%s)", [_MIGRATION_LOCK]).fetchone()
    if taken != (True,):
        say("Waiting for another process that prepares the database …")
        direct.execute("select pg_advisory_lock(%s)", [_MIGRATION_LOCK])
    try:
        yield
    finally:
        direct.execute("select pg_advisory_unlock(%s)", [_MIGRATION_LOCK])


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
        with direct.cursor() as cursor:
            cursor.execute(f"set lock_timeout = '{LOCK_TIMEOUT}'")  # a constant
        yield
    finally:
        connections["default"] = pooled
        direct.close()
