"""The element's own reducer, in node."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.contract.client import Json
from tests.find_browser import ROOT


class Element:
    """What a page makes of events."""

    def __init__(self, node: subprocess.Popen[str]) -> None:
        self._node = node

    def fold(self, items: list[Json], events: list[Json]) -> list[Json]:
        """Return what the element shows after the events, having begun with a snapshot's items."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps({"items": items, "events": events}) + "\n")
        self._node.stdin.flush()
        shown: list[Json] = json.loads(self._node.stdout.readline())
        return shown


@contextmanager
def running_element() -> Iterator[Element]:
    """Run the element's reducer until the block ends."""
    command = [sys.executable, "scripts/setup.py", "node", "tests/js/fold.js"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as node:
        yield Element(node)
        assert node.stdin is not None
        node.stdin.close()
        assert node.wait(timeout=20) == 0
