"""A customer's profile as pages read it: the customer-support sample's names, and some of ours.

What we say in it is in the reader's language. Names stay as they are (a tier, a fare), as do the words by which pages
know a flight's status.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .airports import AIRPORTS
from .models import Flight, Profile
from .services import get_trip

#: The event by which a page hears of a change.
UPDATE = "customer_profile/update"
_TIMELINE_LENGTH = 20
#: The tier above, and what it takes: points and flights within a year.
_NEXT_TIERS = {
    Profile.Tier.BLUE: (Profile.Tier.SILVER, 20_000, 12),
    Profile.Tier.SILVER: (Profile.Tier.GOLD, 50_000, 30),
    Profile.Tier.GOLD: (Profile.Tier.GOLD, 50_000, 30),
}


def profile_data(*, user_id: str) -> dict[str, Any]:
    """Return what a page shows of a customer."""
    profile = get_trip(user_id=user_id)
    flights = profile.flights.order_by("departs_at")
    timeline = profile.timeline.order_by("-happened_at", "-pk")[:_TIMELINE_LENGTH]
    return {
        "customer_id": profile.user_id,
        "revision": profile.revision,
        "language": get_language() or settings.LANGUAGE_CODE,
        "name": profile.name,
        "loyalty_status": f"Linnet {profile.get_tier_display()}",
        "loyalty_id": profile.loyalty_id,
        "member_since": profile.member_since,
        "email": profile.email,
        "phone": profile.phone,
        "home_airport": profile.home_airport,
        "preferred_routes": profile.preferred_routes,
        "travel_summary": profile.travel_summary,
        "tier_benefits": [_(benefit) for benefit in profile.tier_benefits],
        "loyalty_progress": _progress(profile),
        "booking_reference": profile.booking_reference,
        "fare": profile.fare,
        "segments": [_segment(flight) for flight in flights],
        "bags_checked": profile.checked_bags,
        "meal_preference": _(profile.meal) if profile.meal else None,
        "special_assistance": profile.assistance or None,
        "timeline": [
            {"timestamp": entry.happened_at.isoformat(), "kind": entry.kind, "entry": entry.words()}
            for entry in timeline
        ],
        "spotlight": profile.spotlight,
    }


def profile_update(*, user_id: str) -> dict[str, Any]:
    """Return the client effect that tells pages what the profile is now."""
    data = {"profile": profile_data(user_id=user_id)}
    return {"type": "client_effect", "name": UPDATE, "data": data}


def _progress(profile: Profile) -> dict[str, Any]:
    next_tier, points, segments = _NEXT_TIERS[Profile.Tier(profile.tier)]
    return {
        "current_tier": profile.get_tier_display(),
        "next_tier": next_tier.label,
        "points_earned": profile.points,
        "points_required": points,
        "segments_flown": profile.segments_flown,
        "segments_required": segments,
        "renewal_date": profile.renews_on.isoformat() if profile.renews_on else "",
    }


def _segment(flight: Flight) -> dict[str, Any]:
    origin, destination = AIRPORTS[flight.origin], AIRPORTS[flight.destination]
    departs, arrives = (
        flight.departs_at.astimezone(origin.zone),
        flight.arrives_at.astimezone(destination.zone),
    )
    days = (arrives.date() - departs.date()).days
    return {
        "flight_number": flight.number,
        "date": departs.date().isoformat(),
        "origin": flight.origin,
        "origin_city": origin.name,
        "destination": flight.destination,
        "destination_city": destination.name,
        "departure_time": f"{departs:%H:%M}",
        "arrival_time": f"{arrives:%H:%M}" + (f" ({days:+})" if days else ""),
        "seat": flight.seat,
        "cabin": flight.get_cabin_display(),
        "status": flight.get_status_display(),
    }
