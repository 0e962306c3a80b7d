"""What the page shows when the server goes away under it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import LONG_REPLY, PATIENCE, Chat
from tests.fixtures.site import Site


@pytest.mark.faults
def test_a_reply_goes_on_after_the_server_was_killed(make_site: Callable[..., Site], page: Page) -> None:
    site = make_site(CHAT_PROVIDER="practice").start()
    page.goto(site.url)
    page.get_by_role("button", name="Try it as a guest").click()
    chat = Chat(page)
    chat.ask(LONG_REPLY)
    chat.wait_for_growth()

    assert site.process
    site.process.kill()
    site.process.wait()
    expect(page.get_by_text("No connection")).to_be_visible()
    site.start()

    expect(page.get_by_text("No connection")).to_have_count(0, timeout=PATIENCE)  # it asks ever more seldom
    assert len(chat.wait_for_end().split()) >= 240
    expect(chat.answers).to_have_count(1)
    expect(chat.log.locator(".bubble")).to_have_count(1)
