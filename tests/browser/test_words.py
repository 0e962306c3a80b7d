"""Languages and Markdown as a page shows them, on somebody else's site with a strict policy."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from chatkit.types import ThreadItem, ThreadMetadata
from playwright.sync_api import BrowserContext, Page, expect
from pydantic import TypeAdapter

from tests.fixtures.stock import StockSite
from tests.waiting import expect_in_page

PAGE = """<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>Words</title>
  <script src="/static/chatkit/chatkit.js" nonce="plain"></script>
  <openai-chatkit id="chat"></openai-chatkit>
  <script nonce="plain">
    const chat = document.getElementById("chat");
    const api = {url: "/chatkit", domainKey: ""};
    chat.setOptions({api, ...OPTIONS});
  </script>
</html>"""

ANSWER = r"""The volume is $\frac{4}{3}\pi r^3$, about 34 litres[^1]. It costs $5 or $10.

$$\sum_{k=1}^{n} k$$

![a bag](https://cdn.good.example/bag.png) ![a spy](https://evil.example/spy.png)

- [x] Packed

| Fare | Price |
|:--|--:|
| Light | 39 € |

[^1]: A litre is a thousand cubic centimetres.
"""


def open_page(context: BrowserContext, site: StockSite, options: dict[str, object]) -> Page:
    site.page = PAGE.replace("OPTIONS", json.dumps(options))
    page = context.new_page()
    page.goto(site.url)
    return page


def put_answer(site: StockSite, text: str) -> None:
    now = datetime.now(UTC)
    item = {
        "type": "assistant_message",
        "id": "msg_1",
        "thread_id": "thr_1",
        "created_at": now,
        "content": [{"type": "output_text", "text": text}],
    }
    thread = ThreadMetadata(id="thr_1", title="Bags", created_at=now, allowed_image_domains=["good.example"])
    site.put(thread, [TypeAdapter[ThreadItem](ThreadItem).validate_python(item)])


def test_formulas_notes_and_pictures_show(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    stock_site.policy = stock_site.policy.replace("img-src", "img-src https://cdn.good.example")
    put_answer(stock_site, ANSWER)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    picture = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>'
    context.route("https://**/*", lambda route: route.fulfill(content_type="image/svg+xml", body=picture))

    page = open_page(context, stock_site, {"initialThread": "thr_1"})

    prose = page.locator(".prose")
    expect(prose.locator("math mfrac")).to_have_count(1)
    expect(prose.locator("div.math math")).to_have_attribute("display", "block")
    expect(prose).to_contain_text("It costs $5 or $10.")
    page.get_by_role("button", name="Footnote 1").click()
    expect(prose.locator(".note")).to_be_focused()
    picture_shown = page.get_by_role("img", name="a bag")
    picture_shown.evaluate("image => image.scrollIntoView()")  # it is loaded when it comes into sight
    expect(picture_shown).to_be_visible()
    expect(page.get_by_role("link", name="a spy")).to_be_visible()
    assert [url for url in asked if "evil" in url] == []
    expect(prose.locator("li.task")).to_have_text("☑ Packed")
    expect(page.get_by_role("group", name="Fare")).to_be_visible()


def test_arabic_is_laid_out_from_the_right_and_another_language_comes_at_once(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    put_answer(stock_site, "The English answer runs from the left.")
    page = open_page(context, stock_site, {"initialThread": "thr_1", "locale": "ar"})
    answer = page.get_by_text("The English answer")
    expect(answer).to_be_visible()
    expect(page.get_by_role("textbox", name="الرسالة")).to_be_visible()

    sides = """() => {
      const box = (selector) => chat.shadowRoot.querySelector(selector).getBoundingClientRect();
      return {rail: box(".rail").left > box(".chat").left, send: box(".send").left < box(".composer__text").right / 2,
        answer: getComputedStyle(chat.shadowRoot.querySelector(".prose > div")).direction};
    }"""
    expect_in_page(page, sides, {"rail": True, "send": True, "answer": "ltr"})
    expect(page.locator(".root")).to_have_attribute("lang", "ar")

    page.evaluate("() => chat.setOptions({api, locale: 'de-AT', initialThread: 'thr_1'})")

    expect(page.get_by_role("textbox", name="Nachricht")).to_be_visible()
    expect(page.get_by_text("Der Assistent schrieb:")).to_have_count(1)
    expect(page.locator(".root")).to_have_attribute("dir", "ltr")
    assert stock_site.headers[0]["Accept-Language"] == "ar"
