"""Hostile words in every place where words can stand: nothing runs, with Trusted Types on, nothing even tries to."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chatkit.types import (
    ErrorEvent,
    GeneratedImage,
    GeneratedImageItem,
    NoticeEvent,
    ProgressUpdateEvent,
    StructuredInputItem,
    ThreadItem,
    ThreadItemDoneEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
    WidgetItem,
)
from chatkit.widgets import DynamicWidgetRoot
from playwright.sync_api import BrowserContext, Page, Route, expect
from pydantic import TypeAdapter

from tests.find_browser import ROOT
from tests.fixtures.stock import StockServer, StockSite

SAMPLES = ROOT / "tests/elsewhere/samples.json"
CORPUS = Path(__file__).with_name("attacks.txt")
ATTACKS = [
    line.replace("\\n", "\n").replace("\\t", "\t").replace("\\u0001", "\x01")
    for line in CORPUS.read_text(encoding="utf-8").splitlines()[1:]
]
# So many that a thread comes in one piece: each attack makes four items.
PER_THREAD = 9

PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Hostile words</title>
    <script nonce="plain">var attacks = []; function attacked() { attacks.push(String(new Error().stack)) }</script>
    <script src="/static/chatkit/chatkit.js" nonce="plain" async></script>
  </head>
  <body>
    <openai-chatkit id="chat"></openai-chatkit>
    <script nonce="plain">
      const chat = document.getElementById("chat");
      const words = WORDS;
      customElements.whenDefined("openai-chatkit").then(() => chat.setOptions({
        api: {url: "/chatkit", domainKey: ""},
        frameTitle: words,
        header: {title: {text: words}},
        startScreen: {greeting: words, prompts: [{label: words, prompt: words, icon: words}]},
        composer: {placeholder: words, models: [{id: "a", label: words, description: words}],
          tools: [{id: "b", label: words, icon: words, pinned: true}]},
        disclaimer: {text: words},
      }));
    </script>
  </body>
</html>"""

# What no hostile word may become, in the page or in the element.
FOUND = r"""() => {
  const wrong = [...attacks];
  const elements = [...chat.shadowRoot.querySelectorAll("*")];
  for (const element of elements) {
    const name = element.localName;
    if (["script", "iframe", "object", "embed", "base", "meta", "link", "style", "video", "animate"].includes(name))
      wrong.push(`<${name}>`);
    const isOwn = name === "img" && element.src.startsWith(location.origin);
    if (name === "img" && !isOwn && !element.src.startsWith("data:")) wrong.push(`picture of ${element.src}`);
    for (const {name: attribute, value} of element.attributes) {
      if (attribute.startsWith("on")) wrong.push(`${name} ${attribute}`);
      const isAddress = ["href", "src", "action", "formaction", "xlink:href", "data", "srcdoc"].includes(attribute);
      const isSafe = isOwn || /^(https?:|mailto:|tel:|data:image|chatkit-link:)/.test(value);
      if (isAddress && !isSafe) wrong.push(`${name} to ${value}`);
    }
    const styled = element.style?.cssText ?? "";
    if (/url *\(|image-set|src *\(/i.test(styled)) wrong.push(`${name} styled ${styled}`);
    if (element.closest(".widget") && getComputedStyle(element).position === "fixed" && !element.popover)
      wrong.push(`${name} leaves its place`);
    if (name === "math" && element.getBoundingClientRect().width > 5000) wrong.push("a formula over the page");
  }
  return wrong;
}"""


def items_saying(words: str, thread_id: str, at: int) -> Iterator[ThreadItem]:
    """Yield items of every kind, each of which says the words wherever it can."""
    base = {"thread_id": thread_id, "created_at": datetime.now(UTC)}
    source = {"title": words, "description": words, "group": words, "timestamp": words}
    url_source = {"type": "url", "url": words, "attribution": words, **source}
    file_source = {"type": "file", "filename": words, **source}
    entity = {
        "type": "entity",
        "id": words,
        "label": words,
        "inline_label": words,
        "interactive": True,
        **source,
    }
    annotations = [
        {"type": "annotation", "index": 1, "source": each} for each in (url_source, file_source, entity)
    ]
    status = {"status_indicator": "complete"}
    tasks: list[dict[str, Any]] = [
        {"type": "custom", "title": words, "content": words, "icon": "globe", **status},
        {"type": "thought", "title": words, "content": words, **status},
        {
            "type": "web_search",
            "title": words,
            "title_query": words,
            "queries": [words],
            "sources": [url_source],
        },
        {"type": "file", "title": words, "sources": [file_source]},
        {"type": "image", "title": words},
    ]
    attachment = {"type": "file", "id": "atc_1", "name": words, "mime_type": "text/html"}
    user_content = [
        {"type": "input_text", "text": words},
        {
            "type": "input_tag",
            "id": words,
            "text": words,
            "group": words,
            "data": {"x": words},
            "interactive": True,
        },
    ]
    widget = {
        "type": "Card",
        "children": [
            {"type": "Text", "value": words},
            {"type": "Title", "value": words},
            {"type": "Markdown", "value": words},
            {"type": "Badge", "label": words},
            {"type": "Button", "label": words, "onClickAction": {"type": words, "payload": {}}},
        ],
    }
    kinds: list[dict[str, Any]] = [
        {
            "type": "user_message",
            "content": user_content,
            "attachments": [attachment],
            "quoted_text": words,
            "inference_options": {},
        },
        {
            "type": "workflow",
            "workflow": {"type": "custom", "tasks": tasks, "summary": {"title": words}, "expanded": True},
        },
        {"type": "widget", "widget": widget, "copy_text": words},
        {
            "type": "assistant_message",
            "content": [{"type": "output_text", "text": words, "annotations": annotations}],
        },
    ]
    for kind in kinds:
        yield TypeAdapter[ThreadItem](ThreadItem).validate_python(
            {"id": f"{kind['type']}_{at}", **base, **kind}
        )


