"""The cat-lounge sample's picture: the SDK's own stream of an image model, frame by frame, as large as a real one."""

from __future__ import annotations

import base64
import os
import struct
import zlib
from collections.abc import AsyncIterator
from threading import Event
from typing import Any

import anyio.to_thread
from agents import RawResponsesStreamEvent
from chatkit.agents import AgentContext, ResponseStreamConverter, stream_agent_response
from chatkit.types import ThreadMetadata, ThreadStreamEvent, UserMessageItem
from openai.types.responses import (
    ResponseImageGenCallPartialImageEvent,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
)
from openai.types.responses.response_output_item import ImageGenerationCall
from playwright.sync_api import BrowserContext, Page, expect

from tests.fixtures.stock import MemoryStore, StockServer, StockSite
from tests.waiting import expect_in_page, wait_for

PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Cats</title>
    <script src="/static/chatkit/chatkit.js" nonce="plain" async></script>
  </head>
  <body>
    <openai-chatkit id="chat"></openai-chatkit>
    <script nonce="plain">
      const chat = document.getElementById("chat");
      const ended = [];
      chat.addEventListener("chatkit.response.end", () => ended.push("end"));
      customElements.whenDefined("openai-chatkit").then(() => chat.setOptions({
        api: {url: "/chatkit", domainKey: ""}, threadItemActions: {feedback: false},
      }));
    </script>
  </body>
</html>"""
SIDE = 640
FRAMES = 3
SHOWN = """() => {
  const picture = chat.shadowRoot.querySelector(".made img");
  return picture?.complete ? [picture.naturalWidth, picture.src.length > 1_000_000] : null;
}"""


def noise() -> str:
    """Return a picture that no compression makes smaller, as a model's photograph."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + os.urandom(SIDE * 3) for _ in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 0))
    return base64.b64encode(png + chunk(b"IEND", b"")).decode()


class Run:
    """What the Agents SDK streams of a model that draws."""

    def __init__(self, steps: list[Event]) -> None:
        self._steps = steps

    async def stream_events(self) -> AsyncIterator[RawResponsesStreamEvent]:
        call = ImageGenerationCall(id="ig_1", type="image_generation_call", status="in_progress")
        yield raw(
            ResponseOutputItemAddedEvent(
                type="response.output_item.added", item=call, output_index=0, sequence_number=0
            )
        )
        for at in range(FRAMES):
            await anyio.to_thread.run_sync(self._steps[at].wait, 30)
            yield raw(
                ResponseImageGenCallPartialImageEvent(
                    type="response.image_generation_call.partial_image",
                    item_id="ig_1",
                    output_index=0,
                    partial_image_b64=noise(),
                    partial_image_index=at,
                    sequence_number=at + 1,
                )
            )
        await anyio.to_thread.run_sync(self._steps[FRAMES].wait, 30)
        finished = call.model_copy(update={"status": "completed", "result": noise()})
        yield raw(
            ResponseOutputItemDoneEvent(
                type="response.output_item.done", item=finished, output_index=0, sequence_number=9
            )
        )


def raw(event: Any) -> RawResponsesStreamEvent:
    return RawResponsesStreamEvent(data=event)


class CatServer(StockServer):
    """Answers as the sample does: by the SDK's converter, with three frames before the picture."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.steps = [Event() for _ in range(FRAMES + 1)]

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: None
    ) -> AsyncIterator[ThreadStreamEvent]:
        agent = AgentContext(thread=thread, store=self.store, request_context=context)
        run: Any = Run(self.steps)
        converter = ResponseStreamConverter(partial_images=FRAMES)
        async for event in stream_agent_response(agent, run, converter=converter):
            yield event


def test_a_picture_comes_in_frames_and_stays(
    context: BrowserContext, stock_site: StockSite, complaints: list[str]
) -> None:
    server = CatServer(stock_site.chatkit.store)
    stock_site.chatkit, stock_site.page = server, PAGE
    page = context.new_page()
    page.goto(stock_site.url)
    page.get_by_role("textbox", name="Message").fill("Draw the cat as a pirate")
    page.keyboard.press("Enter")
    made = page.locator(".made")
    expect(made).to_have_attribute("aria-busy", "true")
    expect(made.locator("img")).to_have_count(0)

    seen: list[str] = []
    for step, share in zip(server.steps, (0, 33, 67), strict=False):
        step.set()
        expect(made).to_contain_text(f"{share}%")
        expect_in_page(page, SHOWN, [SIDE, True])
        see_another(page, seen)
    server.steps[FRAMES].set()
    page.wait_for_function("() => ended.length === 1")
    expect(made).to_have_attribute("aria-busy", "false")
    expect(made.get_by_role("progressbar")).to_have_count(0)
    see_another(page, seen)

    page.reload()
    thread_id = next(iter(stock_site.chatkit.store.threads))
    page.evaluate(
        "id => customElements.whenDefined('openai-chatkit').then(() => chat.setThreadId(id))", thread_id
    )
    expect_in_page(page, SHOWN, [SIDE, True])
    expect(page.get_by_role("button", name="Good answer")).to_have_count(0)


def see_another(page: Page, seen: list[str]) -> None:
    """Wait for a picture that wasn't seen before."""
    part = "chat.shadowRoot.querySelector('.made img').src.slice(2000, 2100)"
    wait_for(page, lambda: page.evaluate(part) not in seen)
    seen.append(page.evaluate(part))
