"""Run the benchmark: `python -m benchmarks [scenario …]`, or `make bench`, which sets up the reference first."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from benchmarks import environment, processes, report, scenarios, steady
from benchmarks.element import element
from benchmarks.lab import Lab, open_lab
from benchmarks.machine import Meter
from benchmarks.scenarios import Finding, Say, Size

ELEMENT = "element"
SCENARIOS: dict[str, Callable[[Lab, Size, Say], Finding]] = {
    "cost": scenarios.cost,
    "crowd": scenarios.crowd,
    "spread": steady.spread,
    "live": scenarios.live,
    "memory": scenarios.memory,
    "flat": steady.flat,
    "long": scenarios.long_talk,
    "scale": scenarios.scale,
    "day": steady.day,
}


def main() -> None:
    full = Size()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "scenarios", nargs="*", metavar="scenario", help=f"some of {', '.join([*SCENARIOS, ELEMENT])}"
    )
    parser.add_argument("--turns", type=int, default=full.turns, help="turns a measurement (%(default)s)")
    parser.add_argument("--rounds", type=int, default=full.rounds, help="repetitions (%(default)s)")
    parser.add_argument("--flat", type=int, default=full.flat, help="turns of `flat` (%(default)s)")
    parser.add_argument("--day", type=int, default=full.day, help="messages of `day` (%(default)s)")
    parser.add_argument(
        "--write", action="store_true", help="write the page after a part of the scenarios, too"
    )
    options = parser.parse_args()
    if unknown := set(options.scenarios) - SCENARIOS.keys() - {ELEMENT}:
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    chosen = [name for name in SCENARIOS if not options.scenarios or name in options.scenarios]
    if not options.scenarios or ELEMENT in options.scenarios:
        measure_element()
    if not chosen:
        return
    environment.set_up()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.sched_setaffinity(0, processes.FOR_THE_REST)
    meter = Meter()
    with open_lab() as lab:
        size = Size(turns=options.turns, rounds=options.rounds, flat=options.flat, day=options.day)
        findings = run(lab, chosen, replace(size, day_seconds=size.day_seconds * size.day / full.day))
        busy = meter.busy_with_others(lab.cpu_seconds())
    for finding in findings:
        tell(finding)
    if options.write or chosen == list(SCENARIOS):
        report.write(findings, busy, sys.argv[1:])
        print(f"Written: {report.PAGE.relative_to(processes.ROOT)}, {report.PLOT.name}")


def measure_element() -> None:
    """Measure the element before anything else runs; its page is its own."""
    print(f"{ELEMENT} …", flush=True)
    meter = Meter()
    try:
        finding = element(_say)
    except (ImportError, OSError, RuntimeError) as error:
        _say(f"not measured: {error}")
        return
    tell(finding)
    report.write_element(finding, meter.busy_with_others(0))
    print(f"Written: {report.ELEMENT_PAGE.relative_to(processes.ROOT)}")


def tell(finding: Finding) -> None:
    """Say which targets were met."""
    for target in finding.targets:
        print(
            f"{'met    ' if target.met else 'NOT MET'} {target.what}: {target.measured}, wanted {target.wanted}"
        )


def run(lab: Lab, chosen: list[str], size: Size) -> list[Finding]:
    """Run scenarios, saying what goes on."""
    findings = []
    for number, name in enumerate(chosen, 1):
        begun = time.monotonic()
        print(f"[{number}/{len(chosen)}] {name} …", flush=True)
        try:
            findings.append(SCENARIOS[name](lab, size, _say))
        except (OSError, RuntimeError) as error:  # what the others have shown still counts
            _say(f"failed: {error}")
            findings.append(Finding(name, (), note=f"Not measured, it failed: {str(error)[:200]}"))
        print(f"    {time.monotonic() - begun:.0f} s", flush=True)
    return findings


def _say(words: str) -> None:
    print(f"    {words}", flush=True)


if __name__ == "__main__":
    main()
