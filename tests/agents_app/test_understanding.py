"""What the practice model makes of customers' sentences: sentences.txt has them, by the tools that they ask for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from agents_app.providers.practice.colleagues import pick_hand_over
from agents_app.providers.practice.dates import find_days
from agents_app.providers.practice.sentences import correct, read_clauses
from agents_app.providers.practice.understanding import pick_calls

TODAY = date(2026, 11, 21)


def sentences() -> Iterator[tuple[list[str], str]]:
    tools: list[str] = []
    for line in Path(__file__).with_name("sentences.txt").read_text().splitlines():
        if line.startswith("## "):
            tools = [] if line == "## nothing" else sorted(line[3:].split())
        elif line and not line.startswith("#"):
            yield tools, line


def test_each_sentence_asks_for_its_tools() -> None:
    cases = list(sentences())

    picked = [(sorted(call.name for call in pick_calls(read_clauses(said))), said) for _, said in cases]

    assert len(cases) > 150
    assert picked == cases


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("flights to tokyo in business on 24 December", {"destination": "Tokyo", "cabin": "business"}),
        ("fly from Munich to Rome on 2027-03-01", {"origin": "Munich", "depart_date": "2027-03-01"}),
        ("Change to seat 15C, not 14C, on LN 418 please", {"seat": "15C", "flight_number": "LN 418"}),
        ("Can you get me 12 F on LN418?", {"seat": "12F", "flight_number": "LN418"}),
        ("Refund me 12,50 EUR for the meal, please", {"amount": 12.5}),
    ],
)
def test_what_is_said_becomes_arguments(said: str, arguments: dict[str, object]) -> None:
    (call,) = pick_calls(read_clauses(said))

    assert json.loads(call.arguments).items() >= arguments.items()


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("tomorrow", [TODAY + timedelta(1)]),
        ("in two weeks", [TODAY + timedelta(14)]),
        ("next Friday", [date(2026, 11, 27)]),
        ("from 3 March to the 10th of march", [date(2027, 3, 3), date(2027, 3, 10)]),
        ("December 24th, 2027", [date(2027, 12, 24)]),
        ("2027-02-30, or 31 February", []),
        ("14C on LN 418", []),
    ],
)
def test_days_are_read_as_customers_name_them(said: str, days: list[date]) -> None:
    assert find_days(said, TODAY) == days


def test_slips_are_mended_and_other_words_left_alone() -> None:
    assert correct("cancle my resevation and the wheelchiar") == "cancel my reservation and the wheelchair"
    for fine in ("looking at the light night charge", "the cancer ward", "pleased to meet you"):
        assert correct(fine) == fine


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("My suitcase is missing", ["baggage"]),
        ("Where are my bags?", ["baggage"]),
        ("my luggage didn't arrive", ["baggage"]),
        ("Can I talk to refunds, please?", ["refunds"]),
        ("What if my suitcase gets lost?", []),
        ("Don't put me through to baggage", []),
    ],
)
def test_a_colleague_is_called_where_one_is_needed(said: str, who: list[str]) -> None:
    assert [call.name for call in pick_hand_over(read_clauses(said))] == [
        f"transfer_to_{name}" for name in who
    ]
