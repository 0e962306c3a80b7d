"""Servers that send what no server should: the page stays usable, and nothing is thrown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_official_page import PAGE
from tests.fixtures.stock import StockSite, handler_for, serving

Json = dict[str, Any]
SCRIPT = """
const chatkit = document.createElement("openai-chatkit");
chatkit.setOptions({api: {url: "/chatkit", domainKey: ""}, locale: "en", history: {enabled: false}});
document.getElementById("chat-root").append(chatkit);
chatkit.style.blockSize = "600px";
"""


def sse(*events: Any) -> bytes:
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)


def done(**item: Any) -> Json:
    return {
        "type": "thread.item.done",
        "item": {"id": "odd", "thread_id": "thr_1", "created_at": "never", **item},
    }


def nested(levels: int) -> bytes:
    """Return an event with a widget of so many boxes in one another, which json would refuse to write."""
    box = b'{"type":"Box","children":['
    start = b'data: {"type":"thread.item.done","item":{"id":"deep","type":"widget","widget":{"type":"Card","children":['
    return start + box * levels + b"]}" * levels + b"]}}}\n\n"


ROWS = [{"type": "ListViewItem", "children": [{"type": "Text", "value": f"Row {at}"}]} for at in range(5000)]
KINDS = [
    "user_message",
    "assistant_message",
    "client_tool_call",
    "widget",
    "generated_image",
    "structured_input",
    "workflow",
    "task",
    "end_of_turn",
    "hidden_context_item",
    "unknown",
]
FIELDS = [
    "content",
    "attachments",
    "quoted_text",
    "workflow",
    "task",
    "image",
    "status",
    "name",
    "arguments",
    "inputs",
    "widget",
    "copy_text",
    "created_at",
]
WRONG: list[Any] = [
    None,
    7,
    "word",
    [],
    [None],
    [7],
    {},
    {"tasks": None},
    {"type": {}, "children": [[[]]]},
    True,
]
UPDATES = [
    "assistant_message.content_part.added",
    "assistant_message.content_part.text_delta",
    "assistant_message.content_part.annotation_added",
    "assistant_message.content_part.done",
    "widget.streaming_text.value_delta",
    "widget.root.updated",
    "widget.component.updated",
    "workflow.task.added",
    "workflow.task.updated",
    "generated_image.updated",
    "unknown",
]


def odd_items() -> Iterator[Json]:
    for kind in KINDS:
        for at, wrong in enumerate(WRONG):
            yield done(type=kind, id=f"{kind}_{at}", **dict.fromkeys(FIELDS, wrong))


def odd_updates() -> Iterator[Json]:
    for kind in ("assistant_message", "widget", "workflow", "generated_image"):
        yield {"type": "thread.item.added", "item": {"id": f"new_{kind}", "type": kind}}
        for update in UPDATES:
            for wrong in WRONG:
                fields = "content_index content delta annotation task_index task image widget component_id component"
                told = {"type": update, **dict.fromkeys(fields.split(), wrong)}
                yield {"type": "thread.item.updated", "item_id": f"new_{kind}", "update": told}
        yield {"type": "thread.item.updated", "item_id": f"new_{kind}"}


def odd_events() -> Iterator[Any]:
    yield from WRONG
    for name in [
        "created",
        "updated",
        "item.added",
        "item.updated",
        "item.done",
        "item.removed",
        "item.replaced",
    ]:
        yield {"type": f"thread.{name}"}
        for wrong in WRONG:
            yield {
                "type": f"thread.{name}",
                "thread": wrong,
                "item": wrong,
                "item_id": wrong,
                "update": wrong,
            }
    for name in ["stream_options", "progress_update", "client_effect", "error", "notice", "unknown"]:
        for wrong in WRONG:
            words = dict.fromkeys(
                ["stream_options", "icon", "text", "name", "data", "code", "message", "title", "level"], wrong
            )
            yield {"type": name, **words}


BAD: dict[str, bytes] = {
    "garbage": bytes(range(256)) * 400 + b"\n\n",
    "half events": b'data: {"type": "thread.item.do\n\ndata: \n\n: ping\n\nevent: x\nid: 7\n\n',
    "odd events": sse(*odd_events()),
    "odd items": sse(*odd_items()),
    "odd updates": sse(*odd_updates()),
    "a page": b"<!doctype html><title>Login</title>" + b"<p>Sign in" * 5000,
    "a deep widget": nested(10_000),
    "a long list": sse(done(type="widget", widget={"type": "ListView", "children": ROWS})),
    "a huge text": sse(
        done(type="assistant_message", content=[{"type": "output_text", "text": "word " * 20_000}])
    ),
    "a text without an end": sse(
        done(type="assistant_message", content=[{"type": "output_text", "text": "x" * 100_000}])
    ),
}


@contextmanager
def broken_site(answer: Callable[[str], tuple[int, str, bytes]]) -> Iterator[StockSite]:
    """Serve a page whose ChatKit server answers a message as it is told; the rest it answers well."""
    site = StockSite()

    class Handler(handler_for(site)):  # type: ignore[misc]
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = json.loads(body)
            if asked["type"] == "threads.create":
                status, kind, said = answer(asked["params"]["input"]["content"][0]["text"])
                self.answer(said, kind, status)
            elif asked["type"] == "threads.get_by_id":
                thread = {"id": "thr_1", "created_at": "2026-01-01T00:00:00Z", "status": {"type": "active"}}
                items = {"data": [], "has_more": False, "after": None}
                self.answer(json.dumps({**thread, "items": items}).encode(), "application/json")
            else:
                self.answer(json.dumps({"data": [], "has_more": False}).encode(), "application/json")

    with serving(site, Handler):
        site.page = PAGE.replace("SCRIPT", SCRIPT).replace("ASYNC", "")
        yield site


ENDED = """() => chatkit.shadowRoot.querySelector("[role=log]") &&
  !chatkit.shadowRoot.querySelector(".send--stop, .composer [aria-busy=true]")"""
CREATED = sse({"type": "thread.created", "thread": {"id": "thr_1", "created_at": "2026-01-01T00:00:00Z"}})


def ask(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_role("textbox", name="Message").press("Enter")


def test_whatever_a_server_streams_the_page_stays_usable(
    context: BrowserContext, complaints: list[str]
) -> None:
    with broken_site(lambda said: (200, "text/event-stream", CREATED + BAD[said])) as site:
        page = context.new_page()
        page.goto(site.url)
        for name in BAD:
            ask(page, name)
            page.wait_for_function(ENDED, timeout=60_000)
            assert complaints == [], name
            page.get_by_role("textbox", name="Message").fill("Still here")
            expect(page.get_by_role("button", name="Send"), name).to_be_enabled()
            assert complaints == [], name
            page.evaluate("() => chatkit.setThreadId(null)")
            expect(page.get_by_role("log")).to_have_count(0)
