"""How busy others kept the machine while it was measured: on a shared one the figures are worse."""

from __future__ import annotations

import os
import resource
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


class Meter:
    """Compares what the whole machine did with what the benchmark's own processes did."""

    def __init__(self) -> None:
        self._busy, self._all = _machine()
        self._own = _own()

    def busy_with_others(self, also_ours: float) -> float:
        """Return the share of the machine that others used since then; `also_ours` are seconds of live children."""
        busy, every = _machine()
        spent = max(every - self._all, 1.0)
        return max(0.0, (busy - self._busy - (_own() + also_ours - self._own)) / spent)


def _machine() -> tuple[float, float]:
    fields = [int(field) / _TICK for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4], sum(fields)


def _own() -> float:
    """Return the seconds of this process and of all that it has started and seen end."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )
