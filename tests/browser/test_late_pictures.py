"""Pictures that come late, or never: a place is kept for them, what one reads stays, and their words show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Route, expect

from tests.browser.chat import Chat
from tests.browser.test_bad_network import PLACE
from tests.browser.test_reach import violations
from tests.waiting import expect_value, settled

# A server made up inside the page: one thread, and a reply that grows by what is said to it.
SERVER = """items => {
  const thread = {id: "t", title: "Pictures", created_at: "2026-11-21T09:00:00Z",
    allowed_image_domains: ["pictures.example"]};
  const write = (event) => new TextEncoder().encode(`data: ${JSON.stringify(event)}\\n\\n`);
  const answers = {
    "threads.list": () => ({data: [], has_more: false}),
    "threads.get_by_id": () => ({...thread, items: {data: items, has_more: false}}),
  };
  const stream = () => new Response(new ReadableStream({
    start: (to) => { globalThis.say = (event) => to.enqueue(write(event)); },
  }));
  chat.setOptions({api: {url: "/nowhere", domainKey: "", fetch: async (_, {body}) => {
    const answer = answers[JSON.parse(body).type];
    return answer ? Response.json(answer()) : stream();
  }}});
  return chat.setThreadId("t");
}"""
GROW = """async () => {
  globalThis.seen = new Set();
  const item = {id: "r", type: "assistant_message", created_at: "2026-11-21T09:00:00Z", content: []};
  say({type: "thread.item.added", item});
  const words = (delta) => say({type: "thread.item.updated", item_id: "r",
    update: {type: "assistant_message.content_part.text_delta", content_index: 0, delta}});
  words("See ![the harbour](https://pictures.example/harbour.png) now");
  for (let at = 0; at < 5; at += 1) {
    words(` word${at}`);
    for (const image of chat.shadowRoot.querySelectorAll(".prose img")) seen.add(image);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}"""
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="180"><rect width="300" height="180"/></svg>'
)


def message(number: int, **fields: Any) -> dict[str, Any]:
    kind = "assistant_message" if number % 2 else "user_message"
    content = [{"type": "output_text", "text": f"Message {number}. " + "And so on. " * 30, "annotations": []}]
    created_at = "2026-11-21T09:00:00Z"
    return {"id": f"m{number}", "type": kind, "created_at": created_at, "content": content, **fields}


def attached(name: str) -> dict[str, str]:
    return {
        "type": "image",
        "id": name,
        "name": f"{name}.svg",
        "mime_type": "image/svg+xml",
        "preview_url": f"/p/{name}",
    }


def test_a_late_picture_moves_nothing_and_a_lost_one_leaves_its_words(
    open_frail: Callable[..., Chat],
) -> None:
    chat = open_frail()
    page = chat.page
    page.set_viewport_size({"width": 1000, "height": 1600})
    waiting: list[Route] = []
    page.route("**/p/late", lambda route: waiting.append(route))
    page.route("**/p/lost*", lambda route: route.abort())
    made = {"id": "g", "type": "generated_image", "created_at": "2026-11-21T09:00:00Z"}
    with page.expect_request("**/p/late"):
        page.evaluate(
            SERVER,
            [
                *(message(number) for number in range(10)),
                message(10, attachments=[attached("late"), attached("lost")]),
                {**made, "image": {"id": "i", "url": "/p/lost-too"}},
                *(message(number) for number in range(12, 30)),
            ],
        )
    expect(chat.log.get_by_text("Message 29.")).to_be_in_viewport()

    chat.log.get_by_text("Message 6.").evaluate("element => element.scrollIntoView({block: 'start'})")
    read = settled(page, PLACE)
    late = chat.log.locator("img[title='late.svg']")
    kept = late.evaluate("image => image.getBoundingClientRect().height")
    for route in waiting:
        _draw(route)
    expect(late).to_have_class("picture came")

    assert kept >= 48
    assert late.evaluate("image => image.getBoundingClientRect().height") > kept
    expect_value(page, lambda: settled(page, PLACE), read)
    expect(chat.log.get_by_text("lost")).to_be_visible()
    gone = chat.log.get_by_text("Image made by the assistant")
    expect(gone).to_be_visible()
    assert gone.evaluate("words => words.parentElement.getBoundingClientRect().height") >= 48
    assert violations(page) == []


def test_a_picture_in_a_growing_text_is_asked_for_once(open_frail: Callable[..., Chat]) -> None:
    chat = open_frail()
    page = chat.page
    page.route(page.url, _allow_pictures)
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        _draw(route)

    page.route("https://pictures.example/**", answer)
    page.reload()
    expect(chat.composer).to_be_visible()
    page.evaluate(SERVER, [])
    chat.ask("Show it")
    page.wait_for_function("() => globalThis.say")

    page.evaluate(GROW)

    expect(chat.log.get_by_text("word4")).to_be_visible()
    expect(chat.log.get_by_role("img", name="the harbour")).to_have_class("came")
    page.evaluate(
        "() => { for (const image of chat.shadowRoot.querySelectorAll('.prose img')) seen.add(image); }"
    )
    assert page.evaluate("seen.size") == 1
    assert len(asked) == 1


def _allow_pictures(route: Route) -> None:
    answer = route.fetch()
    policy = answer.headers["content-security-policy"].replace("data:;", "data: https://pictures.example;")
    route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})


def _draw(route: Route) -> None:
    route.fulfill(body=DRAWING, content_type="image/svg+xml")
