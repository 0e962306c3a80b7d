"""Writes docs/benchmarks.md and its plot."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from html import escape
from importlib.metadata import version
from pathlib import Path

from benchmarks.processes import ROOT
from benchmarks.scenarios import Finding, Target

PAGE = ROOT / "docs" / "benchmarks.md"
ELEMENT_PAGE = ROOT / "docs" / "benchmarks-element.md"
PLOT = ROOT / "docs" / "benchmarks.svg"
_PACKAGES = ("django", "daphne", "channels", "psycopg", "procrastinate", "openai", "openai-agents", "aiohttp")
_INTRODUCTION = """\
# Benchmarks

`make bench` measured this and wrote this page; nothing in it is written by hand. The provider is the practice server
as a process of its own, for all alike. Product and reference use the same PostgreSQL server, each with its own
database, and run pinned to one core; load, provider and PostgreSQL share the rest. A turn counts only when the client
has read the complete and correct reply.

The *reference* (`benchmarks/reference/`) is the obvious design: FastAPI, SQLModel and the Agents SDK as their
documentation shows them, the reply inside the request, tuned (one client, an asynchronous pool, short sessions,
uvloop, no access log). It stores messages, and does nothing else that the product does: no durable turn, log, resume,
push or authentication. The *floor* carries the provider's bytes to the client and does nothing at all.
"""


def write(findings: Sequence[Finding], busy_with_others: float, arguments: Sequence[str]) -> None:
    """Write the page, and the plot where there is something to plot."""
    targets = [target for finding in findings for target in finding.targets]
    bars = [bar for finding in findings for bar in finding.bars]
    parts = [
        _INTRODUCTION,
        _machine(busy_with_others, arguments),
        "## Targets\n",
        _targets(targets),
    ]
    if bars:
        PLOT.write_text(_plot(bars), encoding="utf-8")
        parts.append("![Processor time of a turn](benchmarks.svg)\n")
    for finding in findings:
        parts += [f"## {finding.title}\n", *([finding.note + "\n"] if finding.note else [])]
        if finding.rows:
            parts.append(_table(finding.head, finding.rows))
    PAGE.write_text("\n".join(parts).rstrip() + "\n", encoding="utf-8")


def write_element(finding: Finding, busy_with_others: float) -> None:
    """Write the page of the element."""
    parts = [
        "# Benchmarks of the element\n",
        "`python -m benchmarks element`, a part of `make bench`, measured this and wrote this page. It needs a "
        f"browser; `make test` installs one. {finding.note}\n",
        f"Measured on {time.strftime('%Y-%m-%d, %H:%M', time.gmtime())} UTC on {os.cpu_count()} cores. While it ran, "
        f"other programs kept the machine {busy_with_others:.0%} busy: tasks are timed by the clock, so there are "
        "more long ones on a busy machine. “Busy” is the processor's time.\n",
        "## Targets\n",
        _targets(finding.targets),
        "## Figures\n",
        _table(finding.head, finding.rows),
    ]
    ELEMENT_PAGE.write_text("\n".join(parts).rstrip() + "\n", encoding="utf-8")


def _machine(busy_with_others: float, arguments: Sequence[str]) -> str:
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    words = (
        f"Measured on {time.strftime('%Y-%m-%d, %H:%M', time.gmtime())} UTC on {os.cpu_count()} cores ({cpu}), Python "
        f"{platform.python_version()}, {versions}. While it ran, other programs kept the machine "
        f"{busy_with_others:.0%} busy"
    )
    if busy_with_others > 0.1:
        words += ": **times are worse than on a quiet machine**, and processor time too, since the cores share caches"
    return (
        f"{words}. Load averages {load}. Single runs, ±30 %; ratios hold better than figures. This run: "
        f"`{' '.join(['python -m benchmarks', *arguments])}`.\n"
    )


def _targets(targets: Sequence[Target]) -> str:
    rows = [(each.what, each.wanted, each.measured, "yes" if each.met else "**no**") for each in targets]
    return _table(("Target", "wanted", "measured", "met"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _plot(bars: Sequence[tuple[str, float, float]]) -> str:
    """Draw milliseconds of processor time, the application's and PostgreSQL's, one bar a server."""
    width, left, row = 760, 170, 44
    longest = max(app + database for _, app, database in bars) or 1.0
    scale = (width - left - 130) / longest
    shapes = []
    for index, (name, app, database) in enumerate(bars):
        top = 40 + index * row
        shapes.append(f'<text x="{left - 10}" y="{top + 18}" text-anchor="end">{escape(name)}</text>')
        shapes.append(
            f'<rect x="{left}" y="{top}" width="{app * scale:.1f}" height="26" rx="3" fill="#2f6fed"/>'
        )
        shapes.append(
            f'<rect x="{left + app * scale:.1f}" y="{top}" width="{database * scale:.1f}" height="26" rx="3" '
            'fill="#9db8f5"/>'
        )
        end = left + (app + database) * scale + 8
        shapes.append(f'<text x="{end:.1f}" y="{top + 18}">{app:.1f} + {database:.1f} ms</text>')
    height = 40 + len(bars) * row + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="14" fill="#444" role="img" '
        'aria-label="Processor time of a streamed turn">\n'
        f'<rect width="{width}" height="{height}" fill="#fff"/>\n'
        '<text x="10" y="24" font-weight="600">Processor time of a streamed turn: application + PostgreSQL</text>\n'
        + "\n".join(shapes)
        + "\n</svg>\n"
    )
