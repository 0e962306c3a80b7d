"""The benchmark itself, as short as it can be: that it starts, measures and counts."""

from __future__ import annotations

import pytest

from benchmarks import scenarios, steady
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


def test_a_days_messages_are_counted_in_the_tables(lab: Lab) -> None:
    finding = steady.day(lab, scenarios.SHORT, WORDS.append)

    assert [row[:4] for row in finding.rows] == [("4", "4", "4", "0")]
    _a_message_that_is_not_answered_is_missed(lab)


def _a_message_that_is_not_answered_is_missed(lab: Lab) -> None:
    with lab.connect("chat") as connection:
        connection.execute(
            "update conversations_item set text = 'Half of it' where kind = 'assistant_message' and turn_id = "
            "(select turn_id from conversations_item where text like %s)", ["%#3"],
        )  # fmt: skip

    assert lab.count_answered(since=0) == (4, 3)


def test_memory_is_watched_and_arrivals_are_timed(lab: Lab) -> None:
    flat = steady.flat(lab, scenarios.SHORT, WORDS.append)
    spread = steady.spread(lab, scenarios.SHORT, WORDS.append)

    assert flat.rows[-1][0] == "4"
    assert spread.rows[0][:3] == ("2.0", "2", "0")
