"""What only a running turn needs is not loaded by a process that serves."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

from tests.find_browser import ROOT

START = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
import chatsite.urls, chatsite.asgi
print(*(name for name in ("agents", "openai", "mcp", "chatkit", "aiohttp", "agents_app.runner") if name in sys.modules))
"""


def test_starting_django_loads_no_sdk() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", START], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert loaded.stdout.split() == []


UNUSED = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
import chatsite.urls, chatsite.asgi, chatsite.management.commands.serve
served = {"OpenSSL", "cbor2", "cryptography", "django.test.client", "jinja2", "unittest"} & sys.modules.keys()
from agents_app.runner import AgentRunner
from agents_app.mcp.server import tool_server
runner, tools = AgentRunner(), tool_server()
run = {"openai.types.realtime", "rich", "aiohttp.web", "httpcore2"} & sys.modules.keys()
from mcp_types.methods import v2025, v2026
built = {each.__name__ for each in (v2025, v2026) if each.Tool.__pydantic_complete__}
print(*served, *run, *built)
"""


def test_no_process_loads_what_packages_offer_beside_what_is_used() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", UNUSED], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert loaded.stdout.split() == []


# What holds data, or is a door to it. Everything else of agents_app asks through MCP.
DATA = ("admin", "airline", "apps", "knowledge", "mcp", "migrations", "models", "tools")
#: Of the domain, what is not the database: protocols, errors, names.
ALLOWED = ("cleaning", "errors", "ids", "loading", "prices", "responder", "tokens")
FORBIDDEN = (
    *("django.db", "django.apps", "psycopg", "psycopg_pool", "procrastinate", "channels"),
    *(f"agents_app.{name}" for name in DATA if name != "mcp"),
)


def test_no_assistant_runner_or_provider_can_reach_the_database() -> None:
    reached = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "agents_app").rglob("*.py")
        if path.relative_to(ROOT / "agents_app").parts[0].removesuffix(".py") not in DATA
        for name in _imported(path)
        if name.startswith(FORBIDDEN)
        or (name.startswith("conversations.") and name.split(".")[1] not in ALLOWED)
    }

    assert reached == set()


AIRLINES = re.compile(
    r"\b(?<!round )(trips?|flights?|seats?|airlines?|linnet|bookings?|baggage|passengers?)\b", re.I
)
#: A picture's name, and a site's own theme as an example.
NAMED = ("static/chatkit/icons.js", "static/chatkit/README.md")


def test_the_domain_and_the_element_know_no_airline() -> None:
    files = [path for folder in ("conversations", "static/chatkit") for path in (ROOT / folder).rglob("*.*")]
    named = {
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in files
        if path.suffix in (".py", ".js", ".ts", ".css", ".md", ".toml")
        and str(path.relative_to(ROOT)) not in NAMED
        for found in AIRLINES.finditer(path.read_text())
    }

    assert len(files) > 100
    assert named == set()


def _imported(path: Path) -> Iterator[str]:
    """Yield what a file imports, with whole names; what a name leads to counts, too."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{base}.{alias.name}" for alias in node.names)
