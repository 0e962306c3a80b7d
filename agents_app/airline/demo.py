"""The trip that every new customer starts with: always the same, a few days ahead of the day they come."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext_noop

from .airports import AIRPORTS
from .models import Flight, Profile, TimelineEntry

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_NAME = "Maya Oyelaran"
_DAYS_AHEAD = 5
_DAYS_AWAY = 3
_DAYS_TO_RENEWAL = 100

#: What profiles didn't hold at first.
LATER_FIELDS = (
    *("segments_flown", "loyalty_id", "renews_on", "tier_benefits", "email", "phone"),
    *("home_airport", "preferred_routes", "travel_summary", "spotlight"),
)


def profile_fields(*, user_id: str, today: date) -> dict[str, Any]:
    """Return what a new profile holds; the booking reference and the member's number are the user's own."""
    digest = hashlib.sha256(user_id.encode()).digest()
    return {
        "name": _NAME,
        "tier": Profile.Tier.SILVER,
        "member_since": 2023,
        "points": 34_200,
        "segments_flown": 17,
        "loyalty_id": f"LN-{int.from_bytes(digest[6:10], 'big') % 1_000_000:06}",
        "renews_on": today + timedelta(days=_DAYS_TO_RENEWAL),
        "tier_benefits": [
            gettext_noop("One checked bag of 23 kg on every fare"),
            gettext_noop("Seats in rows 4 to 6 at no extra cost"),
            gettext_noop("Priority boarding and bag drop"),
            gettext_noop("Two lounge passes a year"),
        ],
        "email": "maya.oyelaran@example.com",
        "phone": "+49 30 5550 142",
        "home_airport": "BER",
        "preferred_routes": ["BER → LIS", "BER → LHR", "BER → JFK"],
        "travel_summary": "Flies between Berlin and Lisbon about once a month, mostly for meetings of a few days.",
        "spotlight": [
            "Likes a window seat by day, an aisle in the evening",
            "Travels with a folding bike now and then",
            "Prefers answers in writing",
        ],
        "booking_reference": "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:6]),
        "fare": "Light Plus",
        "checked_bags": 1,
        "meal": gettext_noop("Vegetarian"),
    }


def make_flights(profile: Profile, *, today: date) -> list[Flight]:
    """Return the way out and the way back."""
    out, back = today + timedelta(days=_DAYS_AHEAD), today + timedelta(days=_DAYS_AHEAD + _DAYS_AWAY)
    return [
        _flight(profile, "LN 418", out, ("BER", time(12, 30)), ("LIS", time(15, 20)), "14A", 144),
        _flight(profile, "LN 421", back, ("LIS", time(16, 5)), ("BER", time(20, 50)), "11C", 145),
    ]


def make_timeline(profile: Profile, *, now: datetime) -> list[TimelineEntry]:
    """Return what has changed about the trip so far."""
    kinds = TimelineEntry.Kind
    changes: tuple[tuple[int, TimelineEntry.Kind, str, dict[str, str]], ...] = (
        (9, kinds.SYSTEM, gettext_noop("Trip %(booking)s booked"), {"booking": profile.booking_reference}),
        (8, kinds.INFO, gettext_noop("Bag added, %(price)s € paid"), {"price": "35"}),
        (
            *(7, kinds.SUCCESS),
            gettext_noop("Seat %(seat)s chosen on %(flight)s"),
            {"seat": "14A", "flight": "LN 418"},
        ),
    )
    return [
        TimelineEntry(
            profile=profile, happened_at=now - timedelta(days=days), kind=kind, text=text, values=values
        )
        for days, kind, text, values in changes
    ]


def _flight(
    profile: Profile,
    number: str,
    day: date,
    start: tuple[str, time],
    end: tuple[str, time],
    seat: str,
    paid: int,
) -> Flight:
    (origin, departure), (destination, arrival) = start, end
    return Flight(
        profile=profile,
        number=number,
        origin=origin,
        destination=destination,
        departs_at=datetime.combine(day, departure, AIRPORTS[origin].zone),
        arrives_at=datetime.combine(day, arrival, AIRPORTS[destination].zone),
        seat=seat,
        paid=paid,
    )
