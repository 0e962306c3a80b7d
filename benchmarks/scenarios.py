"""The questions of the benchmark, one function each; every one returns what it measured and what it means."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from benchmarks.lab import Lab, Measured, Subject
from benchmarks.redis import running_redis

Say = Callable[[str], object]
WAIT_SECONDS = 1.2


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything: the full run, or a short one that only shows that it works."""

    turns: int = 300
    at_once: int = 20
    crowd: int = 1000
    rate: float = 67.0
    seconds: float = 20.0
    rounds: int = 2
    long: int = 10_000
    talks: int = 8
    warm_up: int = 30
    with_reference: bool = True
    flat: int = 2000
    minute: float = 60.0
    searches: int = 6
    search_seconds: float = 10.0
    day: int = 10_000
    day_seconds: float = 480.0


SHORT = Size(
    turns=2,
    at_once=2,
    crowd=2,
    rate=4.0,
    seconds=0.5,
    rounds=1,
    long=100,
    talks=1,
    warm_up=1,
    with_reference=False,
    flat=4,
    minute=1.0,
    searches=1,
    search_seconds=0.5,
    day=4,
    day_seconds=1.0,
)


@dataclass(frozen=True, slots=True)
class Target:
    """One of the issue's figures beside what was measured."""

    what: str
    wanted: str
    measured: str
    met: bool


@dataclass(slots=True)
class Finding:
    """What a scenario has shown: rows for its table, bars for the plot, targets."""

    title: str
    head: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    bars: list[tuple[str, float, float]] = field(default_factory=list)
    note: str = ""


def cost(lab: Lab, size: Size, say: Say) -> Finding:
    """(a) The processor's time that a streamed turn takes, and how many a second one core carries."""
    finding = Finding(
        "Processor time of a turn",
        ("Server", "CPU ms a turn", "PostgreSQL's", "turns/s a core", "first text p95, ms", "reply p95, ms", "errors"),
        note=f"Streamed replies of 60 deltas, 10 ms apart, {size.at_once} at once, five turns in a conversation. The "
        "times are over the provider's own, which the same load client measured without anything between.",
    )  # fmt: skip
    own = lab.measure(
        lab.direct(), lab.users(lab.direct(), size.at_once), turns=size.turns, at_once=size.at_once
    )
    best: dict[str, Measured] = {}
    for _ in range(size.rounds):
        for start in _servers(lab, size):
            with start() as subject:
                lab.warm_up(subject, size.warm_up)
                users = lab.users(subject, max(size.at_once * 5, 20))
                measured = lab.measure(subject, users, turns=size.turns, at_once=size.at_once)
            say(f"{subject.name}: {measured.cpu_ms:.1f} ms a turn, {measured.database_ms:.1f} in PostgreSQL")
            best[subject.name] = min(best.get(subject.name, measured), measured, key=lambda each: each.cpu_ms)
    for name, each in best.items():
        finding.rows.append((
            name, f"{each.cpu_ms:.1f}", f"{each.database_ms:.1f}", f"{_rate(each):.0f}",
            _over(each, own, "first", 95), _over(each, own, "whole", 95), str(each.failed),
        ))  # fmt: skip
        finding.bars.append((name, each.cpu_ms, each.database_ms))
    if "reference" in best:
        times = best["reference"].cpu_ms / best["product"].cpu_ms
        finding.targets.append(
            Target(
                "turns a second a core, against the reference", "at least 4 ×", f"{times:.2f} ×", times >= 4
            )
        )
    return finding


def crowd(lab: Lab, size: Size, say: Say) -> Finding:
    """(b) A thousand users who each hold an open request while the provider takes its time."""
    finding = Finding(
        f"{size.crowd:,} open POSTs at once, the provider takes {WAIT_SECONDS} s",
        ("Server", "answered", "errors", "open at once", "p50, s", "p95, s", "turns/s", "CPU ms a turn", "peak MB"),
        note="All sent in the same moment, the reply as JSON: the hardest reading of the target. A steady stream of "
        "so many open requests would be 830 turns a second.",
    )  # fmt: skip
    for start in _apps(lab, size):
        with start() as subject:
            users = lab.users(subject, size.crowd)
            lab.warm_up(subject, size.warm_up)
            slow = WAIT_SECONDS - 0.6
            each = lab.measure(
                subject,
                users,
                turns=size.crowd,
                at_once=size.crowd,
                stream=False,
                slow=slow,
                give_up_after=45,
            )
        p50, p95 = each.percentile("whole", 50), each.percentile("whole", 95)
        say(f"{subject.name}: p95 {p95:.1f} s, {each.failed} errors, {each.peak_mb:.0f} MB")
        for error, count in each.errors.items():
            say(f"    {count} × {error}")
        finding.rows.append((
            subject.name, str(each.turns), str(each.failed), str(each.most_open), f"{p50:.1f}", f"{p95:.1f}",
            f"{each.turns / each.seconds:.0f}", f"{each.cpu_ms:.1f}", f"{each.peak_mb:.0f}",
        ))  # fmt: skip
        if subject.name == "product":
            finding.targets += [
                Target(f"{size.crowd:,} open POSTs: p95", "under 2 s", f"{p95:.1f} s", p95 < 2),
                Target("… errors", "none", str(each.failed), not each.failed),
                Target("… memory", "at most 256 MB", f"{each.peak_mb:.0f} MB", each.peak_mb <= 256),
            ]
    return finding


