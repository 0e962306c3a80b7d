"""Looking at the customer's trip, and giving it up."""

from __future__ import annotations

from datetime import date
from typing import Any

from agents_app.airline import services
from agents_app.airline.profile import profile_data
from agents_app.airline.widgets import day_name
from conversations.services import Question, ToolOutcome

from .declaration import CustomerTool, acting_user
from .telling import changed


def show_my_trip() -> str:
    """Look up the customer's profile: flights with times, seats and status, bags, meal, assistance, membership."""
    return _describe(profile_data(user_id=acting_user.get()))


def cancel_trip() -> ToolOutcome:
    """Cancel all coming flights of the customer's trip and pay back what is left after the cancellation fee of 75 €."""
    refund = services.cancel_trip(user_id=acting_user.get())
    return changed(
        f"Done: your trip is cancelled. **{refund} €** go back to your card within 5 working days."
    )


def ask_customer() -> Question:
    """Ask the customer before everything is given up."""
    user_id = acting_user.get()
    refund, profile = services.get_refund(user_id=user_id), profile_data(user_id=user_id)
    coming = [segment for segment in profile["segments"] if segment["status"] != "Cancelled"]
    way = ", ".join(
        f"{each['origin_city']} to {each['destination_city']} ({each['flight_number']})" for each in coming
    )
    return Question(
        title="Cancel trip?",
        text=f"{way}. You get {_euros(refund)} back, after the fee of {_euros(services.CANCELLATION_FEE)}. "
        "This can’t be undone.",
        confirm=f"Cancel and refund {refund} €",
        cancel="Keep trip",
    )


def _euros(amount: int) -> str:
    return f"{amount}\N{NO-BREAK SPACE}€"  # a line break there would tear them apart


def _describe(profile: dict[str, Any]) -> str:
    progress = profile["loyalty_progress"]
    lines = [
        f"Booking **{profile['booking_reference']}** for {profile['name']}, fare {profile['fare']}",
        "",
        *(_describe_flight(segment) for segment in profile["segments"]),
        "",
        f"- Checked bags: {profile['bags_checked']} × 23 kg",
        f"- Meal: {profile['meal_preference'] or 'standard'}",
        f"- Assistance: {profile['special_assistance'] or 'none requested'}",
        f"- Membership: {profile['loyalty_status']} ({profile['loyalty_id']}) since {profile['member_since']}, "
        f"{progress['points_earned']:,} of {progress['points_required']:,} points and {progress['segments_flown']} of "
        f"{progress['segments_required']} flights to {progress['next_tier']}",
        f"- Benefits: {'; '.join(profile['tier_benefits'])}",
        f"- Home airport: {profile['home_airport']}",
    ]
    return "\n".join(lines)


def _describe_flight(segment: dict[str, Any]) -> str:
    return (
        f"- **{segment['flight_number']}**, {day_name(date.fromisoformat(segment['date']))}: "
        f"{segment['origin_city']} {segment['departure_time']} to {segment['destination_city']} "
        f"{segment['arrival_time']}, seat **{segment['seat']}**, {segment['status'].lower()}"
    )


TOOLS = (
    CustomerTool(
        show_my_trip,
        doing="Looking up your trip",
        done="Looked up your trip",
        refused="Couldn’t look up your trip",
        changes_something=False,
    ),
    CustomerTool(
        cancel_trip,
        doing="Cancelling your trip",
        done="Cancelled your trip",
        refused="Couldn’t cancel your trip",
        asks=ask_customer,
    ),
)
