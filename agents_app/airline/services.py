"""Everything that can be asked of the airline. Refusals are in words for the customer."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils import timezone

from conversations.services import ToolRefused

from . import demo
from .models import MOST_BAGS, SEAT_PATTERN, Flight, Profile, TimelineEntry

BAG_PRICE = 35
_BUSINESS_ROWS = 3
_LETTERS = "ABCDEF"
# The other passengers. They never move, so that what is free stays free in examples and tests.
_TAKEN = frozenset(
    {"4A", "4F", "7C", "9D", "11A", "12E", "14B", "14F", "15A", "18C", "18D", "22B", "27E", "30F"}
)


@transaction.atomic
def get_trip(*, user_id: str) -> Profile:
    """Return a customer's profile; one who comes for the first time gets the demonstration's trip."""
    profile, is_new = Profile.objects.get_or_create(
        user_id=user_id, defaults=demo.profile_fields(user_id=user_id)
    )
    if is_new:
        now = timezone.now()
        Flight.objects.bulk_create(demo.make_flights(profile, today=now.date()))
        TimelineEntry.objects.bulk_create(demo.make_timeline(profile, now=now))
    return profile


@transaction.atomic
def change_seat(*, user_id: str, flight_number: str, seat: str) -> Flight:
    """Move a customer to another seat. Raises ToolRefused with the reason when that can't be done."""
    profile = _lock_profile(user_id)
    seat = _read_seat(seat)
    flight = _find_flight(profile, flight_number)
    if flight.seat == seat:
        raise ToolRefused(f"You already sit in {seat} on {flight.number}.")
    _check_seat(flight, seat)
    before, flight.seat = flight.seat, seat
    flight.save(update_fields=["seat"])
    _note(profile, f"Seat {before} changed to {seat} on {flight.number}")
    return flight


@transaction.atomic
def add_checked_bag(*, user_id: str) -> Profile:
    """Add one bag of 23 kg to a customer's booking. Raises ToolRefused at the limit."""
    profile = _lock_profile(user_id)
    if profile.checked_bags >= MOST_BAGS:
        raise ToolRefused(
            f"This booking has {profile.checked_bags} checked bags already, and more are not possible."
        )
    if not profile.flights.filter(departs_at__gt=timezone.now()).exists():
        raise ToolRefused("All flights of this booking have departed.")
    profile.checked_bags += 1
    profile.save(update_fields=["checked_bags"])
    _note(profile, f"Bag added, {BAG_PRICE} € to pay at the airport")
    return profile


def _lock_profile(user_id: str) -> Profile:
    """Return the profile, held until the end of the transaction: a customer may write in two conversations."""
    get_trip(user_id=user_id)
    return Profile.objects.select_for_update().get(user_id=user_id)


def _read_seat(text: str) -> str:
    seat = re.sub(r"\s", "", text).upper()
    if not re.match(SEAT_PATTERN, seat):
        raise ToolRefused(
            f"“{text[:20]}” is not a seat on this plane. A seat is a row from 1 to 30 and a letter from A to F, "
            "such as 14C."
        )
    return seat


def _find_flight(profile: Profile, number: str) -> Flight:
    wanted = re.sub(r"[\s-]", "", number).upper()
    flights = list(profile.flights.order_by("departs_at"))
    for flight in flights:
        if flight.number.replace(" ", "") == wanted:
            return flight
    numbers = " and ".join(flight.number for flight in flights)
    raise ToolRefused(f"“{number[:20]}” is not part of this booking. Its flights are {numbers}.")


def _check_seat(flight: Flight, seat: str) -> None:
    if flight.departs_at <= timezone.now():
        raise ToolRefused(f"{flight.number} has departed, so its seats can't be changed any more.")
    row = int(seat[:-1])
    if row <= _BUSINESS_ROWS:
        raise ToolRefused(f"Rows 1 to {_BUSINESS_ROWS} are Business, and this booking is in Economy.")
    if seat in _TAKEN:
        free = ", ".join(_free_seats(row, besides=flight.seat)[:3])
        raise ToolRefused(f"Seat {seat} on {flight.number} is taken. Free in the same row: {free}.")


def _free_seats(row: int, *, besides: str) -> list[str]:
    seats = (f"{row}{letter}" for letter in _LETTERS)
    return [seat for seat in seats if seat not in _TAKEN and seat != besides]


def _note(profile: Profile, text: str) -> None:
    TimelineEntry.objects.create(profile=profile, happened_at=timezone.now(), text=text)
