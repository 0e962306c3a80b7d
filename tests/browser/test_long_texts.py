"""Texts without end: blocks that are drawn in parts stand on the page as one, and as they would at once."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext

from tests.browser.test_options import PAGE
from tests.fixtures.stock import StockSite

# A text as it stands on a page, piece by piece or at once.
DRAW = """async () => {
  const { html, render } = await import("lit/html.js");
  const { markdown } = await import("/static/chatkit/views/markdown.js");
  const { en: words } = await import("/static/chatkit/locales/en.js");
  const place = document.createElement("div");
  place.className = "prose";
  chat.shadowRoot.append(place);
  const draw = (text, isDraft) => render(html`<div ${markdown(text, isDraft, words)}></div>`, place);
  const until = async (holds) => {
    for (let left = 6000; left && !holds(); left -= 1) await new Promise((then) => setTimeout(then, 5));
  };
  const begin = () => render(html``, place);
  const numbers = Array.from({ length: 600 }, (_, at) => at + 1);
  const lines = (of) => numbers.map(of).join("");
  const code = "```json\\n" + lines((at) => `{"seat": ${at}, "is free": true}\\n`) + "```\\n";
  const texts = {
    table: "| A | B |\\n|---|---|\\n" + lines((at) => `| ${at} | b |\\n`),
    list: lines((at) => `1. Item ${at} of the list\\n`),
    nested: "- All\\n" + lines((at) => `  - Item ${at} of the list\\n`),
    code,
  };
  const shown = () => {
    const all = (selector) => [...place.querySelectorAll(selector)];
    const codes = all("pre code");
    return {
      rows: all("tbody tr").map((row) => row.textContent.trim().split(/\\s+/)[0]).join(),
      items: all("li:not(.more)").map((item) => item.firstChild.textContent.trim()).join(),
      numbers: all("ol").map((list) => list.start + list.children.length).at(-1) ?? null,
      codes: codes.map((each) => each.textContent).join("|"),
      bars: all(".code__bar").length,
      doubles: all("tbody, thead").length - all("table").length > all("table").length * 4,
    };
  };
  const drawn = {};
  for (const [name, text] of Object.entries(texts)) {
    for (let end = 50; end < text.length; end += 700) draw(text.slice(0, end), true);
    draw(text, false);
    const last = () => name === "code"
      ? place.querySelectorAll(".hljs-number").length === 600 : place.textContent.includes("600");
    await until(last);
    const streamed = shown();
    begin();
    draw(text, false);
    await until(last);
    drawn[name] = shown();
    drawn[name].isSame = JSON.stringify(shown()) === JSON.stringify(streamed);
    begin();
  }
  draw("# Short", false);
  draw(`${texts.list.repeat(12)}\\n# End`, false);
  const [before] = place.querySelectorAll("h3");
  await until(() => place.querySelector("h3")?.textContent === "End");
  place.remove();
  return { ...drawn, whole: code, kept: before?.textContent };
}"""


def test_long_blocks_are_drawn_in_parts_and_stand_as_one(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    stock_site.page = PAGE
    page = context.new_page()
    page.goto(stock_site.url)
    page.evaluate("() => chat.setComposerValue({text: ''})")

    drawn: dict[str, Any] = page.evaluate(DRAW)

    numbers = [str(at) for at in range(1, 601)]
    assert drawn["table"]["rows"] == ",".join(numbers)
    assert not drawn["table"]["doubles"]
    assert drawn["list"]["items"] == ",".join(f"Item {at} of the list" for at in numbers)
    assert drawn["list"]["numbers"] == 601
    assert drawn["nested"]["items"] == "All," + ",".join(f"Item {at} of the list" for at in numbers)
    assert drawn["code"]["codes"] == drawn["whole"].removeprefix("```json\n").removesuffix("```\n")
    assert drawn["code"]["bars"] == 1
    assert all(drawn[name]["isSame"] for name in ("table", "list", "nested", "code"))
    assert drawn["kept"] == "Short", "what is shown stays until the other one is drawn"
