"""The real page on the real site. Whatever the page complains about fails its test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from tests.browser.chat import Chat
from tests.fixtures.frail import FrailSite
from tests.fixtures.site import Site
from tests.waiting import SECONDS

# What a browser writes in red when an answer isn't 2xx or the network is down: tests of these say so themselves.
NOT_OUR_FAULT = ("Failed to load resource", "net::ERR_INTERNET_DISCONNECTED")

expect.set_options(timeout=SECONDS * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def base_url(live_site: Site) -> str:
    return live_site.url


@pytest.fixture
def complaints(context: BrowserContext) -> Iterator[list[str]]:
    """Collect errors of every tab, breaches of the content policy among them; there must be none."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in NOT_OUR_FAULT):
            found.append(message.text)

    context.on("console", note)
    context.on("weberror", lambda error: found.append(str(error.error)))
    yield found
    assert not found


@pytest.fixture
def open_chat(context: BrowserContext, complaints: list[str]) -> Callable[..., Chat]:
    """Open a tab with the chat; the first makes a guest with one click."""

    def open_tab(path: str = "/") -> Chat:
        page: Page = context.new_page()
        page.goto(path)
        guest = page.get_by_role("button", name="Try it as a guest")
        if guest.count():
            guest.click()
        chat = Chat(page)
        expect(chat.composer).to_be_visible()
        return chat

    return open_tab


@pytest.fixture
def chat(open_chat: Callable[..., Chat]) -> Chat:
    return open_chat()


@pytest.fixture
def open_frail(frail: FrailSite, context: BrowserContext, complaints: list[str]) -> Callable[..., Chat]:
    def open_tab(thread: str = "") -> Chat:
        page = context.new_page()
        page.goto(f"{frail.url}/{f'?thread={thread}' if thread else ''}")
        chat = Chat(page)
        expect(chat.composer).to_be_visible()
        return chat

    return open_tab


@pytest.fixture
def desk(new_context: Callable[..., BrowserContext], live_site: Site) -> Iterator[Page]:
    """A tab of the administrator's, in a browser of his own, at the list of conversations."""
    page = new_context().new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/admin/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill((live_site.data_dir / "admin-password").read_text().strip())
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Conversations", exact=True).last.click()
    page.wait_for_url("**/admin/conversations/conversation/")  # what goes elsewhere next would interrupt it
    yield page
    assert not complaints
