"""The benchmark itself, as short as it can be: that it starts, measures and counts."""

from __future__ import annotations

import pytest

from benchmarks import scenarios
from benchmarks.lab import Lab, open_lab

WORDS: list[str] = []


@pytest.fixture(scope="module")
def lab() -> Lab:  # type: ignore[misc]
    with open_lab() as lab:
        yield lab


def test_two_turns_are_measured_beside_the_floor(lab: Lab) -> None:
    finding = scenarios.cost(lab, scenarios.SHORT, WORDS.append)

    rows = {row[0]: row for row in finding.rows}
    assert {"product", "floor"} <= rows.keys()
    assert all(row[-1] == "0" for row in rows.values()), rows
    assert float(rows["product"][1]) > 0


def test_replies_are_seen_through_websockets(lab: Lab) -> None:
    finding = scenarios.live(lab, scenarios.SHORT, WORDS.append)

    assert [row[:3] for row in finding.rows] == [("product", "2", "0")]
