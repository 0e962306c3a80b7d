"""A page with the element behind a stock ChatKit server. Whatever the page complains about fails its test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.elsewhere.site import Elsewhere, serving
from tests.waiting import SECONDS

expect.set_options(timeout=SECONDS * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/elsewhere/" in item.nodeid and "page" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with serving() as site:
        yield site


@pytest.fixture
def complaints(context: BrowserContext) -> Iterator[list[str]]:
    found: list[str] = []
    context.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: found.append(str(error.error)))
    yield found
    assert not found


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Page:
    return context.new_page()
