"""Sites that are hurt, on a PostgreSQL and with a provider that outlive them; and chance, which can be repeated."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator

import pytest

from chatsite.postgres import server
from tests.environment import forget_at_power_loss, remove
from tests.faults.database import Database
from tests.faults.form import FULL
from tests.fixtures.provider import Provider
from tests.fixtures.site import Site, free_port

SEED = os.environ["FAULT_SEED"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Say with a failure how to meet the same chance again."""
    report = yield
    if report.failed and "chance" in getattr(item, "fixturenames", ()):  # type: ignore[attr-defined]
        form = "FAULTS=full " if FULL else ""
        again = f"{form}FAULT_SEED={SEED} .venv/bin/python -m pytest '{item.nodeid}'"
        report.sections.append(("repeat it with", again))  # type: ignore[attr-defined]
    return report


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """A test's own chance: the same for the same FAULT_SEED, whatever other tests run."""
    return random.Random(f"{SEED} {request.node.nodeid}")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Database]:
    """A server with a database that has all tables and that nobody uses."""
    folder = tmp_path_factory.mktemp("postgres")
    forget_at_power_loss(folder)
    database = Database(folder, "chat")
    site = Site(
        tmp_path_factory.mktemp("first"), free_port(), {"DATABASE_URL": database.url}, ("--no-worker",)
    )
    site.spawn()
    site.wait_for_line("Serving on")
    site.stop()
    yield database
    server.release(folder)
    remove(folder)


@pytest.fixture(scope="session")
def database(template: Database) -> Database:
    """The database of `site`."""
    return _copy(template, "shared")


@pytest.fixture(scope="session")
def shared_site(
    database: Database, provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The one site of `site`, not yet started."""
    site = Site(tmp_path_factory.mktemp("site"), free_port(), _settings(database, provider))
    yield site
    site.stop()
    remove(site.data_dir)


@pytest.fixture
def site(shared_site: Site) -> Site:
    """A running site with its worker, whatever the test before did to it."""
    if shared_site.process is None or shared_site.process.poll() is not None:
        shared_site.start()
    return shared_site


@pytest.fixture(scope="module")
def own_database(template: Database, request: pytest.FixtureRequest) -> Database:
    """A database of a module's own, for processes that would take the work of others."""
    return _copy(template, request.module.__name__.rsplit(".", 1)[1])


@pytest.fixture(scope="module")
def make_lasting_site(
    own_database: Database, provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Site]]:
    """Make sites and workers for a whole module, not yet started, that share its database."""
    sites: list[Site] = []

    def make(*options: str, command: str = "serve", **environment: str) -> Site:
        settings = {**_settings(own_database, provider), **environment}
        sites.append(Site(tmp_path_factory.mktemp("site"), free_port(), settings, options, command))
        return sites[-1]

    yield make
    for site in sites:
        site.stop()
        remove(site.data_dir)


def _copy(template: Database, name: str) -> Database:
    with Database(template.folder, "postgres").connect() as connection:
        connection.execute(f"create database {name} template {template.name}")
    return Database(template.folder, name)


def _settings(database: Database, provider: Provider) -> dict[str, str]:
    return {
        "DATABASE_URL": database.url,
        "SECRET_KEY": "the same for all who share a database, and long enough for a signature",
        "AUTH_RATE_PER_MINUTE": "0",
        "CHAT_RATE_PER_MINUTE": "0",
        **provider.settings,
    }
