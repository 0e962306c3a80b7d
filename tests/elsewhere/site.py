"""A web server of a few lines: two pages, the element's files, and a stock ChatKit server behind one address."""

from __future__ import annotations

import asyncio
import json
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

from chatkit.server import StreamingResult

from chatsite.storage import PACKAGE_FILES, PACKAGES
from tests.elsewhere.stock import StockServer
from tests.find_browser import ROOT

HERE = Path(__file__).parent
NONCE = "elsewhere"
#: As strict as a policy can be: no inline style, no inline script without its nonce, no string into a sink of HTML.
POLICY = (
    f"default-src 'none'; script-src 'self' 'nonce-{NONCE}'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; require-trusted-types-for 'script'; "
    "trusted-types lit-html dompurify 'allow-duplicates'"
)
FOLDERS = {"/static/": ROOT / "static", "/elsewhere/": HERE}
PAGES = {"/": "chat.html", "/gallery": "gallery.html"}


class Elsewhere(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.chatkit = StockServer()
        self.url = f"http://127.0.0.1:{self.server_port}"
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        self._thread.join()


@contextmanager
def serving(port: int = 0) -> Iterator[Elsewhere]:
    site = Elsewhere(port)
    try:
        yield site
    finally:
        site.shutdown()
        site.server_close()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path in PAGES:
            text = (HERE / PAGES[path]).read_text()
            self._answer(
                text.replace("{nonce}", NONCE).replace("{imports}", import_map()).encode(), "text/html"
            )
            return
        file = find(path)
        if file:
            kind = "text/javascript" if file.suffix == ".mjs" else mimetypes.guess_type(file.name)[0]
            self._answer(file.read_bytes(), kind or "application/octet-stream")
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asyncio.run(self._process(body))

    async def _process(self, body: bytes) -> None:
        result = await cast("Elsewhere", self.server).chatkit.process(body, {})
        if not isinstance(result, StreamingResult):
            self._answer(result.json, "application/json")
            return
        self._begin("text/event-stream")
        async for chunk in result:
            self.wfile.write(chunk)
            self.wfile.flush()

    def _answer(self, content: bytes, kind: str) -> None:
        self._begin(kind, {"Content-Length": str(len(content))})
        self.wfile.write(content)

    def _begin(self, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(200)
        for name, value in {
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-store",
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Be silent: what fails is seen in the browser."""


def find(path: str) -> Path | None:
    """Return the file that an address stands for, and nothing outside of the served folders."""
    name = path.removeprefix("/npm/")
    if path.startswith("/npm/"):
        return ROOT / "node_modules" / name if name in PACKAGE_FILES else None
    for prefix, folder in FOLDERS.items():
        file = (folder / path.removeprefix(prefix)).resolve()
        if path.startswith(prefix) and file.is_file() and file.is_relative_to(folder):
            return file
    return None


def import_map() -> str:
    return json.dumps({"imports": {name: f"/npm/{path}" for name, path in PACKAGES.items()}})
