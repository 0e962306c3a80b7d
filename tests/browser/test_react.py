"""OpenAI's own package for React around this element: every option, handler and method, in strict mode."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_official_page import TalkativeServer
from tests.fixtures.react import IMPORT_MAP, module_of
from tests.fixtures.stock import StockSite, handler_for, serving

PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>React</title>
    <link rel="icon" href="data:,">
    <script type="importmap" nonce="plain">IMPORTS</script>
    <script src="/static/chatkit/chatkit.js" nonce="plain" async></script>
  </head>
  <body>
    <div id="root"></div>
    <script type="module" nonce="plain">
      import { ChatKit, useChatKit } from "@openai/chatkit-react";
      import { createElement, StrictMode, useState } from "react";
      import { createRoot } from "react-dom/client";

      const HANDLERS = ["Ready", "Error", "ResponseStart", "ResponseEnd", "ThreadChange", "ThreadLoadStart",
        "ThreadLoadEnd", "ToolChange", "Log", "Effect", "Deeplink"];
      window.heard = [];
      window.renders = 0;

      function App() {
        const [count, setCount] = useState(0);
        window.renders += 1;
        const handlers = HANDLERS.map((name) => [`on${name}`, (detail) => {
          heard.push({ on: name, count, ...detail });
          if (name === "ResponseEnd") setCount(count + 1);
        }]);
        const chatkit = useChatKit({
          api: { url: "/chatkit", domainKey: "local" },
          locale: "en",
          theme: count ? "dark" : "light",
          startScreen: { greeting: "Hello from React", prompts: [{ label: "Ask", prompt: "Tell me", icon: "search" }] },
          composer: { placeholder: `After ${count}`, tools: [{ id: "map", label: "Map", icon: "globe" }] },
          history: { enabled: true },
          unknownOption: 1,
          ...Object.fromEntries(handlers),
        });
        window.chatkit = chatkit;
        return createElement(ChatKit, { control: chatkit.control, className: "chat", id: "chat", "data-count": count });
      }
      const root = createRoot(document.getElementById("root"));
      window.mount = (isShown) => root.render(createElement(StrictMode, null, isShown && createElement(App)));
      mount(true);
    </script>
  </body>
</html>"""


@pytest.fixture
def react_site() -> Iterator[StockSite]:
    site = StockSite(page=PAGE.replace("IMPORTS", IMPORT_MAP))
    site.chatkit = TalkativeServer(site.chatkit.store)

    class Handler(handler_for(site)):  # type: ignore[misc]
        def do_GET(self) -> None:
            if module := module_of(self.path):
                self.answer(module, "text/javascript")
            else:
                super().do_GET()

    with serving(site, Handler):
        yield site


def heard(page: Page, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("name => heard.filter(({on}) => on === name)", name)
    return found


def test_the_package_for_react_works_as_it_is(
    context: BrowserContext, react_site: StockSite, complaints: list[str]
) -> None:
    page = context.new_page()
    page.goto(react_site.url)

    expect(page.get_by_role("heading", name="Hello from React")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_have_attribute("placeholder", "After 0")
    page.wait_for_function("() => ['Ready', 'Log'].every((name) => heard.some(({on}) => on === name))")
    assert heard(page, "Log")[0]["data"] == {"path": "unknownOption"}

    page.evaluate("() => chatkit.setComposerValue({text: 'Draft', selectedToolId: 'map'})")
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Draft")
    assert heard(page, "ToolChange")[-1]["toolId"] == "map"
    page.evaluate("() => chatkit.focusComposer()")
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()

    page.evaluate("() => chatkit.sendUserMessage({text: '[Go](chatkit-link://seat?row=14)'})")
    expect(page.get_by_role("link", name="Go")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_have_attribute("placeholder", "After 1")
    expect(page.locator("openai-chatkit")).to_have_css("color-scheme", "dark")
    page.get_by_role("link", name="Go").click()
    page.wait_for_function("() => heard.some(({on}) => on === 'Deeplink')")
    (thread,) = [each["threadId"] for each in heard(page, "ThreadChange") if each["threadId"]]
    assert [each["count"] for each in heard(page, "ResponseEnd")] == [0]
    assert heard(page, "Effect") == [
        {"on": "Effect", "count": 0, "name": "desk/update", "data": {"open": True}}
    ]
    assert heard(page, "Deeplink") == [{"on": "Deeplink", "count": 1, "name": "seat", "data": {"row": "14"}}]

    page.evaluate("() => chatkit.sendCustomAction({type: 'refresh', payload: {page: 1}})")
    assert [action["type"] for action in react_site.chatkit.seen] == ["refresh"]
    page.evaluate("async () => { await chatkit.setThreadId(null); await chatkit.showHistory(); }")
    page.evaluate("async (id) => { await chatkit.hideHistory(); await chatkit.setThreadId(id); }", thread)
    page.evaluate("() => chatkit.fetchUpdates()")
    assert (
        heard(page, "ThreadLoadStart")[-1]["threadId"]
        == heard(page, "ThreadLoadEnd")[-1]["threadId"]
        == thread
    )

    page.evaluate("() => chatkit.setThreadId('unknown')")
    page.wait_for_function("() => heard.some(({on}) => on === 'Error')")
    page.evaluate("() => { heard.length = 0; mount(false); }")
    expect(page.locator("openai-chatkit")).to_have_count(0)
    page.evaluate("() => mount(true)")
    page.wait_for_function("() => heard.some(({on}) => on === 'Ready')")
    expect(page.get_by_role("heading", name="Hello from React")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_have_attribute("placeholder", "After 0")
    complaints[:] = [
        each for each in complaints if "404" not in each
    ]  # the browser's line about the unknown thread
