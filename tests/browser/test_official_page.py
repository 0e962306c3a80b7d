"""Pages written for OpenAI's element, with only the script's address changed, in front of a stock ChatKit server."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

from chatkit.types import ClientEffectEvent, NoticeEvent, ThreadMetadata, ThreadStreamEvent, UserMessageItem
from playwright.sync_api import BrowserContext, Page, expect

from tests.fixtures.site import Site
from tests.fixtures.stock import StockServer, StockSite
from tests.waiting import expect_in_page

PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Help desk</title>
    <script src="/static/chatkit/chatkit.js" nonce="plain" ASYNC></script>
  </head>
  <body>
    <div id="chat-root"></div>
    <script nonce="plain">SCRIPT</script>
  </body>
</html>"""

# Quickstart: the script blocks, the element is made and set up before it is in the page.
QUICKSTART = """
const heard = [];
const events = ["ready", "error", "effect", "deeplink", "response.start", "response.end",
  "history.open", "history.close", "thread.change", "thread.load.start", "thread.load.end", "tool.change", "log"];
const chatkit = document.createElement("openai-chatkit");
for (const name of events)
  chatkit.addEventListener(`chatkit.${name}`, ({detail}) => heard.push({name, ...(detail ?? {})}));
const options = {
  api: {
    url: "/chatkit",
    domainKey: "local-dev",
    fetch: (input, init) => fetch(input, {...init, headers: {...init.headers, "X-Page": "yes"}}),
  },
  locale: "de",
  frameTitle: "Help desk",
  theme: {
    colorScheme: "dark",
    radius: "sharp",
    density: "compact",
    color: {grayscale: {hue: 220, tint: 6, shade: -1}, accent: {primary: "#f1f5f9", level: 1}},
    typography: {baseSize: 16, fontFamily: "Georgia, serif"},
  },
  header: {title: {text: "Help"}, rightAction: {icon: "settings-cog", onClick: () => heard.push({name: "settings"})}},
  startScreen: {greeting: "Welcome", prompts: [{label: "What’s new?", prompt: "Tell me what is new.", icon: "search"}]},
  composer: {placeholder: "Ask the desk"},
  disclaimer: {text: "Check what **matters**."},
  shinyNewOption: true,
};
chatkit.setOptions(options);
document.getElementById("chat-root").append(chatkit);
"""

# The script comes whenever it comes; the page has the element in its markup.
ASYNC = """
const chatkit = document.createElement("openai-chatkit");
chatkit.options = {api: {url: "/chatkit", domainKey: ""}, startScreen: {greeting: "Before the script"}};
document.getElementById("chat-root").append(chatkit);
const other = document.createElement("openai-chatkit");
document.body.append(other);
customElements.whenDefined("openai-chatkit").then(() =>
  other.setOptions({api: {url: "/chatkit", domainKey: ""}, startScreen: {greeting: "After the script"}}));
"""

CALLS = """async () => {
  const said = {};
  const calls = {
    focusComposer: [],
    setThreadId: [null],
    sendUserMessage: [{text: "And this?"}],
    setComposerValue: [{text: ""}],
    sendCustomAction: [{type: "refresh", payload: {page: 1}}],
    showHistory: [],
    hideHistory: [],
    fetchUpdates: [],
  };
  for (const [name, args] of Object.entries(calls)) {
    const answer = chatkit[name](...args);
    said[name] = answer instanceof Promise ? await answer.then(() => "done", ({message}) => message) : "no promise";
  }
  return said;
}"""


def open_page(
    context: BrowserContext, site: StockSite, script: str, *, load: str = "", folder: str = "/static"
) -> Page:
    site.page = PAGE.replace("SCRIPT", script).replace("ASYNC", load).replace("/static", folder)
    page = context.new_page()
    page.goto(site.url)
    return page


