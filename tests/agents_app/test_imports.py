"""What only a running turn needs is not loaded by a process that serves."""

from __future__ import annotations

import subprocess
import sys

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
