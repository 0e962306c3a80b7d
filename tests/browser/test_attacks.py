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
from playwright.sync_api import BrowserContext, Page, expect
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
FOUND = """() => {
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
    """Yield each component that there is twice, with the attacks one after the other."""
    words = itertools.cycle([*ATTACKS, *ADDRESSES])
    addresses = itertools.cycle(ADDRESSES)
    for at, sample in enumerate(json.loads(SAMPLES.read_text(encoding="utf-8"))):
        for name, attacks in (("words", words), ("addresses", addresses)):
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
