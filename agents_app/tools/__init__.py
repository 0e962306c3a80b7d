"""What the assistants can do, one subject a file. Functions that a model calls; their docstrings are for the model."""

from . import bags, flights, knowledge, refunds, seats, trip, wishes
from .declaration import CustomerTool, acting_user

TOOLS: tuple[CustomerTool, ...] = (
    *trip.TOOLS,
    *seats.TOOLS,
    *bags.TOOLS,
    *wishes.TOOLS,
    *flights.TOOLS,
    *refunds.TOOLS,
    *knowledge.TOOLS,
)

__all__ = ["TOOLS", "CustomerTool", "acting_user"]
