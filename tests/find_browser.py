"""Find a Chromium for the browser tests, or get one: `python -m tests.find_browser` does both and prints its path."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = (
    "chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome",
    "google-chrome-stable", "chrome", "microsoft-edge",
)  # fmt: skip
HOW_TO_GET_ONE = (
    "No browser was found for the browser tests. Run `make test`, which installs one; or "
    "`apt-get install chromium-headless-shell`; or set BROWSER_PATH to a Chromium of yours."
)


def find() -> str | None:
    """Return a browser's path: Playwright's own, BROWSER_PATH, or a usual name on the path."""
    return _playwrights_own() or os.environ.get("BROWSER_PATH") or _on_the_path()


def install() -> str | None:
    """Get a browser from Playwright or, as root, from the system's packages."""
    attempts = [[*_playwright(), "install", "chromium-headless-shell"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        attempts += [
            ["apt-get", "update", "-q"],
            ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium-headless-shell"],
            ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"],
        ]
    for command in attempts:
        environment = {
            **os.environ,
            "PLAYWRIGHT_BROWSERS_PATH": _browsers(),
            "DEBIAN_FRONTEND": "noninteractive",
        }
        result = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        if result.returncode == 0 and (path := find()):
            return path
    return None


def _playwrights_own() -> str | None:
    homes = [
        Path(_browsers()),
        Path.home() / ".cache/ms-playwright",
        Path.home() / "Library/Caches/ms-playwright",
    ]
    if not any(home.is_dir() for home in homes):
        return None  # spares the half second that asking Playwright takes
    environments = [{"PLAYWRIGHT_BROWSERS_PATH": _browsers()}, {}]
    for environment in environments:
        command = [*_playwright(), "install", "--dry-run", "chromium-headless-shell"]
        answer = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)
        for place in re.findall(r"Install location:\s*(.+headless.+)", answer.stdout):
            for program in Path(place.strip()).glob("*/*headless*shell*"):
                if (Path(place.strip()) / "INSTALLATION_COMPLETE").exists() and os.access(program, os.X_OK):
                    return str(program)
    return None


def _on_the_path() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _playwright() -> list[str]:
    return [sys.executable, "-m", "playwright"]


def _browsers() -> str:
    """Return where Playwright keeps the browsers that we ask it for: in the checkout, not in anybody's home."""
    return os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or str(ROOT / ".setup" / "browsers")


if __name__ == "__main__":
    found = find() or (None if "--look" in sys.argv else install())
    print(found or HOW_TO_GET_ONE)
    sys.exit(0 if found else 1)
