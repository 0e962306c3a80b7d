"""A page that asks what the customer-support sample's asks, behind a development proxy on another port, as there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import aiohttp
import pytest
from aiohttp import web
from playwright.sync_api import BrowserContext, expect

from tests.browser.test_pictures import PNG
from tests.fixtures.site import Site
from tests.fixtures.stock import FOLDERS

# What its ChatKitPanel.tsx and useCustomerContext.ts do, without React: no header, no token, no cookie of its own.
PAGE = """<!doctype html>
<title>OpenSkies concierge desk</title>
<script src="/static/chatkit/chatkit.js"></script>
<style>
  section { display: flex; flex-direction: column; block-size: 36rem; overflow: hidden; }
  section > div { display: flex; flex: 1; }
  section > div > div { block-size: 100%; inline-size: 100%; overflow: hidden; }
  openai-chatkit { display: block; block-size: 100%; inline-size: 100%; }
</style>
<aside></aside>
<section><div><div></div></div></section>
<script>
  const chat = document.createElement("openai-chatkit");
  const panel = document.querySelector("aside");
  let threadId = null;
  const show = ({customer_id, segments, bags_checked}) => {
    panel.textContent = `${customer_id} ${segments.map((each) => each.seat).join()} bags ${bags_checked}`;
  };
  const refresh = async () => {
    const query = threadId ? `?thread_id=${encodeURIComponent(threadId)}` : "";
    const response = await fetch(`/support/customer${query}`, {headers: {Accept: "application/json"}});
    if (!response.ok) throw new Error(`Failed to load customer context (${response.status})`);
    show((await response.json()).customer);
  };
  chat.setOptions({
    api: {url: "/support/chatkit", domainKey: "domain_pk_localhost_dev", uploadStrategy: {type: "two_phase"}},
    composer: {attachments: {enabled: true, maxSize: 5242880, accept: {"image/png": [".png"]}}},
  });
  chat.addEventListener("chatkit.thread.change", ({detail}) => { threadId = detail.threadId; refresh(); });
  chat.addEventListener("chatkit.response.end", refresh);
  chat.addEventListener("chatkit.effect", ({detail}) => {
    if (detail.name === "customer_profile/update") document.title = `seats ${detail.data.profile.segments[0].seat}`;
  });
  document.querySelector("section > div > div").append(chat);
  refresh();
</script>"""


@pytest.fixture
def sample_page(live_site: Site) -> Iterator[str]:
    """Serve the page, and pass /support on with the site's own Host, as vite does."""
    loop, started, url = asyncio.new_event_loop(), threading.Event(), []
    stop = asyncio.Event()

    async def serve() -> None:
        async with aiohttp.ClientSession(auto_decompress=False) as http:
            runner = web.AppRunner(_make_app(http, live_site.url))
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url.append(f"http://localhost:{runner.addresses[0][1]}/")
            started.set()
            await stop.wait()
            await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert started.wait(20)
    yield url[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)
    loop.close()


def _make_app(http: aiohttp.ClientSession, site: str) -> web.Application:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def pass_on(request: web.Request) -> web.StreamResponse:
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        async with http.request(
            request.method, site + request.path_qs, headers=headers, data=await request.read()
        ) as answer:
            kept = [(name, value) for name, value in answer.headers.items() if name not in _HOP_BY_HOP]
            response = web.StreamResponse(status=answer.status)
            for name, value in kept:
                response.headers.add(name, value)
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            await response.write_eof()
            return response

    app = web.Application(client_max_size=8 * 1024 * 1024)
    app.router.add_get("/", page)
    for address, folder in FOLDERS.items():
        app.router.add_static(address, folder)
    app.router.add_route("*", "/support/{rest:.*}", pass_on)
    return app


_HOP_BY_HOP = ("Connection", "Transfer-Encoding", "Keep-Alive")


def test_the_samples_page_runs_here(context: BrowserContext, complaints: list[str], sample_page: str) -> None:
    page = context.new_page()
    page.goto(sample_page)
    panel = page.locator("aside")
    expect(panel).to_contain_text("14A,11C bags 1")
    composer = page.get_by_role("textbox", name="Message")

    composer.fill("Move me to seat 14C on flight LN 418.")
    page.get_by_role("button", name="Send").click()
    expect(page).to_have_title("seats 14C")
    expect(panel).to_contain_text("14C,11C bags 1")

    picture = {"name": "paris.png", "mimeType": "image/png", "buffer": PNG}
    page.locator("input[type=file]").set_input_files(picture)  # type: ignore[arg-type]
    expect(page.get_by_role("progressbar", name="Uploading")).to_have_count(0)
    composer.fill("Book a flight to this destination.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("log")).to_contain_text("I got a picture")

    composer.fill("Show my trip.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("log")).to_contain_text("Home airport")
    # The page's boxes grow with what is in them: the chat must not, or its head and its end are out of reach.
    assert page.locator("openai-chatkit").evaluate("chat => chat.clientHeight") == 36 * 16
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)

    customer = (panel.text_content() or "").split()[0]
    page.reload()
    expect(panel).to_contain_text(f"{customer} 14C,11C")
