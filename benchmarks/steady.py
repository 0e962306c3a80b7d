"""What shows only over time: memory over many turns, a stream of arrivals, a day with all its messages."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from benchmarks.lab import Lab, Measured
from benchmarks.scenarios import WAIT_SECONDS, Finding, Say, Size, Target

Arrive = Callable[[float, int], Measured]
PATIENCE_SECONDS = 2.0
#: Seconds that the provider is silent for, so that the whole answer takes WAIT_SECONDS.
SLOW = WAIT_SECONDS - 0.6
MOST_GROWTH = 0.03
SAMPLES = 20
#: A busy hour may be too much for the processor; what matters then is that the evening catches up.
LONGEST_REPLY_SECONDS = 240.0
#: Messages in each hour of a day, from midnight on: a quiet night, a peak before noon, another in the evening.
DAY = (2, 1, 1, 1, 1, 2, 4, 8, 13, 17, 19, 18, 15, 14, 15, 15, 14, 13, 14, 16, 14, 10, 6, 3)


def flat(lab: Lab, size: Size, say: Say) -> Finding:
    """(g) Resident memory over many turns, from a provider that answers without pauses."""
    finding = Finding(
        f"Memory over {size.flat:,} turns",
        ("turns", "resident MB"),
        note=f"{size.at_once} at once, replies of 60 words without pauses, a new conversation every five turns.",
    )
    with lab.product(CHAT_RATE_PER_MINUTE="0") as subject:
        lab.warm_up(subject, size.warm_up)
        seen: list[tuple[int, float]] = []
        failed = 0
        while not seen or seen[-1][0] < size.flat:
            piece = min(max(size.flat // SAMPLES, size.at_once), 1000)
            users = lab.users(subject, 5 * size.at_once)
            each = lab.measure(
                subject, users, turns=piece, at_once=size.at_once, pace=0, give_up_after=20 + piece / 2
            )
            failed += each.failed
            if not each.turns:
                raise RuntimeError(f"no turn came to its end: {each.errors}")
            seen.append((each.turns + (seen[-1][0] if seen else 0), subject.memory_mb))
            say(f"{seen[-1][0]:,} turns: {seen[-1][1]:.1f} MB")
    finding.rows += [(f"{turns:,}", f"{megabytes:.1f}") for turns, megabytes in _some(seen, SAMPLES)]
    # What fills once, caches and the allocator's pools, is full after a tenth.
    settled = [point for point in seen if point[0] >= size.flat / 10]
    slope = _slope(settled)
    growth = settled[-1][1] - settled[0][1]
    say(f"{slope:+.2f} MB for each 1,000 turns, {growth:+.1f} MB since a tenth of them, {failed} errors")
    finding.note += f" After the first tenth it changes by {slope:+.2f} MB for each 1,000 turns."
    finding.targets += [
        Target(
            f"memory over {size.flat:,} turns, from a tenth of them on",
            f"flat: at most +{MOST_GROWTH:.0%}",
            f"{growth / settled[0][1]:+.1%}",
            growth <= MOST_GROWTH * settled[0][1],
        ),
        Target("… errors", "none", str(failed), not failed),
    ]
    return finding


def spread(lab: Lab, size: Size, say: Say) -> Finding:
    """(h) The crowd as it comes: everybody once in a minute; and how many it may be before they wait too long."""
    finding = Finding(
        f"{size.crowd:,} users within {size.minute:g} s, the provider takes {WAIT_SECONDS} s",
        ("turns a second", "answered", "errors", "open at once", "p50, s", "p95, s", "CPU ms a turn", "core"),
        note="Arrivals at even distances, each in a conversation of its own, the reply as JSON to an open POST; load, "
        "provider and PostgreSQL share the other core.",
    )  # fmt: skip
    with lab.product() as subject:
        users = lab.users(subject, size.crowd)
        lab.warm_up(subject, size.warm_up)

        def arrive(rate: float, turns: int) -> Measured:
            each = lab.measure(
                subject, users, turns=turns, rate=rate, stream=False, slow=SLOW, turns_in_a_conversation=1
            )
            say(f"{rate:.1f} a second: p95 {each.percentile('whole', 95):.2f} s, {each.failed} errors")
            finding.rows.append((
                f"{rate:.1f}", str(each.turns), str(each.failed), str(each.most_open),
                f"{each.percentile('whole', 50):.2f}", f"{each.percentile('whole', 95):.2f}", f"{each.cpu_ms:.1f}",
                f"{100 * sum(each.app_cpu) / each.seconds:.0f} %",
            ))  # fmt: skip
            return each

        rate = size.crowd / size.minute
        all_of_them = arrive(rate, size.crowd)
        fine, bad = (rate, math.inf) if _is_patient(all_of_them) else (0.0, rate)
        best = _search(arrive, size, fine, bad)
    p95 = all_of_them.percentile("whole", 95)
    if best:
        say(f"p95 stays under {PATIENCE_SECONDS:g} s up to {best:.1f} turns a second")
        finding.note += (
            f" Found by search: p95 stays under {PATIENCE_SECONDS:g} s up to {best:.1f} turns a second, which is "
            f"{best * WAIT_SECONDS:.0f} requests open at once, or {best * 60:,.0f} users who ask once a minute."
        )
    finding.targets += [
        Target(
            f"{size.crowd:,} users within {size.minute:g} s: p95",
            f"under {PATIENCE_SECONDS:g} s",
            f"{p95:.2f} s",
            p95 < PATIENCE_SECONDS,
        ),
        Target("… errors", "none", str(all_of_them.failed), not all_of_them.failed),
    ]
    return finding


def day(lab: Lab, size: Size, say: Say) -> Finding:
    """(i) A day's messages in a few minutes: each one stored, and answered once."""
    finding = Finding(
        f"{size.day:,} messages in a day's pattern, in {size.day_seconds:g} s",
        ("sent", "stored", "answered once", "errors", "busiest hour, a second", "p50, s", "p95, s", "CPU ms a turn"),
        note="24 hours with their share of the messages each; every message differs, and the tables are asked "
        "afterwards what is in them.",
    )  # fmt: skip
    with lab.product(CHAT_RATE_PER_MINUTE="0") as subject:
        lab.warm_up(subject, size.warm_up)
        before = time.time()
        each = lab.measure(
            subject,
            lab.users(subject, size.crowd),
            turns=size.day,
            hours=DAY,
            seconds=size.day_seconds,
            numbered=True,
            give_up_after=size.day_seconds + LONGEST_REPLY_SECONDS,
            timeout=LONGEST_REPLY_SECONDS,
        )
        stored, answered = lab.count_answered(since=before)
    peak = size.day * max(DAY) / sum(DAY) / (size.day_seconds / len(DAY))
    say(f"{size.day:,} sent, {stored:,} stored, {answered:,} answered once, {each.failed} errors")
    for error, count in each.errors.items():
        say(f"    {count} × {error}")
    finding.rows.append((
        f"{size.day:,}", f"{stored:,}", f"{answered:,}", str(each.failed), f"{peak:.0f}",
        f"{each.percentile('whole', 50):.2f}", f"{each.percentile('whole', 95):.2f}", f"{each.cpu_ms:.1f}",
    ))  # fmt: skip
    finding.targets += [
        Target(f"a day's {size.day:,} messages: stored", "all", f"{stored:,}", stored == size.day),
        Target("… answered, each exactly once", "all", f"{answered:,}", answered == size.day),
        Target("… errors", "none", str(each.failed), not each.failed),
    ]
    return finding


def _search(arrive: Arrive, size: Size, fine: float, bad: float) -> float:
    """Return the highest rate that was fine, going half the way to one that isn't."""
    for _ in range(size.searches):
        rate = 1.5 * fine if bad is math.inf else (fine + bad) / 2
        if bad - fine < 1:
            break
        if _is_patient(arrive(rate, max(2, round(rate * size.search_seconds)))):
            fine = rate
        else:
            bad = rate
    return fine


def _is_patient(each: Measured) -> bool:
    return not each.failed and each.percentile("whole", 95) < PATIENCE_SECONDS


def _slope(points: Sequence[tuple[int, float]]) -> float:
    """Return the straight line's rise for each 1,000 turns."""
    if len(points) < 2:
        return 0.0
    middle = sum(turns for turns, _ in points) / len(points)
    mean = sum(megabytes for _, megabytes in points) / len(points)
    spread = sum((turns - middle) ** 2 for turns, _ in points)
    return 1000 * sum((turns - middle) * (megabytes - mean) for turns, megabytes in points) / spread


def _some(points: Sequence[tuple[int, float]], count: int) -> list[tuple[int, float]]:
    step = max(1, math.ceil(len(points) / count))
    return [*points[:-1:step], points[-1]]