ADDRESSES = [
    *("javascript:attacked()", "JaVaScRiPt:attacked()", "data:text/html,<script>attacked()</script>"),
    *("vbscript:attacked()", "data:image/svg+xml,<svg onload='attacked()'/>", "https://evil.example/x.png"),
    *(
        "//evil.example/x",
        "url(https://evil.example/x)",
        "blob:https://evil.example/1",
        "\x01javascript:attacked()",
    ),
]
#: What would fetch or leave its place, where a colour, a size or a background is asked for.
STYLES = [
    *("red; position: fixed; inset: 0", "expression(attacked())", "url(https://evil.example/x)"),
    *("image-set('https://evil.example/x' 1x)", "-webkit-image-set(url(https://evil.example/x) 1x)"),
    *("\\75rl(https://evil.example/x)", "UrL('https://evil.example/x')", "src('https://evil.example/x')"),
    *("var(--x, url(https://evil.example/x))", "red} * {background: url(https://evil.example/x)", "1 / 0"),
    *(
        "linear-gradient(red, blue), url(https://evil.example/x)",
        "cross-fade(url(https://evil.example/x), red)",
    ),
    *(
        "99999999px",
        "-99999px",
        "calc(infinity * 1px)",
        "fixed",
        "attr(data-x url)",
        "paint(x)",
        "NaN",
        "e" * 5000,
    ),
]
#: What a widget is made of, and where it goes; all other words are hostile.
STRUCTURE = {"type", "direction", "variant", "control", "dataKey"}


def hostile(value: Any, words: Iterator[str], key: str = "") -> Any:
    """Return a widget with another attack in each of its words, whatever they are for."""
    if key == "children":  # the gallery has some that are none
        components = value if isinstance(value, list) else [value]
        return [hostile(each, words) for each in components if isinstance(each, dict) and "type" in each]
    if isinstance(value, dict):
        return {name: hostile(each, words, name) for name, each in value.items()}
    if isinstance(value, list):
        return [hostile(each, words, key) for each in value]
    return next(words) if isinstance(value, str) and key not in STRUCTURE else value


def hostile_widgets(thread_id: str) -> Iterator[ThreadItem]:
    """Yield each component that there is three times, with the attacks one after the other."""
    words = itertools.cycle([*ATTACKS, *ADDRESSES])
    addresses, styles = itertools.cycle(ADDRESSES), itertools.cycle(STYLES)
    for at, sample in enumerate(json.loads(SAMPLES.read_text(encoding="utf-8"))):
        for name, attacks in (("words", words), ("addresses", addresses), ("styles", styles)):
            widget = hostile(sample["widget"], attacks)
            yield WidgetItem(
                id=f"{name}_{at}",
                thread_id=thread_id,
                created_at=datetime.now(UTC),
                widget=DynamicWidgetRoot.model_validate(widget),
            )


