"""Looking for flights."""

from __future__ import annotations

from typing import Annotated, Literal

from django.utils.translation import gettext_noop
from pydantic import Field

from agents_app.airline import booking
from agents_app.airline.widgets import describe_options, flight_options
from conversations import ids
from conversations.services import ToolOutcome

from .declaration import CustomerTool, acting_user

Destination = Annotated[str, Field(description="Where to: an airport's code, such as LIS, or its city")]
Origin = Annotated[
    str | None,
    Field(description="Where from: an airport's code or city; omitted: the customer's home airport"),
]
DepartDate = Annotated[str, Field(description="The day of the way out, as YYYY-MM-DD")]
ReturnDate = Annotated[
    str | None, Field(description="The day of the way back, as YYYY-MM-DD; omitted: one way")
]
CabinName = Annotated[
    Literal["economy", "premium economy", "business", "first"], Field(description="The class of travel")
]


def flight_option_list(
    destination: Destination,
    depart_date: DepartDate,
    return_date: ReturnDate = None,
    cabin: CabinName = "economy",
    origin: Origin = None,
) -> ToolOutcome:
    """Show flights for a new trip on a card, from which the customer chooses one and so books it.

    Call it once destination, dates and cabin are known. The card shows everything: don't repeat the flights in words.
    """
    search = booking.search_flights(
        user_id=acting_user.get(),
        destination=destination,
        departs_on=depart_date,
        returns_on=return_date,
        cabin=cabin,
        origin=origin,
        item_id=ids.new_id("widget"),
    )
    return ToolOutcome(describe_options(search), items=(flight_options(search),))


TOOLS = (
    CustomerTool(
        flight_option_list,
        doing=gettext_noop("Looking for flights"),
        done=gettext_noop("Found flights"),
        refused=gettext_noop("Couldn’t look for flights"),
    ),
)
