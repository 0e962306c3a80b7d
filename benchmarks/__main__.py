"""Run the benchmark: `python -m benchmarks [scenario …]`, or `make bench`, which sets up the reference first."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time

from benchmarks import environment, processes, report
from benchmarks.lab import Lab, open_lab
from benchmarks.machine import Meter
from benchmarks.scenarios import SCENARIOS, Finding, Size


def main() -> None:
    full = Size()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="scenario", help=f"some of {', '.join(SCENARIOS)}")
    parser.add_argument("--turns", type=int, default=full.turns, help="turns a measurement (%(default)s)")
    parser.add_argument("--rounds", type=int, default=full.rounds, help="repetitions (%(default)s)")
    parser.add_argument(
        "--write", action="store_true", help="write the page after a part of the scenarios, too"
    )
    options = parser.parse_args()
    if unknown := set(options.scenarios) - SCENARIOS.keys():
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    chosen = [name for name in SCENARIOS if not options.scenarios or name in options.scenarios]
    environment.set_up()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.sched_setaffinity(0, processes.FOR_THE_REST)
    meter = Meter()
    with open_lab() as lab:
        findings = run(lab, chosen, Size(turns=options.turns, rounds=options.rounds))
        busy = meter.busy_with_others(lab.cpu_seconds())
    for finding in findings:
        for target in finding.targets:
            print(
                f"{'met    ' if target.met else 'NOT MET'} {target.what}: {target.measured}, wanted {target.wanted}"
            )
    if options.write or chosen == list(SCENARIOS):
        report.write(findings, busy, options.turns, options.rounds, chosen)
        print(f"Written: {report.PAGE.relative_to(processes.ROOT)}, {report.PLOT.name}")


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
