"""Days as customers name them: 2027-03-01, 24 December, tomorrow, next Friday, in two weeks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "a few": 3}
_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december|" + (
    "|".join(_MONTHS) + r")\b\.?"
)
_DAY = re.compile(
    r"\b(?P<iso>\d{4}-\d{2}-\d{2})\b"
    rf"|\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})(?:,? (?P<year>\d{{4}}))?"
    rf"|\b(?P<month_first>{_MONTH}) (?P<day_last>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year_last>\d{{4}}))?"
    r"|\b(?P<near>today|tonight|tomorrow|day after tomorrow|next week|next month)\b"
    r"|\bin (?P<count>\d{1,3}|a few|a|one|two|three|four|five|six) (?P<unit>days?|weeks?|months?)\b"
    r"|\b(?P<weekday>(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
_NEAR = {"today": 0, "tonight": 0, "tomorrow": 1, "day after tomorrow": 2, "next week": 7, "next month": 30}
_UNITS = {"day": 1, "week": 7, "month": 30}


def find_days(text: str, today: date) -> list[date]:
    """Return the days that a text names, in its order; those that there aren't are left out."""
    return [day for found in _DAY.finditer(text) for day in _read(found, today)]


def _read(found: re.Match[str], today: date) -> Iterator[date]:
    parts = found.groupdict()
    try:
        if parts["iso"]:
            yield date.fromisoformat(parts["iso"])
        elif month := parts["month"] or parts["month_first"]:
            year = parts["year"] or parts["year_last"]
            yield _in_month(int(parts["day"] or parts["day_last"]), month, int(year or 0), today)
        elif near := parts["near"]:
            yield today + timedelta(days=_NEAR[near.lower()])
        elif unit := parts["unit"]:
            count = parts["count"].lower()
            number = int(count) if count.isdigit() else _NUMBERS[count]
            yield today + timedelta(days=number * _UNITS[unit.lower().rstrip("s")])
        else:
            ahead = _WEEKDAYS.index(parts["weekday"][:3].lower()) - today.weekday()
            yield today + timedelta(days=ahead if ahead > 0 else ahead + 7)
    except ValueError:
        return


def _in_month(day: int, month: str, year: int, today: date) -> date:
    """Return a day of a month: without a year the next one that comes."""
    number = _MONTHS.index(month[:3].lower()) + 1
    if year:
        return date(year, number, day)
    this_year = date(today.year, number, day)
    return this_year if this_year >= today else date(today.year + 1, number, day)
