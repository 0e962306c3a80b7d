"""What every test may use: the cast, factories, a browser, a running site."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from httpx._config import DEFAULT_TIMEOUT_CONFIG
from hypothesis import settings

from chatsite.postgres import server
from tests.environment import remove

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.people",
    "tests.fixtures.browser",
    "tests.fixtures.site",
    "tests.fixtures.stock",
    "tests.fixtures.scripted",
    "tests.fixtures.redis",
    "tests.fixtures.provider",
    "tests.fixtures.loud_provider",
    "tests.fixtures.frail",
]

# What is tried is the same in each run: a run says of a change what it does, and not what chance found this time.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
# Where a test doesn't say how long it waits for an answer, httpx would for five seconds: too little on a busy machine.
for step in ("connect", "read", "write", "pool"):
    setattr(DEFAULT_TIMEOUT_CONFIG, step, 30.0)

# Where servers, browsers and the network between them are real, a busy machine fails one of a thousand by chance. In CI
# these are tried again, and the summary names each that was (docs/decisions/0046-second-try.md).
AMONG_PROCESSES = (
    "tests/browser/",
    "tests/contract/",
    "tests/deployment/",
    "tests/elsewhere/",
    "tests/faults/",
)


def pytest_configure(config: pytest.Config) -> None:
    """End in order on SIGTERM too, so that no site of a test stays behind."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_report_header() -> str:
    return f"faults: {os.environ.get('FAULTS', 'short')} form, FAULT_SEED={os.environ['FAULT_SEED']}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put browser tests last: from the first on, Playwright's event loop runs, where Django refuses its database."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    if os.environ.get("CI") == "true":
        for item in items:
            if item.nodeid.startswith(AMONG_PROCESSES):
                item.add_marker(pytest.mark.flaky(reruns=2))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the tests' database and remove it; with several workers, by the one that started them."""
    server.release_all()
    if not hasattr(config, "workerinput"):
        remove(Path(os.environ["DATA_DIR"]))
