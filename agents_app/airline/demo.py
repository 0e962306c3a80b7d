"""The trip that every new customer starts with: always the same, a few days ahead of the day they come."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .models import Flight, Profile, TimelineEntry

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_NAME = "Maya Oyelaran"
_DAYS_AHEAD = 5
_DAYS_AWAY = 3

#: Where an airport's clocks are; times are shown as they are there.
ZONES = {"BER": ZoneInfo("Europe/Berlin"), "LIS": ZoneInfo("Europe/Lisbon")}
CITIES = {"BER": "Berlin", "LIS": "Lisbon"}


def profile_fields(*, user_id: str) -> dict[str, Any]:
    """Return what a new profile holds; the booking reference is the user's own."""
    digest = hashlib.sha256(user_id.encode()).digest()
    return {
        "name": _NAME,
        "tier": Profile.Tier.SILVER,
        "member_since": 2023,
        "points": 34_200,
        "booking_reference": "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:6]),
        "fare": "Light Plus",
        "checked_bags": 1,
        "meal": "Vegetarian",
    }


def make_flights(profile: Profile, *, today: date) -> list[Flight]:
    """Return the way out and the way back."""
    out, back = today + timedelta(days=_DAYS_AHEAD), today + timedelta(days=_DAYS_AHEAD + _DAYS_AWAY)
    return [
        _flight(profile, "LN 418", out, ("BER", time(12, 30)), ("LIS", time(15, 20)), "14A"),
        _flight(profile, "LN 421", back, ("LIS", time(16, 5)), ("BER", time(20, 50)), "11C"),
    ]


def make_timeline(profile: Profile, *, now: datetime) -> list[TimelineEntry]:
    """Return what has changed about the trip so far."""
    changes = ((8, "Bag added, 35 € paid"), (7, "Seat 14A chosen on LN 418"))
    return [
        TimelineEntry(profile=profile, happened_at=now - timedelta(days=days), text=text)
        for days, text in changes
    ]


def _flight(
    profile: Profile, number: str, day: date, start: tuple[str, time], end: tuple[str, time], seat: str
) -> Flight:
    (origin, departure), (destination, arrival) = start, end
    return Flight(
        profile=profile,
        number=number,
        origin=origin,
        destination=destination,
        departs_at=datetime.combine(day, departure, ZONES[origin]),
        arrives_at=datetime.combine(day, arrival, ZONES[destination]),
        seat=seat,
    )
