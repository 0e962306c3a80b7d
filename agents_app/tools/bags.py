"""Luggage."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from agents_app.airline import services
from conversations.services import ToolOutcome

from .declaration import CustomerTool, acting_user
from .telling import changed


def add_checked_bag() -> ToolOutcome:
    """Add one checked bag of 23 kg to the customer's booking; it costs 35 €, paid at the airport."""
    profile = services.add_checked_bag(user_id=acting_user.get())
    return changed(
        f"Done: one more bag of 23 kg for {services.BAG_PRICE} €. You now have **{profile.checked_bags}** in all."
    )


TOOLS = (
    CustomerTool(
        add_checked_bag,
        doing=gettext_noop("Adding a bag"),
        done=gettext_noop("Added a bag"),
        refused=gettext_noop("Couldn’t add a bag"),
    ),
)