class HostileServer(StockServer):
    """Says in every way besides a message what it was told."""

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: None
    ) -> AsyncIterator[ThreadStreamEvent]:
        words = "\n\n".join([*ATTACKS, *ADDRESSES])
        thread.title = words[:5000]
        yield NoticeEvent(level="warning", title=words, message=words)
        yield ProgressUpdateEvent(text=words)
        for address in ADDRESSES:
            if "//" in address or "blob:" in address:
                continue  # the server's own pictures may be anywhere
            image = GeneratedImage(id=address, url=address)
            yield ThreadItemDoneEvent(
                item=GeneratedImageItem(
                    id=f"img_{ADDRESSES.index(address)}",
                    thread_id=thread.id,
                    created_at=datetime.now(UTC),
                    image=image,
                )
            )
        question = {"id": words, "question": words, "description": words}
        options = [{"value": each} for each in ATTACKS[:9]]
        asked = [
            {"type": "freeform", **question},
            {"type": "multiple_choice", "id": "x", "question": words, "options": options},
        ]
        yield ThreadItemDoneEvent(
            item=StructuredInputItem.model_validate(
                {"id": "asked", "thread_id": thread.id, "created_at": datetime.now(UTC), "inputs": asked}
            )
        )
        yield ErrorEvent(code="custom", message=words, allow_retry=True)


def open_page(context: BrowserContext, site: StockSite) -> Page:
    site.page = PAGE.replace(
        "WORDS", json.dumps("\n\n".join(ATTACKS)).replace("</", "<\\/").replace("<!--", "<\\!--")
    )
    page = context.new_page()
    page.goto(site.url)
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    return page