def live(lab: Lab, size: Size, say: Say) -> Finding:
    """(c) A thousand users connected by WebSocket, and a steady stream of turns."""
    finding = Finding(
        f"{size.crowd:,} WebSockets, {size.rate:g} turns a second",
        ("Server", "turns", "errors", "first text p50 / p95", "reply p50 / p95", "CPU ms a turn", "core", "peak MB"),
        note="Messages go by POST with `Prefer: respond-async`, replies are seen through the sockets. The times are "
        "milliseconds over the provider's own at the same rate.",
    )  # fmt: skip
    turns = max(2, round(size.rate * size.seconds))
    direct = lab.direct()
    own = lab.measure(direct, lab.users(direct, size.crowd), turns=turns, rate=size.rate)
    with lab.product() as subject:
        users = lab.users(subject, size.crowd)
        lab.start_conversations(subject, users, 2)
        lab.warm_up(subject, size.warm_up)
        each = lab.measure(
            subject, users, turns=turns, rate=size.rate, sockets=True, turns_in_a_conversation=10**9
        )
    first, whole = _over(each, own, "first", 95), _over(each, own, "whole", 95)
    say(f"first text p95 {first} ms, reply p95 {whole} ms, {each.failed} errors, {each.peak_mb:.0f} MB")
    finding.rows.append((
        "product", str(each.turns), str(each.failed), f"{_over(each, own, 'first', 50)} / {first}",
        f"{_over(each, own, 'whole', 50)} / {whole}", f"{each.cpu_ms:.1f}",
        f"{100 * sum(each.app_cpu) / each.seconds:.0f} %", f"{each.peak_mb:.0f}",
    ))  # fmt: skip
    finding.targets += [
        Target(
            "first text over the provider's own, p95", "at most 150 ms", f"{first} ms", _below(first, 150)
        ),
        Target(
            "whole reply over the provider's own, p95", "at most 250 ms", f"{whole} ms", _below(whole, 250)
        ),
        Target("… errors", "none", str(each.failed), not each.failed),
        Target("memory under that load", "at most 200 MB", f"{each.peak_mb:.0f} MB", each.peak_mb <= 200),
    ]
    return finding


def memory(lab: Lab, size: Size, say: Say) -> Finding:
    """(d) Resident memory of the application's process; PostgreSQL is not in it."""
    finding = Finding("Memory", ("Server", "state", "resident MB"))
    with lab.product("--no-worker") as subject:
        serving = subject.memory_mb
    finding.rows.append(("product, serve --no-worker", "idle", f"{serving:.0f}"))
    for start in _apps(lab, size):
        with start() as subject:
            idle = subject.memory_mb
            lab.warm_up(subject, size.warm_up)
            first = subject.memory_mb
            lab.measure(subject, lab.users(subject, 100), turns=size.turns, at_once=size.at_once)
            later = subject.memory_mb
        for state, value in (
            ("idle", idle),
            ("after 30 turns", first),
            (f"after {size.turns} more", later),
        ):
            finding.rows.append((subject.name, state, f"{value:.0f}"))
        say(f"{subject.name}: {idle:.0f} MB idle, {later:.0f} MB after {size.turns + 30} turns")
        if subject.name == "product":
            finding.targets.append(
                Target("all in one process, idle", "at most 160 MB", f"{idle:.0f} MB", idle <= 160)
            )
    finding.targets.append(
        Target("serving only, idle", "at most 110 MB", f"{serving:.0f} MB", serving <= 110)
    )
    return finding


