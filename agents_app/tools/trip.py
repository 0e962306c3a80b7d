"""Looking at the customer's trip, and giving it up."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

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
        _("%(origin)s to %(destination)s")
        % {"origin": each["origin_city"], "destination": each["destination_city"]}
        + f" ({each['flight_number']})"
        for each in coming
    )
    return Question(
        title=_("Cancel trip?"),
        text=_("%(way)s. You get %(refund)s back, after the fee of %(fee)s. This can’t be undone.")
        % {"way": way, "refund": _euros(refund), "fee": _euros(services.CANCELLATION_FEE)},
        confirm=_("Cancel and refund %(refund)s") % {"refund": _euros(refund)},
        cancel=_("Keep trip"),
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
        doing=gettext_noop("Looking up your trip"),
        done=gettext_noop("Looked up your trip"),
        refused=gettext_noop("Couldn’t look up your trip"),
        changes_something=False,
    ),
    CustomerTool(
        cancel_trip,
        doing=gettext_noop("Cancelling your trip"),
        done=gettext_noop("Cancelled your trip"),
        refused=gettext_noop("Couldn’t cancel your trip"),
        asks=ask_customer,
    ),
)