def heard(page: Page, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("name => heard.filter((event) => event.name === name)", name)
    return found


def hears(page: Page, name: str) -> list[dict[str, Any]]:
    """Return what was heard by a name, once something was: the first events wait for who listens late."""
    page.wait_for_function("name => heard.some((event) => event.name === name)", arg=name)
    return heard(page, name)


def test_a_page_made_from_the_quickstart_works_in_full(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    page = open_page(context, stock_site, QUICKSTART)
    composer = page.get_by_role("textbox", name="Nachricht")

    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    expect(composer).to_have_attribute("placeholder", "Ask the desk")
    expect(page.locator(".head__title")).to_have_text("Help")
    page.get_by_role("button", name="settings").click()
    assert hears(page, "settings")
    assert hears(page, "ready")
    page.wait_for_function("() => heard.some(({data}) => data?.path === 'shinyNewOption')")  # it is logged

    page.evaluate("() => { chatkit.sendUserMessage({text: 'Please hold this reply until I say so.'}) }")
    expect(page.get_by_role("button", name="Anhalten")).to_be_visible()
    expect(page.locator(".prose")).to_contain_text("Please")
    assert set(page.evaluate(CALLS).values()) == {"A reply is being written."}

    stock_site.chatkit.let_go.set()
    expect(page.get_by_role("button", name="Anhalten")).to_have_count(0)
    expect(page.locator(".prose")).to_have_text(re.compile("until I say so."))
    assert len(hears(page, "response.end")) == len(heard(page, "response.start")) == 1
    thread_id = heard(page, "thread.change")[0]["threadId"]
    assert thread_id in stock_site.chatkit.store.threads

    page.evaluate("() => chatkit.setComposerValue({text: 'A draft'})")
    expect(composer).to_have_value("A draft")
    page.evaluate("() => chatkit.setThreadId(null)")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    page.evaluate("id => chatkit.setThreadId(id)", thread_id)
    expect(page.locator(".prose")).to_have_text(re.compile("until I say so."))
    assert heard(page, "thread.load.start")[-1]["threadId"] == heard(page, "thread.load.end")[-1]["threadId"]
    assert all(headers["X-Page"] == "yes" for headers in stock_site.headers)
    assert {headers["Accept-Language"] for headers in stock_site.headers} == {"de"}


def test_what_the_options_cannot_mean_is_said_in_words(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    page = open_page(context, stock_site, QUICKSTART)
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()

    said = page.evaluate(
        "() => { try { chatkit.setOptions({api: {domainKey: ''}}) } catch ({message}) { return message } }"
    )

    assert said.startswith("ChatKit's api.url must be the address of a ChatKit server")
    assert hears(page, "error")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()

    page.evaluate("""() => {
      const hosted = document.createElement("openai-chatkit");
      document.body.append(hosted);
      hosted.setOptions({api: {getClientSecret: async () => "secret"}});
    }""")
    expect(page.get_by_role("alert")).to_contain_text("need OpenAI's own element")


def test_a_script_that_comes_late_finds_what_was_set_before(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    page = open_page(context, stock_site, ASYNC, load="async")

    expect(page.get_by_role("heading", name="Before the script")).to_be_visible()
    expect(page.get_by_role("heading", name="After the script")).to_be_visible()


def test_a_theme_shows(context: BrowserContext, stock_site: StockSite, complaints: list[str]) -> None:
    page = open_page(context, stock_site, QUICKSTART)
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()

    styles = """() => {
      const style = (selector) => getComputedStyle(chatkit.shadowRoot.querySelector(selector));
      return {scheme: getComputedStyle(chatkit).colorScheme, corner: style(".composer").borderStartStartRadius,
        font: style(".composer__text").fontFamily, size: style(".composer__text").fontSize};
    }"""
    shown = {"scheme": "dark", "corner": "2px", "font": "Georgia, serif", "size": "16px"}

    expect_in_page(page, styles, shown)
    page.evaluate("() => chatkit.setOptions({api: options.api})")
    expect_in_page(page, "chatkit.getAttribute('style') ?? ''", "")


def test_fonts_of_a_theme_are_fetched(context: BrowserContext, stock_site: StockSite) -> None:
    page = open_page(context, stock_site, QUICKSTART)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.evaluate("""() => chatkit.setOptions({...options, theme: {typography: {
      fontFamily: "Desk, serif",
      fontSources: [{family: "Desk", src: "/static/desk.woff2", weight: 400, style: "normal", display: "swap",
        unicodeRange: "U+0000-00FF"}],
    }}})""")

    page.wait_for_function(
        "() => [...document.fonts].some(({family, status}) => family === 'Desk' && status === 'error')"
    )
    assert f"{stock_site.url}/static/desk.woff2" in asked


class TalkativeServer(StockServer):
    """Says before each answer what isn't part of the conversation."""

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: None
    ) -> AsyncIterator[ThreadStreamEvent]:
        yield ClientEffectEvent(name="desk/update", data={"open": True})
        yield NoticeEvent(level="warning", title="Busy today", message="Answers may **take longer**.")
        async for event in super().respond(thread, input_user_message, context):
            yield event


def test_what_the_server_says_besides_shows_or_is_told(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    stock_site.chatkit = TalkativeServer(stock_site.chatkit.store)
    page = open_page(context, stock_site, QUICKSTART)

    page.get_by_role("button", name="What’s new?").click()
    assert {"name": "start_screen.prompt.select", "data": {"label": "What’s new?"}} in hears(
        page, "start_screen.prompt.select"
    )

    notice = page.get_by_role("status").filter(has_text="Busy today")
    expect(notice.locator("strong").last).to_have_text("take longer")
    expect(page.get_by_role("button", name="Anhalten")).to_have_count(0)
    assert hears(page, "desk/update") == [{"name": "desk/update", "data": {"open": True}}]


FRAME = """() => {
  const icon = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>";
  chatkit.setOptions({
    api: options.api,
    locale: "en",
    frameTitle: "The desk",
    initialThread: "thr_1",
    header: {
      title: {enabled: false},
      leftAction: {icon: "home", label: "Back to the shop", onClick: () => heard.push({name: "left"})},
    },
    history: {enabled: true, showDelete: false, showRename: true},
    threadItemActions: {feedback: true, retry: true},
    thread: {autoScroll: true},
    disclaimer: {text: "Check what **matters**.", highContrast: true},
    avatars: {assistant: icon, user: icon},
  });
}"""


def test_a_reply_leaves_in_place_what_is_read(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    page = open_page(context, stock_site, QUICKSTART)
    page.evaluate("() => chatkit.setOptions({...options, thread: {autoScroll: false}})")
    page.evaluate("() => { chatkit.sendUserMessage({text: 'Say this:\\n'.repeat(200)}) }")
    scrolled = "() => chatkit.shadowRoot.querySelector('.chat__scroll')?.scrollTop"
    page.wait_for_function("() => heard.some(({name}) => name === 'response.end')")

    page.wait_for_function(f"({scrolled})() < -1000")  # the reply grew below
    page.evaluate("() => chatkit.setOptions(options)")
    page.evaluate("() => chatkit.sendUserMessage({text: 'And this:\\n'.repeat(200)})")
    page.wait_for_function(f"({scrolled})() > -1")


SHEET_IN_A_CORNER = """async () => {
  chatkit.style.cssText = "position: fixed; right: 8px; bottom: 8px; width: 360px; height: 480px";
  await chatkit.showHistory();
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const sheet = chatkit.shadowRoot.querySelector("dialog.sheet");
  await Promise.allSettled(sheet.getAnimations().map(({finished}) => finished));
  const [inner, outer] = [sheet, chatkit].map((element) => element.getBoundingClientRect());
  await chatkit.hideHistory();
  chatkit.style.cssText = "";
  return sheet.matches("[data-inside]") && inner.left >= outer.left && inner.right <= outer.right &&
    inner.top >= outer.top && inner.bottom <= outer.bottom && inner.width > 300;
}"""


def test_each_option_of_the_frame_shows(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    page = open_page(context, stock_site, QUICKSTART)
    page.evaluate("() => chatkit.sendUserMessage({text: '[Go](chatkit-link://seat?row=14)'})")
    expect(page.get_by_role("link", name="Go")).to_be_visible()
    page.evaluate(FRAME)

    expect(page.get_by_role("region", name="The desk")).to_be_visible()
    page.get_by_role("button", name="Back to the shop").click()
    assert hears(page, "left")
    expect(page.locator("[part=header]")).to_have_text("")
    expect(page.locator("[part=disclaimer] strong")).to_have_text("matters")
    expect(page.locator("[part~=avatar]")).to_have_count(2)
    for name in ("Good answer", "Bad answer", "Answer again"):
        expect(page.get_by_role("button", name=name)).to_be_visible()
    page.get_by_role("link", name="Go").click()
    assert hears(page, "seat") == [{"name": "seat", "data": {"row": "14"}}]

    page.get_by_role("button", name="Actions for").click()
    expect(page.get_by_role("button", name="Rename")).to_be_visible()
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    page.keyboard.press("Escape")
    expect_in_page(page, SHEET_IN_A_CORNER, True)  # it stays over a chat that is a part of the page
    page.evaluate(
        "() => chatkit.setOptions({api: options.api, history: {enabled: false}, header: {enabled: false}})"
    )
    expect(page.locator("[part=header], [part=history]")).to_have_count(0)
    expect(page.get_by_role("button", name="Answer again")).to_have_count(0)


def test_a_page_elsewhere_loads_the_element_from_this_site(
    context: BrowserContext, stock_site: StockSite, live_site: Site, complaints: list[str]
) -> None:
    stock_site.policy = stock_site.policy.replace("'self'", f"'self' {live_site.url}")
    page = open_page(context, stock_site, ASYNC, load="async", folder=f"{live_site.url}/static")

    expect(page.get_by_role("heading", name="Before the script")).to_be_visible()
    page.evaluate("() => chatkit.sendUserMessage({text: 'So $x^2$ it is'})")
    expect(page.locator(".prose math")).to_have_count(1)
