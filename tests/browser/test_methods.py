"""Every call of the element in each state, and what a page hears of it: in order, each once, with its detail."""

from __future__ import annotations

import re
from typing import Any

import pytest
from chatkit.types import FileAttachment
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_options import ITEMS, put_thread
from tests.fixtures.stock import StockSite

PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Calls</title>
    <script src="/static/chatkit/chatkit.js" nonce="plain" async></script>
  </head>
  <body>
    <openai-chatkit id="chat"></openai-chatkit>
    <script nonce="plain">
      const chat = document.getElementById("chat");
      const api = {url: "/chatkit", domainKey: ""};
      const tools = [{id: "find", label: "Find", icon: "search"}];
      const options = {api, locale: "de", initialThread: "thr_1", composer: {tools, models: [{id: "m", label: "M"}]}};
      const file = {type: "file", id: "att_1", name: "plan.pdf", mime_type: "application/pdf"};
      const names = ["ready", "error", "effect", "deeplink", "log", "response.start", "response.end", "history.open",
        "history.close", "thread.change", "thread.load.start", "thread.load.end", "tool.change"];
      const heard = [];
      const listen = (element) => {
        for (const name of names)
          document.addEventListener(`chatkit.${name}`, (event) => {
            if (!(event instanceof CustomEvent && event.composed && event.target === element)) heard.push("wrong");
            const {threadId, toolId, error} = event.detail ?? {};
            const about = error ? error instanceof Error : toolId !== undefined ? toolId : threadId;
            heard.push(about === undefined ? name : `${name} ${about}`);
          });
      };
      // What a call says, and what was heard while it went on.
      const call = async (name, ...args) => {
        heard.length = 0;
        const promise = chat[name](...args);
        if (!(promise instanceof Promise)) return "no promise";
        const said = await promise.then((value) => value === undefined ? "" : "a value", ({message}) => message);
        await new Promise((drawn) => setTimeout(drawn, 60));
        return [said, ...heard];
      };
      listen(chat);
      const later = customElements.whenDefined("openai-chatkit");
    </script>
  </body>
