"""Writes what came of an evaluation: a table and a plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from itertools import groupby
from pathlib import Path

from .playing import Talk


@dataclass(frozen=True)
class Result:
    """One case, judged. `cost` is in US dollars, None where the model's price isn't known."""

    talk: Talk
    faults: list[str]
    tokens: int = 0
    cost: Decimal | None = None


def write_report(results: Sequence[Result], model: str, folder: Path) -> Path:
    """Write report.md and report.svg; return the first."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.svg").write_text(_plot(results), encoding="utf-8")
    page = folder / "report.md"
    page.write_text("\n".join(_page(results, model)) + "\n", encoding="utf-8")
    return page


def sum_up(results: Sequence[Result]) -> str:
    """Say in a line what was achieved, what it cost and how long it took."""
    achieved = sum(not result.faults for result in results)
    seconds = sorted(result.talk.seconds for result in results)
    return (
        f"{achieved} of {len(results)} achieved, {sum(result.tokens for result in results):,} tokens, "
        f"{_money(_total(results))}, {seconds[len(seconds) // 2]:.1f} s a conversation (median)"
    )


def _page(results: Sequence[Result], model: str) -> list[str]:
    lines = [
        f"# Evaluation of {model}",
        "",
        f"{sum_up(results)}.",
        "",
        "![Achieved, by topic](report.svg)",
        "",
    ]
    lines += ["| Case | Topic | Language | Achieved | Tokens | Cost | Seconds | What is wrong |"]
    lines += ["|---|---|---|---|---:|---:|---:|---|"]
    for result in results:
        case = result.talk.case
        achieved = "no" if result.faults else "yes"
        wrong = "; ".join(result.faults).replace("|", "\\|")
        lines.append(
            f"| {case.id} | {case.topic} | {case.language} | {achieved} | {result.tokens:,} | "
            f"{_money(result.cost)} | {result.talk.seconds:.1f} | {wrong} |"
        )
    return lines


def _total(results: Sequence[Result]) -> Decimal | None:
    costs = [result.cost for result in results]
    return (
        None
        if any(cost is None for cost in costs)
        else sum((cost or Decimal(0) for cost in costs), Decimal(0))
    )


def _money(cost: Decimal | None) -> str:
    return "price unknown" if cost is None else f"${cost:.4f}"


def _plot(results: Sequence[Result]) -> str:
    """Draw a bar for each topic: how many of its cases were achieved."""
    in_order = sorted(results, key=lambda result: result.talk.case.topic)
    topics = [(topic, list(group)) for topic, group in groupby(in_order, lambda each: each.talk.case.topic)]
    bars = [_bar(index, topic, group) for index, (topic, group) in enumerate(topics)]
    height = 16 + 28 * len(topics)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 560 {height}" font-family="system-ui, sans-serif" '
        f'font-size="13">\n<title>Cases achieved, by topic</title>\n'
        f'<rect width="560" height="{height}" fill="#fff"/>\n' + "\n".join(bars) + "\n</svg>\n"
    )


def _bar(index: int, topic: str, group: Sequence[Result]) -> str:
    achieved, y = sum(not result.faults for result in group), 12 + 28 * index
    share = 340 * achieved / len(group)
    return (
        f'<text x="110" y="{y + 14}" text-anchor="end" fill="#222">{escape(topic)}</text>'
        f'<rect x="120" y="{y}" width="340" height="20" rx="3" fill="#e8e4de"/>'
        f'<rect x="120" y="{y}" width="{share:.0f}" height="20" rx="3" fill="#2d6a6a"/>'
        f'<text x="470" y="{y + 14}" fill="#222">{achieved} of {len(group)}</text>'
    )
