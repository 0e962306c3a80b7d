"""Looking at the customer's trip."""

from __future__ import annotations

from datetime import datetime

from agents_app.airline import demo, services
from agents_app.airline.models import Flight, Profile

from .declaration import CustomerTool, acting_user


def show_my_trip() -> str:
    """Look up the customer's booking: flights with times, seats and status, checked bags, meal and membership."""
    return _describe(services.get_trip(user_id=acting_user.get()))


def _describe(profile: Profile) -> str:
    flights = "\n".join(_describe_flight(flight) for flight in profile.flights.order_by("departs_at"))
    return (
        f"Booking **{profile.booking_reference}** for {profile.name}, fare {profile.fare}\n\n"
        f"{flights}\n\n"
        f"- Checked bags: {profile.checked_bags} × 23 kg\n"
        f"- Meal: {profile.meal or 'standard'}\n"
        f"- Membership: {profile.get_tier_display()} since {profile.member_since}, {profile.points:,} points"
    )


def _describe_flight(flight: Flight) -> str:
    departs = flight.departs_at.astimezone(demo.ZONES[flight.origin])
    arrives = flight.arrives_at.astimezone(demo.ZONES[flight.destination])
    return (
        f"- **{flight.number}**, {_day(departs)}: {demo.CITIES[flight.origin]} {departs:%H:%M} to "
        f"{demo.CITIES[flight.destination]} {arrives:%H:%M}, seat **{flight.seat}**, "
        f"{flight.get_status_display().lower()}"
    )


def _day(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%B}"


TOOLS = (
    CustomerTool(
        show_my_trip,
        doing="Looking up your trip",
        done="Looked up your trip",
        refused="Couldn’t look up your trip",
        changes_something=False,
    ),
)
