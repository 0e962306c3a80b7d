"""The page as a page: its policy, its files, its words about practice, its account menu."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.chat import Chat


def test_everything_comes_from_the_site_itself_under_a_strict_policy(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat()
    urls: list[str] = []
    chat.page.on("request", lambda request: urls.append(request.url))

    answer = chat.page.reload()
    chat.ask("Hello [practice: words=3]")
    chat.wait_for_end()

    assert {urlsplit(url).netloc for url in urls} == {urlsplit(chat.page.url).netloc}
    assert answer
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'self' 'nonce-[^']+'", policy)
    assert "require-trusted-types-for 'script'" in policy


def test_every_static_file_has_its_hash_and_is_loaded_once(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat()
    chat.page.goto("about:blank")  # some parts of the page before may be on their way
    names: list[str] = []
    chat.page.on("request", lambda request: names.append(urlsplit(request.url).path))

    chat.page.goto("/")
    expect(chat.composer).to_be_visible()

    static = [name for name in names if name.startswith("/static/")]
    assert static
    assert [name for name in static if not re.search(r"\.[0-9a-f]{12}\.\w+$", name)] == []
    modules = [name for name in static if name.endswith((".js", ".mjs"))]
    assert len(modules) == len(set(modules))


def test_the_practice_model_is_named_wherever_it_answers(chat: Chat) -> None:
    expect(chat.page.get_by_text("You’re talking to the practice model")).to_be_visible()
    tag = chat.page.get_by_text("Practice replies").locator("visible=true")
    expect(tag).to_have_count(1)

    chat.ask("Hello [practice: words=3]")
    chat.wait_for_end()
    expect(tag).to_have_count(1)

    chat.page.set_viewport_size({"width": 390, "height": 844})
    expect(tag).to_have_count(1)


def test_a_guest_is_offered_an_account_and_can_leave(chat: Chat) -> None:
    account = chat.page.get_by_role("button", name="Account: guest")
    chat.composer.fill("Only for my eyes")
    account.click()
    expect(chat.page.get_by_role("link", name="Create an account")).to_be_visible()

    chat.page.get_by_role("button", name="Leave").click()

    chat.page.get_by_role("button", name="Try it as a guest").click()
    expect(chat.composer).to_have_value("")


def test_a_session_that_ended_elsewhere_says_so(chat: Chat) -> None:
    chat.ask("Hello [practice: words=3]")
    chat.wait_for_end()
    chat.page.context.clear_cookies()

    chat.ask("Still there?")

    expect(chat.page.get_by_text("You’re signed out")).to_be_visible()
    chat.page.get_by_role("button", name="Reload the page").click()
    expect(chat.page.get_by_role("button", name="Try it as a guest")).to_be_visible()


def test_the_published_surface_is_there(chat: Chat) -> None:
    wrong = chat.page.evaluate(SURFACE)

    assert wrong == []


# Each method answers with a promise; options and calls of features that come later harm nothing.
SURFACE = """async () => {
  const chat = document.querySelector("openai-chatkit");
  const wrong = [];
  const heard = new Set();
  for (const name of ["thread.change", "history.open", "history.close", "log"])
    chat.addEventListener(`chatkit.${name}`, () => heard.add(name));
  const call = async (name, ...args) => {
    try {
      const answer = chat[name](...args);
      if (!(answer instanceof Promise)) wrong.push(`${name}: no promise`);
      await answer;
    } catch (error) {
      wrong.push(`${name}: ${error}`);
    }
  };
  await call("focusComposer");
  await call("setComposerValue", {text: "Hi", files: [], selectedToolId: null});
  if (chat.shadowRoot.querySelector("textarea").value !== "Hi") wrong.push("composer");
  const refused = await chat.sendCustomAction({type: "x"}, "item").then(() => "", ({message}) => message);
  if (!refused.includes("none is open")) wrong.push("an action without a thread");
  await call("showHistory");
  await call("hideHistory");
  await call("fetchUpdates");
  await call("setThreadId", null);
  // The first events wait a moment for those who listen late.
  const end = performance.now() + 15_000;
  while (!heard.has("history.close") && performance.now() < end) await new Promise(requestAnimationFrame);
  for (const name of ["history.open", "history.close"]) if (!heard.has(name)) wrong.push(`no ${name}`);
  const {api} = chat.options;
  chat.setOptions({api, theme: "dark", entities: {}, commands: {enabled: true}, widgets: {}, thread: {}, future: 1});
  if (!heard.has("log")) wrong.push("no log");
  if (chat.dataset.theme !== "dark") wrong.push("theme");
  chat.setOptions({api});
  if (chat.dataset.theme) wrong.push("options were merged");
  return wrong;
}"""


# What the page would do that sets options before it loads the element.
EARLY = """
const chat = document.querySelector("openai-chatkit");
chat.options = {
  api: {url: "/chatkit", domainKey: "", fetch: async () => Response.json({data: []})},
  startScreen: {greeting: "Early"},
};
await import("/static/chatkit/define.js");
"""


def test_options_given_before_the_element_is_defined_survive(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat()
    chat.page.route(
        "**/js/chat.*.js", lambda route: route.fulfill(content_type="text/javascript", body=EARLY)
    )

    chat.page.reload()

    expect(chat.page.get_by_role("heading", name="Early")).to_be_visible()
