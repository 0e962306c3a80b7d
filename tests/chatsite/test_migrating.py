"""Migrations: once, and without making a busy site wait."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chatsite.databases import database_settings, past_neons_pooler
from chatsite.postgres import server
from tests.environment import of_a_site
from tests.find_browser import ROOT
from tests.fixtures.site import Site
from tests.migration_rules import broken_rules

OURS = ("accounts", "conversations", "agents_app")


@pytest.mark.django_db(transaction=True)
def test_no_migration_of_ours_gets_in_the_way_of_a_busy_table() -> None:
    executor = MigrationExecutor(connection)
    for app, name in executor.loader.graph.leaf_nodes():
        if app not in OURS:
            continue
        for migration in executor.loader.graph.forwards_plan((app, name)):
            if migration[0] in OURS:
                statements = call_command("sqlmigrate", *migration, stdout=StringIO()).splitlines()
                assert list(broken_rules(statements)) == [], migration


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ('CREATE INDEX "i" ON "conversations_event" ("seq");', "Concurrently"),
        ('ALTER TABLE "conversations_event" ALTER COLUMN "seq" TYPE bigint;', "anew"),
        ('ALTER TABLE "conversations_event" ALTER COLUMN "seq" SET NOT NULL;', "NOT VALID"),
        ('ALTER TABLE "conversations_event" ADD COLUMN "x" integer NOT NULL;', "db_default"),
        ('ALTER TABLE "conversations_event" ADD COLUMN "x" timestamptz DEFAULT now();', "batches"),
        ('ALTER TABLE "conversations_event" ADD CONSTRAINT "c" CHECK ("seq" > 0);', "NOT VALID"),
        ('ALTER TABLE "conversations_event" DROP COLUMN "seq" CASCADE;', "next"),
        ('ALTER TABLE "conversations_event" RENAME COLUMN "seq" TO "n";', "next"),
        ('DROP TABLE "conversations_event" CASCADE;', "later"),
    ],
)
def test_what_a_busy_table_would_not_bear_is_named(statement: str, word: str) -> None:
    table = 'CREATE TABLE "conversations_event" ("id" bigint);'

    (sentence,) = broken_rules([statement])

    assert word in sentence
    assert list(broken_rules([table, statement])) == []


@pytest.mark.parametrize(
    "statement",
    [
        'CREATE INDEX CONCURRENTLY "i" ON "conversations_event" ("seq");',
        'ALTER TABLE "conversations_event" ADD COLUMN "x" integer NULL;',
        'ALTER TABLE "conversations_event" ADD COLUMN "x" integer DEFAULT 0 NOT NULL;',
        'ALTER TABLE "conversations_event" ADD CONSTRAINT "c" CHECK ("seq" > 0) NOT VALID;',
    ],
)
def test_what_it_bears_is_allowed(statement: str) -> None:
    assert list(broken_rules([statement])) == []


@pytest.mark.faults
def test_processes_that_start_at_once_migrate_once(make_site: Callable[..., Site]) -> None:
    first = make_site("--no-worker")
    others = [make_site("--no-worker", data_dir=first.data_dir) for _ in range(2)]
    sites = [first, *others]

    for site in sites:
        site.spawn()
    for site in sites:
        site.wait_for_line("Serving on")

    assert sum("Migrating the database" in site.log for site in sites) == 1


@pytest.mark.faults
def test_a_migration_that_waits_for_a_table_lets_others_through(make_site: Callable[..., Site]) -> None:
    site = make_site("--no-worker")
    site.spawn()
    site.wait_for_line("Serving on")
    host = str(server.ensure_running(site.data_dir))
    with (
        psycopg.connect(host=host, user="chat", dbname="chat") as busy,
        psycopg.connect(
            host=host, user="chat", dbname="chat", autocommit=True, options="-c statement_timeout=20s"
        ) as customer,
    ):
        _forget_the_airline(customer)
        busy.execute("lock table accounts_user in row exclusive mode")  # as a long write would

        migration = subprocess.Popen(
            [sys.executable, "manage.py", "migrate"],
            cwd=ROOT,
            env=of_a_site(site.data_dir),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        _await_waiting(customer)
        started = time.monotonic()
        customer.execute("update accounts_user set is_guest = is_guest")
        waited = time.monotonic() - started
        busy.rollback()
        output, _ = migration.communicate(timeout=60)

    server.release(site.data_dir)
    assert migration.returncode == 0, output
    assert "trying again" in output
    assert waited < 5


@pytest.mark.faults
def test_what_is_left_of_an_index_that_was_not_finished_is_made_anew(make_site: Callable[..., Site]) -> None:
    site = make_site("--no-worker")
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0", "conversations", "0001"],
        cwd=ROOT,
        env=of_a_site(site.data_dir),
        check=True,
    )
    host = str(server.ensure_running(site.data_dir))
    with psycopg.connect(host=host, user="chat", dbname="chat", autocommit=True) as owner:
        with psycopg.connect(host=host, user="chat", dbname="chat") as reader:
            reader.execute("lock table conversations_turn in row exclusive mode")
            owner.execute("set statement_timeout = '300ms'")
            with pytest.raises(psycopg.errors.QueryCanceled):
                owner.execute("create index concurrently turn_troubled on conversations_turn (id)")
            owner.execute("reset statement_timeout")

        site.spawn()
        site.wait_for_line("Serving on")

        valid = owner.execute("select indisvalid from pg_index where indexrelid = 'turn_troubled'::regclass")
        assert valid.fetchone() == (True,)
    server.release(site.data_dir)


def test_behind_a_pooler_nothing_outlives_its_transaction() -> None:
    entry = database_settings("postgresql://chat@pooler/chat", ROOT, pooled=True)

    assert entry["DISABLE_SERVER_SIDE_CURSORS"] is True


@pytest.mark.parametrize(
    ("pooled", "direct"),
    [
        (
            "postgresql://u:p@ep-cool-1-pooler.eu-central-1.aws.neon.tech/db?sslmode=require",
            "postgresql://u:p@ep-cool-1.eu-central-1.aws.neon.tech/db?sslmode=require",
        ),
        ("postgresql://u:p@ep-cool-1.eu-central-1.aws.neon.tech/db", ""),
        ("postgresql://u:p@my-pooler.example.com/db", ""),
        ("", ""),
    ],
)
def test_neons_direct_address_is_known_from_the_pooled_one(pooled: str, direct: str) -> None:
    assert past_neons_pooler(pooled) == direct


def _forget_the_airline(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Undo a migration whose foreign key needs a lock on the users."""
    tables = connection.execute("select tablename from pg_tables where tablename like 'agents_app_%'")
    names = ", ".join(str(name) for (name,) in tables.fetchall())
    connection.execute(f"drop table {names} cascade")
    connection.execute("delete from django_migrations where app = 'agents_app'")


def _await_waiting(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Return when a statement waits for a lock."""
    for _ in range(600):
        waiting = connection.execute("select count(*) from pg_locks where not granted").fetchone()
        if waiting != (0,):
            return
        time.sleep(0.02)
    raise AssertionError("nothing waits for the table")
