"""Run the element's own tests, which node's test runner knows how to run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def test_modules_without_a_browser() -> None:
    files = sorted(str(path.relative_to(ROOT)) for path in HERE.glob("*.test.js"))

    run = subprocess.run(
        [sys.executable, "scripts/setup.py", "node", "--test", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
