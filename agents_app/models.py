"""Where Django looks for this app's tables: they are the example airline's."""

from agents_app.airline.models import Flight, FlightSearch, Profile, TimelineEntry
from agents_app.airline.refunds import Refund

__all__ = ["Flight", "FlightSearch", "Profile", "Refund", "TimelineEntry"]
