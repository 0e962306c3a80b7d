"""Somebody else's site with two more pages: a chat whose server knows widgets, and the gallery."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.elsewhere.widgets import WidgetServer
from tests.find_browser import ROOT
from tests.fixtures import stock
from tests.fixtures.stock import StockSite, handler_for, mime_type

HERE = Path(__file__).parent
PACKAGES = json.loads((ROOT / "static/chatkit/packages.json").read_text())
PAGES = {"/": "chat.html", "/gallery": "gallery.html"}


@dataclass
class Elsewhere(StockSite):
    chatkit: WidgetServer = field(default_factory=WidgetServer)
    #: While it refuses, every request to its ChatKit server is answered with an error.
    refuses: bool = False


@contextmanager
def serving(port: int = 0) -> Iterator[Elsewhere]:
    site = Elsewhere()
    with stock.serving(site, pages_of(site), port):
        yield site


def pages_of(site: Elsewhere) -> type[BaseHTTPRequestHandler]:
    class Handler(handler_for(site)):  # type: ignore[misc]
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            file = HERE / path.removeprefix("/elsewhere/")
            if path in PAGES:
                text = (HERE / PAGES[path]).read_text().replace("{imports}", import_map())
                self.answer(text.encode(), "text/html; charset=utf-8")
            elif (
                path.startswith("/elsewhere/")
                and file.suffix in {".css", ".js", ".json", ".svg", ".ttf"}
                and file.is_file()
            ):
                self.answer(file.read_bytes(), mime_type(file))
            else:
                super().do_GET()

        def do_POST(self) -> None:
            if site.refuses:
                self.answer(b"{}", "application/json", 500)
            else:
                super().do_POST()

    return Handler


def import_map() -> str:
    return json.dumps({"imports": {name: f"/static/npm/{path}" for name, path in PACKAGES.items()}})
