"""Where there is little room: what is long gives way, and leaves the rest its place."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_options import PAGE, put_thread
from tests.fixtures.stock import StockSite
from tests.waiting import expect_in_page

LONG = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft"


def _row(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Row", "children": list(children)}


def _text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "Text", "value": words, **more}


CARD = {
    "type": "Card",
    "children": [
        _row(_text(LONG), _text(LONG)),
        _row({"type": "Title", "value": LONG}, {"type": "Badge", "label": LONG}, _text(LONG)),
        _row({"type": "Col", "children": [_text(LONG)]}, {"type": "Button", "label": LONG}),
        _row(_text("Some words about what is refunded and when, in several lines."), _text("1,234.30 €")),
        _row(_text(LONG, truncate=True), _text("1,234.30 €")),
    ],
}
# What sticks out of its card, is too narrow to be read, or breaks a price in two.
MISFITS = """() => {
  const card = chat.shadowRoot.querySelector(".w-card");
  const edge = card.getBoundingClientRect().right;
  return [...card.querySelectorAll(".w-text, .w-title, .w-badge, .button")].filter((each) => {
    const {right, width, height} = each.getBoundingClientRect();
    return right > edge || width < 50 || (each.textContent.endsWith("€") && height > 30);
  }).map(({textContent}) => textContent);
}"""
HEIGHT = "() => chat.shadowRoot.querySelector('.chat__scroll').clientHeight"


def test_what_is_long_gives_way(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    put_thread(stock_site, "t", [{"type": "widget", "widget": CARD}])
    page = _open(context, stock_site)
    expect(page.get_by_text("1,234.30 €")).to_have_count(2)
    expect_in_page(page, MISFITS, [])

    page.set_viewport_size({"width": 740, "height": 360})
    names = [f"{LONG} {at}.pdf" for at in range(8)]
    files = [{"name": name, "mimeType": "application/pdf", "buffer": b"x"} for name in names]
    page.locator(".composer__picker").set_input_files(files)  # type: ignore[arg-type]
    expect(page.get_by_role("alert")).to_contain_text("can’t be attached")
    expect(page.get_by_role("textbox", name="Message")).to_be_in_viewport(ratio=1)
    page.wait_for_function(f"({HEIGHT})() > 40")
    disclaimer = page.get_by_role("group", name="Whatever it says can be wrong.")
    expect(disclaimer).to_have_attribute("tabindex", "0")
    page.evaluate("() => chat.setOptions({...base, disclaimer: {text: 'Whatever it says can be wrong.'}})")
    expect(disclaimer).to_have_count(0)


CROWDED = """() => {
  const composer = {attachments: {enabled: true}, dictation: {enabled: true}, models: [{id: "m", label: "Deep"}],
    tools: [{id: "track", label: "Track a parcel", icon: "suitcase"}]};
  chat.setOptions({...base, composer, entities: {onTagSearch: async () => [], showComposerMenu: true}});
  return chat.setComposerValue({selectedToolId: "track"});
}"""
IS_WHOLE = """() => {
  const {scrollWidth, clientWidth} = chat.shadowRoot.querySelector(".model .cut");
  return clientWidth > 0 && scrollWidth <= clientWidth;
}"""


def test_on_a_phone_a_model_is_named_beside_all_buttons(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    put_thread(stock_site, "t", [{"type": "widget", "widget": CARD}])
    page = _open(context, stock_site)

    page.evaluate(CROWDED)

    expect(page.get_by_role("button", name="Model: Deep")).to_be_in_viewport(ratio=1)
    expect_in_page(page, IS_WHOLE, True)


def _open(context: BrowserContext, site: StockSite) -> Page:
    site.page = PAGE
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(site.url)
    page.evaluate("""() => {
      document.body.style.cssText = "block-size: 100dvh; margin: 0";
      const attachments = {enabled: true, accept: {"image/png": [".png"]}};
      const disclaimer = {text: "Whatever it says can be wrong. ".repeat(12)};
      chat.setOptions({...base, initialThread: "t", composer: {attachments}, disclaimer});
      return chat.setThreadId("t");
    }""")
    return page