</html>"""

NOT_CONFIGURED = "Call setOptions() first, and put the element into the page."
METHODS = ["focusComposer", "setThreadId", "sendCustomAction", "sendUserMessage", "setComposerValue"]
METHODS += ["showHistory", "hideHistory", "fetchUpdates"]
#: As the SDK makes them: the server's own are shorter.
NEW_ID = re.compile(r" thr_\w{8,}$")
SENT = ["", "response.start", "response.end"]

# A call, what comes of it and is heard, and what the server is asked for by it.
CALLS: list[tuple[str, list[str], dict[str, Any]]] = [
    ("'focusComposer'", [""], {}),
    ("'setThreadId', 'thr_1'", [""], {}),
    (
        "'setThreadId', 'thr_2'",
        ["", "thread.change thr_2", "thread.load.start thr_2", "thread.load.end thr_2"],
        {"threads.get_by_id": {"thread_id": "thr_2"}},
    ),
    ("'setThreadId', null", ["", "thread.change null"], {}),
    ("'setThreadId', null", [""], {}),
    ("'setThreadId'", [""], {}),
    (
        "'setThreadId', 'nowhere'",
        ["", "thread.change nowhere", "thread.load.start nowhere", "error true", "thread.load.end nowhere"],
        {},
    ),
    (
        "'setThreadId', 'thr_2'",
        ["", "thread.change thr_2", "thread.load.start thr_2", "thread.load.end thr_2"],
        {},
    ),
    (
        "'sendUserMessage', {text: 'Hi'}",
        SENT,
        {
            "threads.add_user_message": {
                "thread_id": "thr_2",
                "input": {
                    "content": [{"type": "input_text", "text": "Hi"}],
                    "attachments": [],
                    "quoted_text": "",
                    "inference_options": {},
                },
            }
        },
    ),
    (
        "'sendUserMessage', {content: [{type: 'input_tag', id: 'a', text: 'Ann', data: {x: '1'}, interactive: true}],"
        " reply: 'Quoted', attachments: [file], toolChoice: {id: 'find'}, model: 'm'}",
        SENT,
        {
            "threads.add_user_message": {
                "thread_id": "thr_2",
                "input": {
                    "content": [
                        {
                            "type": "input_tag",
                            "id": "a",
                            "text": "Ann",
                            "data": {"x": "1"},
                            "interactive": True,
                        }
                    ],
                    "attachments": ["att_1"],
                    "quoted_text": "Quoted",
                    "inference_options": {"model": "m", "tool_choice": {"id": "find"}},
                },
            }
        },
    ),
    ("'sendUserMessage', {}", ["A message needs text, content or attachments."], {}),
    (
        "'sendCustomAction', {type: 'refresh', payload: {page: 1}}",
        SENT,
        {
            "threads.custom_action": {
                "thread_id": "thr_2",
                "action": {"type": "refresh", "payload": {"page": 1}},
            }
        },
    ),
    (
        "'sendCustomAction', {type: 'press'}, 'thr_2_1'",
        SENT,
        {"threads.custom_action": {"thread_id": "thr_2", "item_id": "thr_2_1", "action": {"type": "press"}}},
    ),
    ("'fetchUpdates'", [""], {"threads.get_by_id": {"thread_id": "thr_2"}}),
    ("'showHistory'", ["", "history.open"], {}),
    ("'showHistory'", [""], {}),
    ("'hideHistory'", ["", "history.close"], {}),
    ("'hideHistory'", [""], {}),
    ("'setComposerValue', {selectedToolId: 'find'}", ["", "tool.change find"], {}),
    ("'setComposerValue', {selectedToolId: 'unknown'}", ["", "tool.change null"], {}),
    (
        "'setComposerValue', {selectedToolId: null, selectedModelId: 'm', text: '', attachments: [], reply: ''}",
        [""],
        {},
    ),
    (
        "'sendUserMessage', {text: 'New', newThread: true}",
        ["", "thread.change null", "thread.change *", *SENT[1:]],
        {},
    ),
]


@pytest.fixture
def page(context: BrowserContext, stock_site: StockSite, complaints: list[str]) -> Page:
    for name in ("thr_1", "thr_2"):
        put_thread(stock_site, name, ITEMS)
    stock_site.page = PAGE
    page = context.new_page()
    page.goto(stock_site.url)
    page.evaluate("() => later")
    return page


def test_each_call_does_one_thing_and_says_so(
    page: Page, stock_site: StockSite, complaints: list[str]
) -> None:
    plan = FileAttachment(id="att_1", name="plan.pdf", mime_type="application/pdf")
    stock_site.chatkit.store.attachments["att_1"] = plan
    for name in METHODS:
        assert page.evaluate("name => call(name, {})", name) == [NOT_CONFIGURED], name

    page.evaluate("() => { heard.length = 0; chat.setOptions(options); }")
    expect(page.locator(".prose")).to_contain_text("There.")
    page.wait_for_function("() => heard.includes('thread.load.end thr_1')")
    told = page.evaluate("heard")
    assert told == ["ready", "thread.change thr_1", "thread.load.start thr_1", "thread.load.end thr_1"]

    for made, expected, asked in CALLS:
        stock_site.requests.clear()
        got = page.evaluate(f"() => call({made})")
        assert [NEW_ID.sub(" *", each) for each in got] == expected, made
        for kind, params in asked.items():
            assert stock_site.asked(kind) == [params], made

    page.evaluate("() => { chat.sendUserMessage({text: 'Please hold this reply.'}) }")
    expect(page.get_by_role("button", name="Anhalten")).to_be_visible()
    expect(page.locator(".prose").last).to_contain_text("Please")
    for name in METHODS:
        assert page.evaluate("name => call(name, {})", name) == ["A reply is being written."], name
    stock_site.chatkit.let_go.set()
    expect(page.get_by_role("button", name="Anhalten")).to_have_count(0)


def test_what_a_call_brings_about_is_heard_before_its_promise_is_kept(
    page: Page, complaints: list[str]
) -> None:
    heard = page.evaluate("""async () => {
      const said = [];
      // Timers are late: then the first events come after all that a call waits for.
      const later = setTimeout;
      globalThis.setTimeout = (act, ms = 0, ...more) => later(act, ms * 20, ...more);
      for (const [name, ...args] of [["setThreadId", "nowhere"], ["setThreadId", "thr_2"], ["showHistory"]]) {
        const other = document.createElement("openai-chatkit");
        const own = [];
        for (const name of names) other.addEventListener(`chatkit.${name}`, () => own.push(name));
        other.setOptions({...options, initialThread: null});
        document.body.append(other);
        await other[name](...args);
        said.push(own.join(" "));
        other.remove();
      }
      return said;
    }""")
    opened = "thread.change thread.load.start"
    assert heard == [
        f"ready {opened} error thread.load.end",
        f"ready {opened} thread.load.end",
        "ready history.open",
    ]


def test_two_calls_in_a_moment_send_one_message_and_away_from_the_page_none(
    page: Page, stock_site: StockSite, complaints: list[str]
) -> None:
    said = page.evaluate("""async () => {
      chat.setOptions({...options, initialThread: null});
      const say = (promise) => promise.then(() => "sent", ({message}) => message);
      const both = [chat.sendUserMessage({text: "One"}), chat.sendUserMessage({text: "Two", newThread: true})];
      const said = await Promise.all(both.map(say));
      const away = chat;
      away.remove();
      await new Promise((then) => setTimeout(then, 50));
      said.push(await say(away.sendUserMessage({text: "Three"})), await say(away.setThreadId("thr_1")));
      document.body.append(away);
      return [...said, await say(away.setThreadId("thr_1"))];
    }""")

    # A thread that is left while it loads: what was begun for the page ends.
    own = page.evaluate("""async () => {
      heard.length = 0;
      await Promise.all([chat.setThreadId("thr_2"), chat.setThreadId("thr_1")]);
      return heard.filter((each) => each !== "wrong");
    }""")
    loads = [
        f"thread.{what} {name}"
        for name in ("thr_2", "thr_1")
        for what in ("change", "load.start", "load.end")
    ]
    assert own == loads

    assert said == ["sent", "A reply is being written.", NOT_CONFIGURED, NOT_CONFIGURED, "sent"]
    assert len(stock_site.asked("threads.create")) == 1
