"""What a tool answers when it changed something: words for the model, and the new profile for the page."""

from __future__ import annotations

from agents_app.airline.profile import profile_update
from conversations.services import ToolOutcome

from .declaration import acting_user


def changed(text: str) -> ToolOutcome:
    """Return the outcome of a change to the customer's booking."""
    return ToolOutcome(text, effects=(profile_update(user_id=acting_user.get()),))
