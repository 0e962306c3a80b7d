"""Seats of the one type of plane: which there are, in which cabin, and which are taken."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from conversations.services import ToolRefused

from .models import SEAT_PATTERN, Cabin

_BUSINESS_ROWS = 3
_LETTERS = "ABCDEF"
_FRONT = (Cabin.BUSINESS, Cabin.FIRST)
#: Rows in which a seat is given to whoever books, best first.
_GIVEN_ROWS = {
    Cabin.ECONOMY: range(10, 31),
    Cabin.PREMIUM_ECONOMY: range(4, 31),
    Cabin.BUSINESS: range(2, 4),
    Cabin.FIRST: range(1, 4),
}
# The other passengers. They never move, so that what is free stays free in examples and tests.
_TAKEN = frozenset(
    {"4A", "4F", "7C", "9D", "11A", "12E", "14B", "14F", "15A", "18C", "18D", "22B", "27E", "30F"}
)


def read_seat(text: str) -> str:
    """Return a seat as it is written on a boarding pass; refuse what is none."""
    seat = re.sub(r"\s", "", text).upper()
    if not re.match(SEAT_PATTERN, seat):
        words = _(
            "“%(seat)s” is not a seat on this plane. A seat is a row from 1 to 30 and a letter from A to F, "
            "such as 14C."
        )
        raise ToolRefused(words % {"seat": text[:20]})
    return seat


def check_seat(seat: str, *, cabin: str, flight_number: str, besides: str) -> None:
    """Refuse a seat that is taken or in another cabin; `besides` is the customer's present one."""
    row = int(seat[:-1])
    if (row <= _BUSINESS_ROWS) != (cabin in _FRONT):
        words = _(
            "Seat %(seat)s is in %(here)s, and this booking is in %(cabin)s: rows 1 to %(rows)s are Business."
        )
        here = Cabin.BUSINESS if row <= _BUSINESS_ROWS else Cabin.ECONOMY
        values = {"seat": seat, "here": _(here.label), "cabin": _(Cabin(cabin).label), "rows": _BUSINESS_ROWS}
        raise ToolRefused(words % values)
    if seat in _TAKEN:
        free = ", ".join([each for each in _free_seats(row) if each != besides][:3])
        words = _("Seat %(seat)s on %(flight)s is taken. Free in the same row: %(free)s.")
        raise ToolRefused(words % {"seat": seat, "flight": flight_number, "free": free})


def give_seat(cabin: str) -> str:
    """Return the seat that somebody who books this cabin gets: the best one at a window."""
    windows = (f"{row}{letter}" for row in _GIVEN_ROWS[Cabin(cabin)] for letter in "AF")
    return next(seat for seat in windows if seat not in _TAKEN)


def _free_seats(row: int) -> list[str]:
    return [seat for seat in (f"{row}{letter}" for letter in _LETTERS) if seat not in _TAKEN]
