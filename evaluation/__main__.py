"""Play all cases against the configured model: `make eval`, or `python -m evaluation trip seat` for some."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

from .cases import Case, read_cases
from .judging import find_faults
from .playing import Talk, play
from .report import Result, sum_up, write_report
from .site import ROOT, answers_canned, read_usage, run_site

#: Customers at a time.
AT_ONCE = 4


def evaluate(url: str, data_dir: Path, cases: Sequence[Case]) -> tuple[list[Result], str]:
    """Play cases against a site; return what came of them, and the model's name."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        talks = list(threads.map(lambda case: play(url, case), cases))
    used = read_usage(data_dir, [talk.conversation for talk in talks])
    model = max((model for _, _, model in used.values()), default="")
    return [_judge(talk, used) for talk in talks], model


def _judge(talk: Talk, used: dict[str, tuple[int, Decimal | None, str]]) -> Result:
    tokens, cost, _ = used.get(talk.conversation, (0, None, ""))
    return Result(talk, find_faults(talk), tokens, cost)


def _chosen(ids: Sequence[str], *, is_practice: bool) -> list[Case]:
    """Return the cases with these ids; without any, all that the model can understand."""
    if ids:
        return [case for case in read_cases() if case.id in ids]
    if is_practice:
        print("No key is set: the practice model plays the cases that it understands.", flush=True)
    return read_cases(for_practice=is_practice)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evaluation", description=__doc__)
    parser.add_argument("cases", nargs="*", help="ids of cases; all of them otherwise")
    parser.add_argument("--to", type=Path, default=ROOT / "var" / "evaluation", help="where the report goes")
    options = parser.parse_args()
    data_dir = Path(tempfile.mkdtemp(prefix="evaluation-"))
    try:
        with run_site(data_dir) as url:
            results, model = evaluate(url, data_dir, _chosen(options.cases, is_practice=answers_canned(url)))
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)
    for result in results:
        if result.faults:
            print(f"{result.talk.case.id}: {'; '.join(result.faults)}")
    print(f"{sum_up(results)}\n{write_report(results, model, options.to)}")
    sys.exit(any(result.faults for result in results))


if __name__ == "__main__":
    main()
