"""A rented database: TLS, a pooler in transaction mode, and a server that sleeps."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contract.client import frames, guest, take_until, unique, words
from tests.deployment.managed import ManagedPostgres
from tests.environment import of_a_site
from tests.find_browser import ROOT
from tests.fixtures.site import Site, free_port

pytestmark = pytest.mark.faults

NO_LIMITS = {"AUTH_RATE_PER_MINUTE": "0", "CHAT_RATE_PER_MINUTE": "0"}


@pytest.fixture(scope="module")
def managed() -> Iterator[ManagedPostgres]:
    server = ManagedPostgres()
    try:
        server.start_pooler()
        yield server
    finally:
        server.end()


@pytest.fixture(scope="module")
def pooled_site(managed: ManagedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from running(
        tmp_path_factory.mktemp("pooled"),
        DATABASE_URL=managed.pooled_url,
        DATABASE_DIRECT_URL=managed.direct_url,
    )


@pytest.fixture(scope="module")
def direct_site(managed: ManagedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from running(tmp_path_factory.mktemp("direct"), DATABASE_URL=managed.direct_url)


def running(data_dir: Path, **settings: str) -> Iterator[Site]:
    site = Site(data_dir, free_port(), {**NO_LIMITS, **settings})
    yield site.start()
    site.stop()


def test_everything_works_through_a_pooler(pooled_site: Site, managed: ManagedPostgres) -> None:
    maya = guest(pooled_site.url)
    first = maya.ask(words("Hello", text="Hi"))
    conversation = first["conversation_id"]

    # More at once than the pooler has connections.
    started = [maya.start(words(unique("Story"), words=20, pace=10)) for _ in range(20)]
    with maya.socket(f"/ws/conversations/{conversation}/?after_seq=0") as socket:
        assert next(frames(socket))["seq"] == 1
    with maya.streamed(words("More", words=20), conversation) as answer:
        assert answer.status_code == 200
        answer.read()
    for turn in started:
        assert maya.await_turn(turn)["status"] == "completed"
    assert maya.ask("Please add a checked bag", conversation)["tool_calls"][0]["status"] == "completed"
    assert len(maya.messages(conversation)) == 6
    assert maya.http.get("/search", params={"q": "Hello"}).status_code in (200, 404)
    assert maya.http.get(f"/conversations/{conversation}/export").status_code in (200, 404)
    assert "prepared statement" not in pooled_site.log
    assert "Traceback" not in pooled_site.log


def test_what_needs_a_session_goes_past_the_pooler(pooled_site: Site, managed: ManagedPostgres) -> None:
    assert guest(pooled_site.url).ask(words("Hello", text="Hi"))["response"] == "Hi"

    listening = managed.execute("select usename from pg_stat_activity where query ilike 'listen%%'")
    asking = managed.execute("select usename from pg_stat_activity where query ilike '%%conversations_%%'")
    owners = managed.execute("select distinct tableowner from pg_tables where schemaname = 'public'")
    assert {name for (name,) in listening} == {"chat"}
    assert "pooled" in {name for (name,) in asking}
    assert {name for (name,) in owners} == {"chat"}  # migrations went past it too


def test_every_connection_is_encrypted(pooled_site: Site, managed: ManagedPostgres) -> None:
    assert guest(pooled_site.url).ask(words("Hello", text="Hi"))["response"] == "Hi"

    plain = managed.execute(
        "select count(*) from pg_stat_ssl join pg_stat_activity using (pid) "
        "where usename in ('chat', 'pooled') and not ssl"
    )
    assert plain == [(0,)]


def test_a_certificate_that_nobody_vouches_for_is_refused(
    managed: ManagedPostgres, make_site: Callable[..., Site]
) -> None:
    stranger = managed.direct_url.replace(f"&sslrootcert={managed.certificate}", "")
    site = make_site(DATABASE_URL=stranger)

    result = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=of_a_site(site.data_dir, {**os.environ, **site.environment, "PORT": str(site.port)}),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert result.returncode == 1
    assert "DATABASE_URL" in result.stderr
    assert "certificate" in result.stderr
    assert "Traceback" not in result.stderr
    assert "characters" not in result.stderr  # of the password


@pytest.mark.parametrize("through", ["direct", "pooler"])
def test_connections_that_were_cut_while_idle_cost_nobody_an_answer(
    through: str, request: pytest.FixtureRequest, managed: ManagedPostgres
) -> None:
    site: Site = request.getfixturevalue("direct_site" if through == "direct" else "pooled_site")
    maya = guest(site.url)
    maya.ask(words("Hello", text="Hi"))

    for number in range(3):
        cut(managed)
        assert maya.http.get("/conversations").status_code == 200
        cut(managed)
        assert maya.ask(words(f"Are you there, {number}?", text="Yes"))["response"] == "Yes"


def test_a_site_goes_on_with_a_server_that_slept(direct_site: Site, managed: ManagedPostgres) -> None:
    direct_site.wait_until_ready()  # the tests before this one cut its connections
    maya = guest(direct_site.url)
    conversation = maya.ask(words("Hello", text="Hi"))["conversation_id"]
    with maya.socket(f"/ws/conversations/{conversation}/") as socket:
        for _ in range(2):
            managed.stop()
            managed.start()
            # Who asked while it was away may be told so for another half second.
            direct_site.wait_until_ready()

            assert maya.http.get("/conversations").status_code == 200
            maya.ask(words("Are you there?", text="Yes"), conversation)

        # Nobody had to come back: whoever only listened hears the rest.
        last = maya.snapshot_seq(conversation)
        list(take_until(frames(socket), lambda frame: frame["seq"] == last))


def test_a_pooler_that_waits_for_its_server_is_waited_for(
    pooled_site: Site, managed: ManagedPostgres
) -> None:
    maya = guest(pooled_site.url)
    maya.ask(words("Hello", text="Hi"))
    managed.stop()
    managed.start()

    assert maya.ask(words("Are you there?", text="Yes"))["response"] == "Yes"
    pooled_site.wait_until_ready()  # its worker has a line of its own, past the pooler


def cut(managed: ManagedPostgres) -> None:
    # Waits until they are gone: what is under way when its connection ends may be answered with 503.
    managed.execute(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
        "where usename in ('chat', 'pooled') and state like 'idle%%'"
    )
