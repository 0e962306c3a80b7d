"""The element for everybody, on a page of somebody else's: axe in each state, targets, focus, zoom, phones."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.browser.test_reach import NAME_OF_FOCUS, violations
from tests.fixtures.frail import FrailSite
from tests.waiting import expect_in_page, wait_for

PHONE = {"width": 390, "height": 700}
DESK = {"width": 1200, "height": 800}
LOOKS = [(scheme, size) for scheme in ("light", "dark") for size in (DESK, PHONE)]


def check(page: Page, state: str) -> None:
    """Let axe look in light and dark, on a desk and on a phone; then measure what is to be touched."""
    for scheme, size in LOOKS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.wait_for_function(
            "new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(true))))"
        )
        assert violations(page) == [], f"{state}, {scheme}, {size['width']}"
    expect_in_page(page, SMALL_TARGETS, [], 44)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    expect_in_page(page, SMALL_TARGETS, [], 24)


# What is too small to hit; links in running text may be.
SMALL_TARGETS = """least => [...chat.shadowRoot.querySelectorAll("button, input, summary, a.source")]
  .filter((each) => each.checkVisibility({opacityProperty: false, visibilityProperty: true}))
  .map((each) => [each.getAttribute("aria-label") ?? each.innerText ?? each.name, each.getBoundingClientRect()])
  .filter(([, {width, height}]) => width && Math.min(width, height) < least - 0.5)
  .map(([name, {width, height}]) => `${name}: ${width} x ${height}`)"""


def test_axe_finds_nothing_in_any_state(frail: FrailSite, open_frail: Callable[..., Chat]) -> None:
    chat = open_frail()
    page = chat.page
    check(page, "empty")

    chat.ask("2000 100 words")  # not over before axe has looked four times
    chat.wait_for_growth()
    check(page, "streaming")
    chat.stop.click()
    expect(chat.stop).to_have_count(0)
    check(page, "stopped")

    chat.ask("Fail")
    expect(page.get_by_role("alert")).to_be_visible()
    check(page, "error")

    chat.ask("Notice")
    expect(page.get_by_role("status").filter(has_text="Busy today")).to_be_visible()
    check(page, "notice")

    for asked in ("Rename", "Delete"):
        page.get_by_role("button", name="Actions for").first.click()
        check_menu(page)
        page.get_by_role("button", name=asked, exact=True).locator("visible=true").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        check(page, f"dialog, {asked}")
        page.keyboard.press("Escape")
        page.wait_for_function(f"() => ({NAME_OF_FOCUS})().startsWith('Actions for')")

    frail.network.down()
    chat.ask("Will it arrive?")
    expect(page.get_by_text("Waiting to be sent")).to_be_visible()
    expect(page.get_by_text("No connection")).to_be_visible()
    check(page, "offline")
    frail.network.up()


def check_menu(page: Page) -> None:
    """A menu closes when the window changes: it is looked at as it is."""
    assert violations(page) == [], "menu"


def test_a_long_thread_its_history_and_a_notice(frail: FrailSite, open_frail: Callable[..., Chat]) -> None:
    chat = open_frail(frail.server.seed("A title that goes on " * 8, 200))
    page = chat.page
    expect(chat.log.get_by_text("Message 199.")).to_be_visible()
    page.evaluate(
        """() => chat.setOptions({...options, disclaimer: {text: "It can be wrong.", highContrast: true},
          history: {search: async () => [{threadId: "x", title: "Found", snippet: [{text: "it", isMatch: true}]}]}})"""
    )
    page.get_by_role("searchbox").fill("it")
    expect(page.get_by_role("list", name="Found conversations")).to_contain_text("Found")
    check(page, "long, searched")

    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.evaluate("chat.showHistory()")
    expect(page.get_by_role("dialog", name="Conversations")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.evaluate("chat.setThreadId('unknown')")
    expect(page.get_by_role("alert")).to_contain_text("no such conversation")
    check(page, "unknown")


def test_the_focus_is_never_lost(frail: FrailSite, open_frail: Callable[..., Chat]) -> None:
    chat = open_frail(frail.server.seed("Long", 120))
    page = chat.page
    page.set_viewport_size({"width": 1200, "height": 500})
    earlier = page.get_by_role("button", name="Show earlier messages")
    expect(earlier).to_have_count(1)
    earlier.focus()
    page.keyboard.press("Enter")
    expect(chat.log).to_be_focused()

    frail.network.down()
    chat.ask("Not now")
    discard = page.get_by_role("button", name="Delete this message")
    discard.focus()
    page.keyboard.press("Enter")
    expect(discard).to_have_count(0)
    page.wait_for_function(f"() => ({NAME_OF_FOCUS})() === 'Message'")
    frail.network.up()


@pytest.mark.parametrize(("width", "height"), [(640, 360), (320, 256)])
def test_zoomed_turned_or_under_a_keyboard_everything_is_in_reach(
    frail: FrailSite,
    open_frail: Callable[..., Chat],
    width: int,
    height: int,
) -> None:
    """Zoom of 200 % and 400 % halves and quarters a window; a phone's keyboard or its turning takes its height."""
    chat = open_frail(frail.server.seed("Long", 30))
    chat.page.set_viewport_size({"width": width, "height": height})

    chat.composer.fill("Hello\n" * 12)

    expect(chat.composer).to_be_in_viewport(ratio=0.9)
    expect(chat.page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=0.9)
    expect(chat.log).to_be_in_viewport()
    wait_for(chat.page, lambda: chat.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"))


def test_forced_colours_keep_what_borders_say(open_frail: Callable[..., Chat]) -> None:
    chat = open_frail()
    chat.page.emulate_media(forced_colors="active")

    for part in (".composer", ".send"):
        expect(chat.page.locator(part)).to_have_css("border-top-style", "solid")


def test_on_paper_stands_all_that_was_said_and_nothing_to_press(chat: Chat) -> None:
    page = chat.page
    chat.ask("Tell me a long story [practice: words=700, pace=0]")
    chat.wait_for_end()
    expect_in_page(page, "document.documentElement.scrollHeight - innerHeight", 0)

    page.emulate_media(media="print")

    expect(chat.composer).to_be_hidden()
    expect(page.get_by_role("complementary", name="Your trip")).to_be_hidden()
    page.wait_for_function("() => document.documentElement.scrollHeight - innerHeight > 200")
