"""Where Django looks for this app's tables: they are the example airline's."""

from agents_app.airline.models import Flight, FlightSearch, Profile, TimelineEntry
from agents_app.airline.refunds import Refund
from agents_app.knowledge.models import Article

__all__ = ["Article", "Flight", "FlightSearch", "Profile", "Refund", "TimelineEntry"]
