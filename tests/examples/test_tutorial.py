"""docs/own-assistant.md, word for word: its files written into a copy of the checkout, its commands run there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.environment import forget_at_power_loss, remove
from tests.find_browser import ROOT
from tests.fixtures.site import Site, free_port

PAGE = (ROOT / "docs" / "own-assistant.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```(?P<language>\w+)\n(?P<text>.*?)```", re.DOTALL)
FILE = re.compile(r"^`(?P<path>bookshop/[\w.]+)`:\n\n" + BLOCK.pattern, re.DOTALL | re.MULTILINE)
PARTS = ("agents_app", "chatsite", "conversations", "static", "templates", "manage.py")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clean copy of the parts that a running site needs, with the files that a set-up makes."""
    root = tmp_path / "checkout"
    root.mkdir()
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, root / part)
    for made in ("staticfiles", "node_modules"):
        (root / made).symlink_to(ROOT / made)
    return root


@pytest.fixture
def site(checkout: Path, tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "data", free_port(), {"DOTENV_PATH": str(checkout / ".env")}, root=checkout)
    forget_at_power_loss(site.data_dir)
    yield site
    site.stop()
    remove(site.data_dir)


def test_the_tutorial_makes_a_bookshop(checkout: Path, site: Site) -> None:
    (checkout / "bookshop").mkdir()
    for file in FILE.finditer(PAGE):
        (checkout / file["path"]).write_text(file["text"], encoding="utf-8")
    settings, make_run, ask, *_ = [
        block["text"] for block in BLOCK.finditer(PAGE) if block["language"] == "sh"
    ]
    (checkout / ".env").write_text(settings, encoding="utf-8")
    assert make_run == "make run\n"

    site.start()
    command = ask.replace("http://localhost:8000", site.url).replace("python3 -", f"{sys.executable} -")
    told = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=True, timeout=60
    ).stdout

    assert sorted(path.name for path in (checkout / "bookshop").glob("*.*")) == [
        "seller.md",
        "seller.py",
        "start.json",
        "tools.py",
    ]
    assert told.startswith("['find_book']")
    assert "- Middlemarch: 2 copies" in told
    assert "The Bookshop" in site_page(site)
    assert "Ask for a title." in site_page(site)
    for page in (httpx.get(f"{site.url}/").text, site_page(site)):
        body = re.sub(r"<(script|style|link|img|svg|use)\b[^>]*>", "", page)
        assert not re.search(r"linnet air|your trip|seat 14A|bags?\b", body, re.IGNORECASE)


def site_page(site: Site) -> str:
    with httpx.Client(base_url=site.url, follow_redirects=True, timeout=20) as browser:
        browser.get("/")
        return browser.post("/guest/", data={"csrfmiddlewaretoken": browser.cookies["csrftoken"]}).text
