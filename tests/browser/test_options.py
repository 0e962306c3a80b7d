"""Each option of the element, one by one: set before and after it is in the page, changed, and taken away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from chatkit.types import ThreadItem, ThreadMetadata
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect
from pydantic import TypeAdapter

from tests.find_browser import ROOT
from tests.fixtures.stock import StockSite
from tests.waiting import expect_in_page, wait_for

SCRIPT = (ROOT / "tests/js/options.page.js").read_text(encoding="utf-8")
PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Options</title>
    <script src="/static/chatkit/chatkit.js" nonce="plain"></script>
  </head>
  <body>
    <openai-chatkit id="chat"></openai-chatkit>
    <script nonce="plain">
      const chat = document.getElementById("chat");
      const base = {api: {url: "/chatkit", domainKey: ""}, locale: "en"};
      const heard = [];
      for (const name of ["ready", "thread.change", "error", "response.start", "response.end"])
        chat.addEventListener(`chatkit.${name}`, ({detail}) => heard.push([name, detail?.threadId ?? null]));
      chat.setOptions(base);
    </script>
  </body>
</html>"""
ENTITY = {"type": "entity", "id": "seat_1", "title": "Seat 14A", "interactive": True}
BUTTON = {"type": "Button", "label": "Here", "onClickAction": {"type": "here", "handler": "client"}}
ITEMS: list[dict[str, Any]] = [
    {"type": "user_message", "content": [{"type": "input_text", "text": "Where?"}], "inference_options": {}},
    {"type": "widget", "widget": {"type": "Card", "children": [BUTTON]}},
    {
        "type": "assistant_message",
        "content": [
            {
                "type": "output_text",
                "text": "There.",
                "annotations": [{"type": "annotation", "source": ENTITY}],
            }
        ],
    },
]


def put_thread(site: StockSite, name: str, items: list[dict[str, Any]]) -> None:
    now = datetime.now(UTC)
    made: list[ThreadItem] = [
        TypeAdapter[ThreadItem](ThreadItem).validate_python(
            {"id": f"{name}_{at}", "thread_id": name, "created_at": now, "attachments": [], **item}
        )
        for at, item in enumerate(items)
    ]
    site.put(ThreadMetadata(id=name, title=name, created_at=now), made)


@pytest.fixture
def page(context: BrowserContext, stock_site: StockSite, complaints: list[str]) -> Page:
    put_thread(stock_site, "thr_1", ITEMS)
    stock_site.page = PAGE
    page = context.new_page()
    page.goto(stock_site.url)
    expect(page.locator(".rail__row")).to_have_count(1)
    page.evaluate(f"{SCRIPT}\nnull")
    return page


def test_each_option_shows_whenever_it_is_set(page: Page) -> None:
    assert page.evaluate("tryOptions(chat, base, false)") == []
    page.evaluate("() => chat.setThreadId('thr_1')")
    expect(page.locator(".prose")).to_contain_text("There.")
    assert page.evaluate("tryOptions(chat, {...base, initialThread: 'thr_1'}, true)") == []
    assert page.evaluate("tryCalls(chat, base)") == []
    expect(page.locator(".prose")).to_contain_text("There.")
    expect_in_page(page, "heard.filter(([name]) => name === 'ready' || name === 'error')", [["ready", None]])


def test_the_server_and_the_sockets_change_while_it_is_open(page: Page, stock_site: StockSite) -> None:
    sockets: list[WebSocketRoute] = []
    page.route_web_socket("**/changes/*", lambda socket: sockets.append(socket))
    page.evaluate("() => chat.setThreadId('thr_1')")
    expect(page.locator(".prose")).to_contain_text("There.")

    page.evaluate("() => chat.setOptions({...base, live: {url: (id) => `/ws/${id}`, changes: '/changes/a'}})")
    page.evaluate("() => chat.setOptions({...base, live: {url: (id) => `/ws/${id}`, changes: '/changes/b'}})")
    wait_for(page, lambda: [socket.url[-1] for socket in sockets] == ["a", "b"])
    put_thread(stock_site, "thr_2", ITEMS)
    sockets[1].send('{"type": "conversation.changed", "conversation_id": "thr_2"}')
    expect(page.locator(".rail__row")).to_have_count(2)

    put_thread(stock_site, "thr_3", ITEMS)
    page.evaluate("() => chat.setOptions({...base, api: {...base.api, url: '/chatkit?as=somebody'}})")
    expect(page.locator(".rail__row")).to_have_count(3)
    expect(page.locator(".prose")).to_contain_text("There.")
    assert page.evaluate("heard") == [["ready", None], ["thread.change", "thr_1"]]

    page.evaluate("() => chat.setOptions({...base, api: {...base.api, url: '/other/chatkit'}})")
    expect(page.get_by_role("heading", name="What can I help with")).to_be_visible()
    expect_in_page(page, "heard.at(-1)", ["thread.change", None])
    page.evaluate("() => chat.setOptions({api: {getClientSecret: async () => 'secret'}})")
    expect(page.get_by_role("alert")).to_contain_text("need OpenAI's own element")
    expect(page.get_by_role("textbox")).to_have_count(0)
    page.evaluate("() => chat.setOptions({...base, initialThread: 'thr_1'})")
    expect(page.locator(".prose")).to_contain_text("There.")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert page.evaluate("heard.filter(([name]) => name === 'ready').length") == 1


