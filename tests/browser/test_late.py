"""Answers that come late: who has gone on meanwhile isn't called back, and nothing of theirs is changed."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, expect

from tests.browser.test_options import ITEMS, PAGE, put_thread
from tests.fixtures.stock import StockSite

SET_UP = """() => {
  const gate = () => new Promise((resolve) => { globalThis.letGo = resolve; });
  const commands = {
    enabled: true,
    onSearch: async () => [{id: "stamp", label: "Stamp"}],
    onSelect: async () => { await gate(); return {type: "entity", entity: {id: "e", title: "Entity"}}; },
  };
  const slow = async (input, init) => {
    if (init.body.includes("threads.update")) await gate();
    return fetch(input, init);
  };
  chat.setOptions({...base, commands, api: {...base.api, fetch: slow}});
  return chat.setThreadId("thr_1");
}"""


def test_what_comes_late_calls_nobody_back(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    for name in ("thr_1", "thr_2"):
        put_thread(stock_site, name, ITEMS)
    stock_site.page = PAGE
    page = context.new_page()
    page.goto(stock_site.url)
    page.evaluate(SET_UP)
    composer = page.get_by_role("textbox", name="Message")

    composer.press_sequentially("/st")
    page.get_by_role("option", name="Stamp").click()
    page.wait_for_function("() => globalThis.letGo")
    composer.fill("Another text")
    page.evaluate("() => letGo()")
    page.evaluate("() => chat.fetchUpdates()")
    expect(composer).to_have_value("Another text")

    composer.fill("")
    composer.press_sequentially("/st")
    page.evaluate("() => { delete globalThis.letGo; }")
    page.get_by_role("option", name="Stamp").click()
    page.wait_for_function("() => globalThis.letGo")
    page.evaluate("() => letGo()")
    expect(composer).to_have_value("@Entity ")

    page.evaluate("() => { delete globalThis.letGo; }")
    page.get_by_role("button", name="Actions for “thr_1”").click()
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="Name").fill("Other name")
    page.get_by_role("button", name="Save").click()
    page.wait_for_function("() => globalThis.letGo")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Actions for “thr_2”").click()
    page.get_by_role("button", name="Rename").click()
    page.evaluate("() => letGo()")
    expect(page.locator(".rail__row", has_text="Other name")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_role("textbox", name="Name")).to_be_focused()
