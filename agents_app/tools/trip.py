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
    way = ", ".join(f"{_way(each)} ({_number(each)})" for each in coming)
    fee = _euros(services.CANCELLATION_FEE)
    return Question(
        title=_("Cancel trip?"),
        text=_("%(way)s. You get %(refund)s back, after the fee of %(fee)s. This can’t be undone.")
        % {"way": way, "refund": _euros(refund), "fee": fee},
        amount=(_euros(refund), _("You get back")),
        facts=(
            *((_way(each), f"{_number(each)}, {_day(each)}") for each in coming),
            (_("Cancellation fee"), f"− {fee}"),
        ),
        consequence=_("This can’t be undone."),
        confirm=_("Cancel and refund %(refund)s") % {"refund": _euros(refund)},
        cancel=_("Keep trip"),
    )


def _way(segment: dict[str, Any]) -> str:
    cities = {"origin": segment["origin_city"], "destination": segment["destination_city"]}
    return _("%(origin)s to %(destination)s") % cities


def _day(segment: dict[str, Any]) -> str:
    return day_name(date.fromisoformat(segment["date"]))


# A line break in a number would tear it apart.
def _number(segment: dict[str, Any]) -> str:
    return str(segment["flight_number"]).replace(" ", "\N{NO-BREAK SPACE}")


def _euros(amount: int) -> str:
    return f"{amount}\N{NO-BREAK SPACE}€"


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
        f"- **{segment['flight_number']}**, {_day(segment)}: "
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
