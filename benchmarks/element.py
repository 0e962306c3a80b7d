"""The element in a browser: `python -m benchmarks element`. It needs a browser, and nothing of the other scenarios."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from benchmarks.scenarios import Finding, Say, Target
from chatsite.comments import shortened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

LENGTH = 500
REPLY = 20_000
LONG_TASK = 50
# The full re-render is so slow that it gets a part of the reply; what that costs is multiplied.
SAMPLE = 20
REPLIES, A_THREAD = 200, 10
_SCRIPT = Path(__file__).with_suffix(".js")


def element(say: Say, replies: int = REPLIES) -> Finding:
    """Measure what a person waits for, beside a page that draws everything anew for each picture."""
    finding = Finding(
        "The element in a browser",
        ("What", "element", "full re-render", "ratio"),
        note="Chromium without a screen; the server is made up inside the page, so this is the element alone. The full "
        "re-render is what a page does that parses and draws the whole thread for each picture. A reply of "
        f"{REPLY // 1000} kB comes as 400 pieces, 10 ms apart, into a thread of {LENGTH} messages that are all there; "
        f"the full re-render gets a {SAMPLE}th of it, and its time is multiplied.",
    )
    with _browser() as (browser, url):
        _first_use(browser, url, finding, say)
        _opening(browser, url, finding, say)
        _streaming(browser, url, finding, say)
        _shapes(browser, url, finding, say)
        _memory(browser, url, finding, say, replies)
    return finding


def _first_use(browser: Browser, url: str, finding: Finding, say: Say) -> None:
    import brotli  # type: ignore[import-untyped]

    sizes: dict[str, int] = {}
    with _page(browser) as page:
        loaded: list[Any] = []
        page.on("response", lambda response: loaded.append(response))
        page.goto(url)
        page.get_by_role("textbox", name="Message").fill("Hello")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Good answer").wait_for()
        for response in loaded:
            if response.url.endswith("/page.css"):  # the page's own
                continue
            if response.url.endswith((".js", ".mjs", ".css", ".json")) and response.url not in sizes:
                sizes[response.url] = len(
                    brotli.compress(_as_served(response.url, response.text()), quality=11)
                )
    total = sum(sizes.values()) / 1000
    say(f"first use: {total:.0f} kB in {len(sizes)} files")
    finding.rows.append((f"first use, {len(sizes)} files", f"{total:.0f} kB in brotli", "", ""))
    finding.targets.append(
        Target("first use of the element", "at most 120 kB", f"{total:.0f} kB", total <= 120)
    )


def _as_served(url: str, text: str) -> bytes:
    name = urlsplit(url).path.removeprefix("/").removeprefix("static/")
    is_shortened = name.endswith(("js", "mjs")) or name.startswith("chatkit/")
    return (shortened(name, text) if is_shortened else text).encode()


def _opening(browser: Browser, url: str, finding: Finding, say: Say) -> None:
    times = []
    for _ in range(5):
        with _bench(browser, url) as page:
            times.append(page.evaluate(f"bench.open('long_{LENGTH}')"))
    opened = sorted(times)[2]
    with _bench(browser, url) as page:
        plain = page.evaluate(f"bench.plain('long_{LENGTH}', false)")
    with _bench(browser, url) as page:
        longest = page.evaluate("bench.open('long_10000')")
    with _bench(browser, url) as page:
        page.evaluate("bench.isMixed = true")
        mixed = page.evaluate(f"bench.open('long_{LENGTH}')")
    say(
        f"open {LENGTH}: {opened:.0f} ms, of every shape {mixed:.0f} ms, full {plain:.0f} ms; 10,000: {longest:.0f} ms"
    )
    finding.rows += [
        (
            f"a thread of {LENGTH} opens",
            f"{opened:.0f} ms (median of 5)",
            f"{plain:.0f} ms",
            _ratio(opened, plain),
        ),
        (f"one of {LENGTH} with tables, lists, code, formulas …", f"{mixed:.0f} ms", "", ""),
        ("a thread of 10,000 opens", f"{longest:.0f} ms", "", ""),
    ]
    finding.targets.append(
        Target(f"a thread of {LENGTH} messages opens", "within 300 ms", f"{opened:.0f} ms", opened <= 300)
    )


def _streaming(browser: Browser, url: str, finding: Finding, say: Say) -> None:
    for rate, allowed in ((1, 0), (4, 2)):
        with _bench(browser, url) as page:
            session = _watched(page)
            page.evaluate(f"bench.open('long_{LENGTH}')")
            turns = page.evaluate("bench.loadAll()")
            if turns != LENGTH // 2:
                raise RuntimeError(f"{turns} turns were shown, not {LENGTH // 2}")
            session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
            busy = _busy(session)
            tasks = page.evaluate("bench.reply()")
            own = _busy(session) - busy
        long = [task for task in tasks if task > LONG_TASK]
        words = f"{len(long)} over {LONG_TASK} ms" + (f", the longest {max(long):.0f}" if long else "")
        plain = ""
        ratio = ""
        if rate == 1:
            with _bench(browser, url) as page:
                session = _watched(page)
                page.evaluate(f"bench.length = {REPLY // SAMPLE}")
                busy = _busy(session)
                page.evaluate(f"bench.plain('long_{LENGTH}', true)")
                full = (_busy(session) - busy) * SAMPLE
            plain, ratio = f"{full:.0f} ms busy", _ratio(own, full)
        name = f"a reply of {REPLY // 1000} kB" + (f", the processor {rate} × slower" if rate > 1 else "")
        say(f"{name}: {own:.0f} ms busy, {words}; full {plain}")
        finding.rows.append((name, f"{own:.0f} ms busy, {words}", plain, ratio))
        finding.targets.append(
            Target(
                f"tasks over {LONG_TASK} ms in {name}",
                f"at most {allowed}",
                str(len(long)),
                len(long) <= allowed,
            )
        )


def _shapes(browser: Browser, url: str, finding: Finding, say: Say) -> None:
    """Stream replies that are one table, one list, one block of code and so on."""
    worst, over = "", 0.0
    with _bench(browser, url) as page:
        shapes: list[str] = page.evaluate("bench.shapes")
    for shape in shapes:
        with _bench(browser, url) as page:
            page.evaluate(f"bench.open('long_{LENGTH}')")
            page.evaluate("shape => { bench.shape = shape }", shape)
            tasks = page.evaluate("bench.reply()")
        if (longest := max(tasks, default=0)) > over:
            worst, over = shape, longest
    words = f"{over:.0f} ms ({worst})" if over > LONG_TASK else f"none over {LONG_TASK} ms"
    name = f"the longest task in {REPLY // 1000} kB of a single shape"
    say(f"{name}: {words}, of {', '.join(shapes)}")
    finding.rows.append((f"{name}: {', '.join(shapes)}", words, "", ""))
    finding.targets.append(Target(name, f"at most {LONG_TASK} ms", words, over <= LONG_TASK))


def _memory(browser: Browser, url: str, finding: Finding, say: Say, replies: int) -> None:
    """Read long replies, ten in a thread, and weigh the empty start of the next one."""
    weights = []
    with _bench(browser, url) as page:
        session = _watched(page)
        page.evaluate("Object.assign(bench, {length: 5000, piece: 250, pause: 0})")
        for number in range(replies):
            if number % A_THREAD == 0:
                page.evaluate("chat.setThreadId(null)")
                for _ in range(2):  # what the first one frees may hold something itself
                    page.evaluate("new Promise((then) => setTimeout(then, 50))")
                    session.send("HeapProfiler.collectGarbage")
                weights.append(_metric(session, "JSHeapUsedSize") / 1e6)
            page.evaluate("bench.reply().then(() => null)")
    # The last ten threads are remembered, and all of them are there after half of the replies.
    early, late = weights[len(weights) // 2], weights[-1]
    say(f"memory: {early:.1f} MB after {replies // 2} replies, {late:.1f} MB after {replies}")
    finding.rows.append(
        (
            f"memory after {replies // 2} and {replies} replies of 5 kB",
            f"{early:.1f} and {late:.1f} MB",
            "",
            "",
        )
    )
    finding.targets.append(
        Target(
            f"memory over {replies} long replies",
            "grows at most 0.5 MB",
            f"{late - early:+.1f} MB",
            late - early <= 0.5,
        )
    )


def _ratio(own: float, full: float) -> str:
    return f"{full / max(own, 0.1):.1f} × less"


def _watched(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    return session


def _busy(session: CDPSession) -> float:
    """Return the milliseconds that the page has kept its thread busy."""
    return _metric(session, "TaskDuration") * 1000


def _metric(session: CDPSession, name: str) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == name))


@contextmanager
def _browser() -> Iterator[tuple[Browser, str]]:
    """Run a browser, and a site with the element on a page."""
    import uvicorn
    from playwright.sync_api import sync_playwright

    from tests.find_browser import find
    from tests.fixtures.frail import WordServer, make_app

    path = find()
    if not path:
        raise RuntimeError("no browser was found; `make test` installs one")
    server = uvicorn.Server(uvicorn.Config(make_app(WordServer()), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.05)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path)
            yield browser, f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}/"
            browser.close()
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def _page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    yield page
    context.close()


@contextmanager
def _bench(browser: Browser, url: str) -> Iterator[Page]:
    """Open the page with the made-up server."""
    with _page(browser) as page:
        page.goto(url)
        page.get_by_role("textbox", name="Message").wait_for()
        page.evaluate(_SCRIPT.read_text(encoding="utf-8"))
        page.evaluate("bench.start()")
        yield page
