"""Waiting for what a browser's own expectations can't look at: what a script reads in a page, and what a server saw."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

#: On a busy machine a page gets no turn for seconds.
SECONDS = 30


def wait_for(page: Page, holds: Callable[[], bool]) -> None:
    """Wait until something holds that isn't in the page."""
    expect_value(page, holds, True)


def expect_value(page: Page, read: Callable[[], Any], expected: Any) -> None:
    """Wait until what is read is what is expected; while it is waited for, the page goes on."""
    deadline = time.monotonic() + SECONDS
    while (found := read()) != expected:
        assert time.monotonic() < deadline, f"{found!r} and not {expected!r}"
        page.wait_for_timeout(50)


def expect_in_page(page: Page, script: str, expected: Any, arg: Any = None) -> None:
    """Wait until a script comes to what is expected."""
    expect_value(page, lambda: page.evaluate(script, arg), expected)


def settled(page: Page, script: str, milliseconds: int = 300) -> Any:
    """Return what a script reads, once that has been the same for a while and two pictures were drawn meanwhile."""
    deadline = time.monotonic() + SECONDS
    found = page.evaluate(script)
    while True:
        page.evaluate(STAY, milliseconds)
        before, found = found, page.evaluate(script)
        if before == found and found is not None:
            return found
        assert time.monotonic() < deadline, f"{before!r}, then {found!r}"


# One behind another draws no pictures.
STAY = """(milliseconds) => new Promise((then) => {
  const drawn = new Promise((two) => requestAnimationFrame(() => requestAnimationFrame(two)));
  const late = new Promise((enough) => setTimeout(enough, milliseconds * 10));
  setTimeout(() => Promise.race([drawn, late]).then(() => then()), milliseconds);
})"""