def test_hostile_words_stay_words(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    names = [f"thr_{at}" for at in range(0, len(ATTACKS), PER_THREAD)]
    for at, name in enumerate(names):
        few = ATTACKS[at * PER_THREAD : (at + 1) * PER_THREAD]
        thread = ThreadMetadata(
            id=name, title=few[0], created_at=datetime.now(UTC), allowed_image_domains=["good.example"]
        )
        stock_site.put(
            thread, [item for at, words in enumerate(few) for item in items_saying(words, name, at)]
        )
    page = open_page(context, stock_site)
    assert page.evaluate(FOUND) == []

    for name in names:
        page.evaluate("name => chat.setThreadId(name)", name)
        expect(page.locator(".turn")).to_have_count(len(stock_site.chatkit.store.items[name]) // 4)
        assert page.evaluate(FOUND) == []


def test_hostile_words_stay_words_while_they_come(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    page = open_page(context, stock_site)

    page.evaluate("() => chat.sendUserMessage({text: words})")

    expect(page.locator(".prose")).to_contain_text("attacked()")
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    assert page.evaluate(FOUND) == []


def test_hostile_words_stay_words_in_every_widget_and_notice(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    stock_site.chatkit = HostileServer(stock_site.chatkit.store)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    thread = ThreadMetadata(
        id="thr_widgets", created_at=datetime.now(UTC), allowed_image_domains=["good.example"]
    )
    widgets = list(hostile_widgets(thread.id))
    stock_site.put(thread, widgets)
    page = open_page(context, stock_site)
    page.evaluate("() => chat.setThreadId('thr_widgets')")
    expect(page.locator(".widget").first).to_be_visible()
    page.get_by_role("log").evaluate("log => log.scrollTo(0, -log.scrollHeight)")
    assert page.evaluate(FOUND) == []

    page.evaluate("() => chat.setThreadId(null)")
    page.evaluate("() => chat.sendUserMessage({text: words})")
    expect(page.get_by_role("status").filter(has_text="attacked()")).not_to_have_count(0)
    assert page.evaluate(FOUND) == []
    page.evaluate("() => chat.showHistory()")
    assert page.evaluate(FOUND) == []
    foreign = [url for url in asked if not url.startswith((stock_site.url, "data:"))]
    assert foreign == []
    complaints[:] = [each for each in complaints if "404" not in each]


# What pages hand over on behalf of people: names of entities, of commands, of conversations that were found.
HANDED = """(previews) => chat.setOptions({
  api: {url: "/chatkit", domainKey: ""},
  frameTitle: words,
  header: {title: {text: words}, leftAction: {icon: words, label: words, onClick() {}},
    rightAction: {icon: words, onClick() {}}},
  history: {search: async () => [{threadId: words, title: words, snippet: [{text: words, isMatch: true}]}]},
  startScreen: {greeting: words, subtitle: words, placeholder: words},
  composer: {tools: [{id: "b", label: words, icon: words, shortLabel: words, placeholderOverride: words}]},
  disclaimer: {text: words, highContrast: true},
  entities: {
    onTagSearch: async () => [{id: words, title: words, icon: words, group: words, data: {x: words}}],
    showComposerMenu: true,
    onClick() {},
    onRequestPreview: async () => ({preview: previews[0]}),
  },
  commands: {enabled: true,
    onSearch: async () => [{id: words, label: words, description: words, icon: words, group: words}]},
})"""


def raw_thread(words: str) -> dict[str, Any]:
    """Return a thread as no SDK would send it: each field that a server may fill has each address."""
    pictures = [
        each for each in ADDRESSES if "//" not in each and "blob:" not in each
    ]  # else they may be anywhere
    files = [{"type": "image", "id": "f", "name": a, "mime_type": a, "preview_url": a} for a in pictures]
    person = {"author": "staff", "name": words}
    sources = [
        {
            "type": kind,
            "url": a,
            "title": a,
            "id": a,
            "filename": a,
            "icon": a,
            "label": a,
            "interactive": True,
        }
        for a in ADDRESSES
        for kind in ("url", "file", "entity")
    ]
    staff = {"type": "entity", "id": "s", "title": words, "data": person}
    notes = [{"type": "annotation", "index": at, "source": source} for at, source in enumerate(sources)]
    tasks = [{"type": "web_search", "title": words, "icon": words, "sources": sources, "queries": ADDRESSES}]
    asked = {"type": "freeform", "id": words, "question": words, "answer": {"values": [words]}}
    said = {"type": "output_text", "text": words}
    items: list[dict[str, Any]] = [
        {"type": "user_message", "content": [{"type": "input_text", "text": words}], "attachments": files},
        {"type": "assistant_message", "content": [{**said, "annotations": notes}]},
        {"type": "assistant_message", "content": [{**said, "annotations": [{"source": staff}]}]},
        {
            "type": "assistant_message",
            "content": [
                {
                    "type": "output_text",
                    "text": "",
                    "annotations": [{"source": {**staff, "data": {**person, "event": "joined"}}}],
                }
            ],
        },
        {"type": "workflow", "workflow": {"tasks": tasks, "summary": {"title": words, "icon": words}}},
        {"type": "task", "task": {"type": "custom", "title": words, "content": words, "icon": words}},
        {"type": "structured_input", "status": "answered", "inputs": [asked]},
        *({"type": "generated_image", "image": {"id": "i", "url": address}} for address in pictures),
        {"type": words, "content": words},
    ]
    listed = [
        {"id": f"{at}", "thread_id": "raw", "created_at": words, **item} for at, item in enumerate(items)
    ]
    status = {"type": "closed", "reason": words}
    return {
        "id": "raw",
        "title": words,
        "created_at": words,
        "status": status,
        "allowed_image_domains": ["", "*", words],
        "items": {"data": listed, "has_more": False},
    }


def test_hostile_words_stay_words_from_pages_and_broken_servers(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    words = "\n\n".join([*ATTACKS, *ADDRESSES])
    samples = json.loads(SAMPLES.read_text(encoding="utf-8"))
    cycle = itertools.cycle([*ATTACKS, *ADDRESSES, *STYLES])
    children = [hostile(sample["widget"], cycle) for sample in samples]
    preview = {"type": "Basic", "background": STYLES[2], "aspectRatio": STYLES[0], "children": children}
    page = open_page(context, stock_site)

    def answer(route: Route) -> None:
        asked = json.loads(route.request.post_data or "{}")
        if asked["type"] == "threads.get_by_id":
            route.fulfill(json=raw_thread(words))
        elif asked["type"] == "threads.list":
            route.fulfill(json={"data": [raw_thread(words)], "has_more": False})
        else:
            problem = {"title": words, "detail": words, "code": words, "request_id": words}
            route.fulfill(status=500, json=problem, content_type="application/problem+json")

    page.route("**/chatkit", answer)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(HANDED, [preview])
    page.evaluate("() => chat.fetchUpdates()")
    composer = page.locator(".composer__text")
    for mark in ("@", "/"):
        composer.fill(mark)
        expect(page.get_by_role("option").last).to_contain_text("attacked()")
        assert page.evaluate(FOUND) == []
    page.keyboard.press("Enter")
    composer.fill("")
    page.evaluate("""() => chat.setComposerValue({reply: words, selectedToolId: "b",
      content: [{type: "input_tag", id: words, text: words, group: words, interactive: true}],
      attachments: [{type: "image", id: "a", name: words, mime_type: words, preview_url: "javascript:attacked()"}]})""")
    assert page.evaluate(FOUND) == []
    page.evaluate("() => chat.sendUserMessage({text: words})")
    expect(page.get_by_role("alert").first).to_contain_text("attacked()")
    assert page.evaluate(FOUND) == []

    page.evaluate("() => chat.setThreadId('raw')")
    source = page.locator("button.source").first
    expect(source).to_be_attached()
    assert page.evaluate(FOUND) == []
    source.dispatch_event("pointerenter")
    expect(page.locator(".preview .widget")).not_to_be_empty()
    expect(page.locator(".preview")).to_contain_text("attacked()")
    assert page.evaluate(FOUND) == []
    page.evaluate("() => chat.showHistory()")
    page.locator("input[type=search]:visible").first.fill("x")
    expect(page.locator(".rail__item--found").first).to_be_attached()
    assert page.evaluate(FOUND) == []
    assert [url for url in asked if not url.startswith((stock_site.url, "data:"))] == []
