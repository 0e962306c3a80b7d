"""Changing seats."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext_noop
from pydantic import Field

from agents_app.airline import services
from conversations.services import ToolOutcome

from .declaration import CustomerTool, acting_user
from .telling import changed

FlightNumber = Annotated[str, Field(description="The flight, such as LN 418")]
Seat = Annotated[str, Field(description="Row and letter, such as 14C")]


def change_seat(flight_number: FlightNumber, seat: Seat) -> ToolOutcome:
    """Move the customer to another seat on one of their flights."""
    flight = services.change_seat(user_id=acting_user.get(), flight_number=flight_number, seat=seat)
    return changed(f"Done: your seat on {flight.number} is now **{flight.seat}**.")


TOOLS = (
    CustomerTool(
        change_seat,
        doing=gettext_noop("Changing your seat"),
        done=gettext_noop("Changed your seat"),
        refused=gettext_noop("Couldn’t change your seat"),
    ),
)
