"""What a customer would like on the way: a meal, help at the airport."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext_noop
from pydantic import Field

from agents_app.airline import services
from conversations.services import ToolOutcome

from .declaration import CustomerTool, acting_user
from .telling import changed

Meal = Annotated[str, Field(description="The meal in a few words, such as vegan; “standard” for no wish")]
Note = Annotated[str, Field(description="What help is needed, in the customer's words, such as a wheelchair")]


def set_meal(meal: Meal) -> ToolOutcome:
    """Note the meal that the customer would like on all flights of the trip."""
    profile = services.set_meal(user_id=acting_user.get(), meal=meal)
    return changed(f"Done: your meal is now **{profile.meal or 'the standard one'}**.")


def request_assistance(note: Note) -> ToolOutcome:
    """Ask the airport's staff for special assistance, such as a wheelchair; replaces an earlier request."""
    profile = services.request_assistance(user_id=acting_user.get(), text=note)
    return changed(
        f"Done: the staff at the airport will know. Assistance requested: **{profile.assistance}**"
    )


TOOLS = (
    CustomerTool(
        set_meal,
        doing=gettext_noop("Noting your meal"),
        done=gettext_noop("Noted your meal"),
        refused=gettext_noop("Couldn’t note your meal"),
    ),
    CustomerTool(
        request_assistance,
        doing=gettext_noop("Requesting assistance"),
        done=gettext_noop("Requested assistance"),
        refused=gettext_noop("Couldn’t request assistance"),
    ),
)
