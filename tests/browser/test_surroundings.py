"""In pages that are made in other ways: their styles, their frames and their boxes."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_options import ITEMS, PAGE, put_thread
from tests.fixtures.stock import StockSite
from tests.waiting import expect_in_page, settled

# How what one reads and presses looks, and how large it is.
LOOKS = """() => [".head", ".prose p", ".bubble", ".w-card", ".w-box", ".button", ".composer__text"].map((name) => {
  const element = chat.shadowRoot.querySelector(name);
  if (!element) return `no ${name}`;
  const style = getComputedStyle(element);
  const size = [element.offsetWidth, element.offsetHeight, style.fontSize, style.padding, style.borderRadius];
  const words = [style.textTransform, style.textAlign, style.letterSpacing, style.whiteSpace, style.userSelect];
  return [...size, ...words].join();
})"""
FOREIGN = """() => {
  document.documentElement.style.fontSize = "62.5%";
  document.body.style.cssText = `text-transform: uppercase; text-align: center; letter-spacing: 3px; line-height: 3;
    white-space: nowrap; text-indent: 2em; font-style: italic; word-break: break-all; user-select: none;
    margin: 0; font-size: 30px; word-spacing: 1em; fill: red`;
}"""


@pytest.fixture
def page(context: BrowserContext, stock_site: StockSite, complaints: list[str]) -> Page:
    box = {"type": "Box", "size": 64, "padding": 4, "radius": "xl", "children": []}
    card = {"type": "widget", "widget": {"type": "Card", "children": [box]}}
    put_thread(stock_site, "thr_1", [card, *ITEMS])
    stock_site.page = PAGE
    page = context.new_page()
    page.set_viewport_size({"width": 1000, "height": 700})
    page.goto(stock_site.url)
    page.evaluate("""() => {
      document.body.style.margin = "0";
      const composer = {models: [{id: "m", label: "M"}]};
      chat.setOptions({...base, composer, theme: {radius: "pill", density: "compact"}});
      return chat.setThreadId("thr_1");
    }""")
    expect(page.locator(".w-box")).to_be_visible()
    return page


def test_what_a_page_says_of_its_own_words_does_not_reach_it(page: Page) -> None:
    expect(page.locator(".prose p")).to_contain_text("There.")
    plain = settled(page, LOOKS)
    page.evaluate(FOREIGN)

    expect_in_page(page, LOOKS, plain)
    page.evaluate("document.documentElement.style.fontSize = ''")
    expect_in_page(page, LOOKS, plain)


AT_ITS_BUTTON = """() => {
  const menu = chat.shadowRoot.querySelector("[role=menu]:popover-open");
  const [place, button] = [menu, menu.previousElementSibling].map((each) => each.getBoundingClientRect());
  const gap = button.top - place.bottom;
  return Math.abs(place.right - button.right) < 3 && gap >= 0 && gap < 20;
}"""


def test_a_menu_opens_at_its_button_also_where_the_page_is_zoomed(page: Page) -> None:
    page.evaluate("document.body.style.zoom = '1.5'")
    page.get_by_role("button", name="Model: M").click()

    expect(page.get_by_role("menu")).to_be_in_viewport(ratio=1)
    page.wait_for_function(AT_ITS_BUTTON)


def test_two_of_its_script_and_names_of_the_page_s_own_are_no_harm(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    script = '<script src="/static/chatkit/chatkit.js" nonce="plain"></script>'
    own = '<script nonce="plain">const trusted = 1, knowsPackages = 2, TAG = 3;</script>'
    put_thread(stock_site, "thr_1", ITEMS)
    stock_site.page = PAGE.replace(script, script + script + own)
    page = context.new_page()
    page.goto(stock_site.url)
    page.evaluate("() => chat.setThreadId('thr_1')")

    expect(page.locator(".prose")).to_contain_text("There.")
    assert page.evaluate("trusted + knowsPackages + TAG") == 6


def test_one_inside_a_component_keeps_its_own_draft(page: Page) -> None:
    component = """() => {
      const place = document.createElement("div");
      const own = document.createElement("openai-chatkit");
      own.id = "inner";
      place.attachShadow({mode: "open"}).append(own);
      document.body.append(place);
      own.setOptions({...base, initialThread: "thr_1"});
      globalThis.inner = own;
    }"""
    page.evaluate(component)
    page.evaluate("() => chat.setComposerValue({text: 'Mine'})")
    page.evaluate("() => inner.setComposerValue({text: 'Yours'})")
    expect(page.get_by_role("textbox", name="Message").last).to_have_value("Yours")

    page.reload()
    page.evaluate("() => chat.setThreadId('thr_1')")
    page.evaluate(component)
    expect(page.get_by_role("textbox", name="Message").first).to_have_value("Mine")
    expect(page.get_by_role("textbox", name="Message").last).to_have_value("Yours")
