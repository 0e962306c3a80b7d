"""How much of the faults is run: a short form with the other tests, all of it with FAULTS=full (`make faults`)."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable

FULL = os.environ.get("FAULTS") == "full"


def rounds(*, short: int, full: int) -> range:
    """Return the rounds of a random test; each has a chance of its own."""
    return range(full if FULL else short)


def some_of(cases: Iterable[str], *, short: int) -> list[str]:
    """Return all cases, or for the short form some that this run's chance picks."""
    known = list(cases)
    return known if FULL else random.Random(os.environ["FAULT_SEED"]).sample(known, short)
