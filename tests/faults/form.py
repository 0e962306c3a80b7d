"""How much of the faults is run: a short form with the other tests, all of it with FAULTS=full (`make faults`)."""

from __future__ import annotations

import os

FULL = os.environ.get("FAULTS") == "full"


def rounds(*, short: int, full: int) -> range:
    """Return the rounds of a random test; each has a chance of its own."""
    return range(full if FULL else short)