def test_it_may_be_moved_taken_away_and_have_a_neighbour(page: Page, stock_site: StockSite) -> None:
    page.evaluate("() => { chat.sendUserMessage({text: 'Please hold this reply until I say so.'}) }")
    expect(page.locator(".prose")).to_contain_text("Please")
    page.evaluate("""() => {
      const frame = document.createElement("main");
      document.body.append(frame);
      frame.append(chat);
    }""")
    stock_site.chatkit.let_go.set()
    expect(page.locator(".prose")).to_contain_text("Please hold this reply until I say so.")
    expect_in_page(page, "heard.at(-1)[0]", "response.end")
    assert [event["type"] for event in stock_site.requests].count("threads.get_by_id") == 0, "it went on"

    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("() => chat.showHistory()")
    expect(page.locator("dialog.sheet:modal")).to_be_visible()
    page.evaluate("() => document.body.append(chat)")
    expect(page.locator("dialog.sheet:modal:focus-within")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.evaluate("() => { chat.remove(); globalThis.away = chat; }")
    page.evaluate("() => new Promise((resolve) => setTimeout(resolve))")
    page.evaluate("() => document.body.append(away)")
    expect(page.locator(".prose")).to_contain_text("Please hold this reply until I say so.")
    page.evaluate("() => away.sendUserMessage({text: 'Are you there?'})")
    expect(page.locator(".prose").last).to_contain_text("Are you there?")

    page.reload()
    neighbours = """() => {
      const other = document.createElement("openai-chatkit");
      other.setOptions({...base, history: {enabled: false}});
      document.body.append(other);
      globalThis.other = other;
    }"""
    page.evaluate(neighbours)
    page.evaluate("() => chat.setComposerValue({text: 'Mine'})")
    page.evaluate("() => other.setComposerValue({text: 'Yours'})")
    expect(page.get_by_role("textbox", name="Message").last).to_have_value("Yours")
    page.reload()
    page.evaluate(neighbours)
    expect(page.get_by_role("textbox", name="Message").first).to_have_value("Mine")
    expect(page.get_by_role("textbox", name="Message").last).to_have_value("Yours")


SIZES = """async () => {
  document.body.style.margin = "0";
  const sizes = {};
  const places = {
    "in nothing": "",
    "in a box": "height: 500px; width: 300px",
    "in a low box": "height: 200px; width: 300px",
    "in a row": "display: flex; height: 400px; width: 300px",
    "under a line": "display: flex; flex-direction: column; height: 400px; width: 300px",
    "in a growing box": "display: flex; flex-direction: column; height: 400px; width: 300px",
  };
  for (const [name, style] of Object.entries(places)) {
    const place = document.createElement("div");
    place.style.cssText = style;
    const element = document.createElement("openai-chatkit");
    if (name === "under a line") {
      const line = document.createElement("p");
      line.style.cssText = "margin: 0; flex: none; height: 50px";
      place.append(line);
      element.style.flex = "1";
    }
    if (name === "in a growing box") {
      place.append(document.createElement("div"));
      place.firstChild.style.cssText = "display: flex; flex: 1";
    }
    (place.querySelector("div") ?? place).append(element);
    document.body.append(place);
    element.setOptions(base);
    await element.setComposerValue({text: ""});
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    sizes[name] = [element.offsetWidth, element.offsetHeight];
    place.remove();
  }
  return sizes;
}"""


def test_it_fills_its_place(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})

    sizes = {
        "in nothing": [390, 640],
        "in a box": [300, 500],
        "in a low box": [300, 200],
        "in a row": [300, 400],
        "under a line": [300, 350],
        "in a growing box": [300, 400],
    }
    expect_in_page(page, SIZES, sizes)