def long_talk(lab: Lab, size: Size, say: Say) -> Finding:
    """(e) A turn in a conversation of many messages beside one in a short one."""
    finding = Finding(
        f"A turn in a conversation of {size.long:,} messages",
        ("Server", "CPU ms, 10", f"CPU ms, {size.long:,}", "ratio", "PostgreSQL's, 10", f"PostgreSQL's, {size.long:,}"),
        note="Both send at most the last 200 messages to the provider, so what is left of the ratio is the reading "
        "and writing of those.",
    )  # fmt: skip
    for start in _apps(lab, size):
        with start() as subject:
            lab.warm_up(subject, size.warm_up)
            users = lab.users(subject, size.talks)
            found: dict[int, list[Measured]] = {10: [], size.long: []}
            for _ in range(size.rounds):
                for messages in found:
                    lab.start_conversations(subject, users, messages)
                    found[messages].append(
                        lab.measure(
                            subject,
                            users,
                            turns=size.talks * 5,
                            at_once=size.talks,
                            turns_in_a_conversation=10**9,
                        )
                    )
        short, long = (statistics.mean(each.cpu_ms for each in found[messages]) for messages in found)
        ratio = long / short if short else math.nan
        say(f"{subject.name}: {short:.1f} ms in 10, {long:.1f} ms in {size.long:,}, ratio {ratio:.2f}")
        database = (statistics.mean(each.database_ms for each in found[messages]) for messages in found)
        finding.rows.append((
            subject.name, f"{short:.1f}", f"{long:.1f}", f"{ratio:.2f}", *(f"{each:.1f}" for each in database)
        ))  # fmt: skip
        if subject.name == "product":
            finding.targets.append(
                Target(
                    f"CPU in a conversation of {size.long:,}, against 10",
                    "at most 1.2 ×",
                    f"{ratio:.2f} ×",
                    ratio <= 1.2,
                )
            )
    return finding


def scale(lab: Lab, size: Size, say: Say) -> Finding:
    """(f) Two processes beside one."""
    finding = Finding(
        "Two processes",
        ("Processes", "CPU ms a turn", "turns a second that this allows", "errors"),
        note="Calculated from processor time: two cores that also carry the load, the provider and PostgreSQL can't "
        "show twice the throughput. Redis carries the push in both cases, and every second reply is run by the "
        "process that does not stream it.",
    )
    with running_redis() as url:
        if url is None:
            finding.note = "Not measured: there is no redis-server on this machine."
            return finding
        with lab.product(REDIS_URL=url) as one:
            lab.warm_up(one, size.warm_up)
            alone = lab.measure(one, lab.users(one, 100), turns=size.turns, at_once=size.at_once)
            with lab.product(REDIS_URL=url) as other:
                lab.warm_up(other, size.warm_up)
                both = Subject("product", "product", one.url, (*one.pids, *other.pids))
                together = lab.measure(both, lab.users(both, 100), turns=size.turns, at_once=size.at_once)
    one_rate, two_rate = _rate(alone), 2 * _rate(together)
    times = two_rate / one_rate if one_rate else math.nan
    finding.rows += [
        ("one", f"{alone.cpu_ms:.1f}", f"{one_rate:.0f}", str(alone.failed)),
        ("two", f"{together.cpu_ms:.1f}", f"{two_rate:.0f}", str(together.failed)),
    ]
    say(f"{times:.2f} × with two processes, by processor time")
    finding.targets.append(
        Target(
            "two processes on two cores, by processor time", "at least 1.8 ×", f"{times:.2f} ×", times >= 1.8
        )
    )
    return finding


def _apps(lab: Lab, size: Size) -> list[Callable[[], AbstractContextManager[Subject]]]:
    return [lab.product, lab.reference] if size.with_reference else [lab.product]


def _servers(lab: Lab, size: Size) -> list[Callable[[], AbstractContextManager[Subject]]]:
    more = [lambda: lab.reference("aiohttp")] if size.with_reference else []
    return [*_apps(lab, size), *more, lab.floor]


def _rate(measured: Measured) -> float:
    return 1000 / measured.cpu_ms if measured.cpu_ms else math.nan


def _over(measured: Measured, own: Measured, which: str, percent: int) -> str:
    """Return milliseconds over the provider's own."""
    return f"{1000 * (measured.percentile(which, percent) - own.percentile(which, percent)):.0f}"


def _below(milliseconds: str, limit: int) -> bool:
    return milliseconds != "nan" and int(milliseconds) <= limit
