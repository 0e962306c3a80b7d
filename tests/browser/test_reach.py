"""Who can use the page: by keyboard, by ear, on a phone, in the dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chat import ENDLESS_REPLY, SHORT_REPLY, Chat
from tests.waiting import expect_in_page, expect_value

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


# A colour on its way to another one has the contrast of neither.
STILL = """() => {
  const chats = [...document.querySelectorAll("openai-chatkit")].map(({shadowRoot}) => shadowRoot);
  const moving = [document, ...chats].flatMap((root) => root?.getAnimations() ?? []);
  const ending = moving.filter(({effect}) => effect.getComputedTiming().endTime !== Infinity);
  return Promise.allSettled(ending.map(({finished}) => finished)).then(() => undefined);
}"""


def violations(page: Page) -> list[str]:
    """Return what axe finds once nothing moves, each with where it found it."""
    page.evaluate(STILL)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        "rules => axe.run(document, {runOnly: rules}).then(({violations}) => violations)", RULES
    )
    return [f"{each['id']}: {[node['target'] for node in each['nodes']]}" for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/sign-in/", "/register/"])
def test_axe_finds_nothing_before_the_chat(
    context: BrowserContext, complaints: list[str], path: str, scheme: str
) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]

    page.goto(path)

    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_chat(chat: Chat, scheme: str) -> None:
    chat.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    assert violations(chat.page) == []

    chat.ask(ENDLESS_REPLY)
    chat.wait_for_growth()
    assert violations(chat.page) == []

    chat.stop.click()
    chat.wait_for_end()
    chat.ask(SHORT_REPLY)
    chat.wait_for_end()
    assert violations(chat.page) == []

    chat.page.get_by_role("button", name="Actions for").first.click()
    assert violations(chat.page) == []

    chat.page.get_by_role("button", name="Delete", exact=True).locator("visible=true").click()
    expect(chat.page.get_by_role("dialog")).to_be_visible()
    assert violations(chat.page) == []


def test_axe_finds_nothing_in_a_failed_reply(chat: Chat) -> None:
    chat.page.emulate_media(reduced_motion="reduce")
    chat.ask("Hello [practice: fault=401]")
    expect(chat.page.get_by_role("alert")).to_be_visible()

    assert violations(chat.page) == []


def test_the_main_job_by_keyboard_alone(context: BrowserContext, complaints: list[str]) -> None:
    page = context.new_page()
    page.goto("/")
    press_until(page, "Tab", "Try it as a guest")
    page.keyboard.press("Enter")
    chat = Chat(page)
    expect(chat.composer).to_be_focused()

    page.keyboard.type("First line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second line [practice: words=1000, pace=80]")
    page.keyboard.press("Enter")
    chat.wait_for_growth()
    expect(chat.log.locator(".bubble")).to_contain_text("First line\nsecond line", use_inner_text=True)
    expect(chat.composer).to_be_focused()

    press_until(page, "Tab", "Stop")
    page.keyboard.press("Enter")
    chat.wait_for_end()
    expect(chat.composer).to_be_focused()

    press_until(page, "Shift+Tab", "Actions for")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Rename")).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Rename conversation")
    expect(dialog.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("By keyboard")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("heading", name="By keyboard")).to_be_visible()


def press_until(page: Page, key: str, name: str) -> None:
    """Go on through the page until the focus is on what is called so."""
    for _ in range(40):
        page.keyboard.press(key)
        if name in page.evaluate(NAME_OF_FOCUS):
            return
    raise AssertionError(f"{key} never reached {name}")


NAME_OF_FOCUS = """() => {
  let focused = document.activeElement;
  while (focused.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused.ariaLabel || focused.textContent || "";
}"""


def test_escape_closes_a_dialog_and_the_focus_returns(chat: Chat) -> None:
    chat.ask("Hello [practice: words=3]")
    chat.wait_for_end()
    actions = chat.page.get_by_role("button", name="Actions for").first
    actions.focus()
    chat.page.keyboard.press("Enter")
    expect(chat.page.get_by_role("button", name="Rename")).to_be_focused()
    chat.page.keyboard.press("Enter")
    expect(chat.page.get_by_role("dialog")).to_be_visible()

    chat.page.keyboard.press("Escape")

    expect(chat.page.get_by_role("dialog")).to_have_count(0)
    expect(actions).to_be_focused()


def test_the_skip_link_goes_to_the_message_box(chat: Chat) -> None:
    chat.page.get_by_role("link", name="Go to the message box").focus()

    chat.page.keyboard.press("Enter")

    expect(chat.composer).to_be_focused()


def test_a_reply_is_announced_by_sentence_and_once(chat: Chat) -> None:
    heard = chat.page.locator("[role=status][aria-live=polite]")
    chat.ask(SHORT_REPLY)
    chat.wait_for_end()

    expect(heard).to_contain_text("End of the reply")
    expect(heard).to_contain_text(chat.answers.last.locator("p").last.text_content() or "No end")
    assert (heard.text_content() or "").count("Here is what I found") == 1
    expect(chat.log).to_have_attribute("aria-live", "off")


@pytest.mark.parametrize("width", [390, 320])
def test_a_phone_never_scrolls_sideways(chat: Chat, width: int) -> None:
    chat.page.set_viewport_size({"width": width, "height": 844})
    assert_no_sideways_scroll(chat.page)

    words = "Rindfleischetikettierungsüberwachungsaufgabenübertragung" * 2
    chat.ask(f"{words} https://www.linnet.example/{'unterlagen' * 12} [practice: words=20]")
    chat.wait_for_end()

    assert_no_sideways_scroll(chat.page)


def assert_no_sideways_scroll(page: Page) -> None:
    wide = """() => {
      const chat = document.querySelector("openai-chatkit").shadowRoot;
      const scroll = chat.querySelector(".chat__scroll, .start");
      return [document.scrollingElement, scroll].map((each) => each.scrollWidth - each.clientWidth);
    }"""
    expect_in_page(page, wide, [0, 0])


def test_on_a_phone_the_list_is_a_sheet(chat: Chat) -> None:
    chat.ask("Hello [practice: words=3]")
    chat.wait_for_end()
    chat.page.set_viewport_size({"width": 390, "height": 844})
    menu = chat.page.get_by_role("button", name="Conversations")
    menu.click()
    sheet = chat.page.get_by_role("dialog", name="Conversations")
    expect(sheet).to_be_visible()

    chat.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(menu).to_be_focused()

    menu.click()
    sheet.get_by_role("button", name="New conversation").click()
    expect(sheet).to_have_count(0)
    expect(chat.page).not_to_have_url("/c/")
    expect(chat.page.get_by_role("button", name="Show my trip")).to_be_visible()


def test_on_a_phone_targets_are_large_enough_for_a_thumb(chat: Chat) -> None:
    chat.page.set_viewport_size({"width": 390, "height": 844})
    chat.ask(SHORT_REPLY)
    chat.wait_for_end()

    chat.page.evaluate(STILL)
    buttons = chat.page.get_by_role("button").locator("visible=true")
    # At one moment: buttons may come and go.
    small = (
        "all => all.map((each) => [each.outerHTML, each.getBoundingClientRect()])"
        ".filter(([, {width, height}]) => Math.min(width, height) < 44)"
    )
    expect_value(chat.page, lambda: buttons.evaluate_all(small), [])
    expect(buttons).not_to_have_count(0)


def test_dark_follows_the_system_and_the_switch_wins(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat()
    page = chat.page
    page.emulate_media(color_scheme="dark")
    expect_value(page, lambda: is_dark(page), True)

    page.get_by_role("button", name="Use light colours").click()
    expect_value(page, lambda: is_dark(page), False)
    page.reload()

    expect(page.get_by_role("button", name="Use dark colours")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect_value(page, lambda: is_dark(page), False)


def is_dark(page: Page) -> bool:
    lightness: str = page.evaluate("""() => {
      const chat = document.querySelector("openai-chatkit");
      return getComputedStyle(chat).backgroundColor;
    }""")
    return float(lightness.removeprefix("oklch(").split()[0]) < 0.5
