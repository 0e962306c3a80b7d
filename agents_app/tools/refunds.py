"""Giving money back."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from pydantic import Field

from agents_app.airline import refunds, services
from conversations.services import Question, ToolOutcome

from .declaration import CustomerTool, acting_user
from .telling import changed

Amount = Annotated[
    float,
    Field(
        description="Euros to give back, such as 35 or 12.50", gt=0, le=10_000, strict=True
    ),  # true is not 1 €
]
Reason = Annotated[
    str, Field(description="Why, in a few words, as the customer put it", min_length=3, max_length=300)
]


def refund(amount: Amount, reason: Reason) -> ToolOutcome:
    """Give the customer money back for this booking. Above 50 € in all a colleague agrees first: just call it."""
    profile = services.get_trip(user_id=acting_user.get())
    given = refunds.give_refund(profile=profile, amount=_cents(amount), reason=reason)
    return changed(
        f"Done: **{given.amount:.2f} €** will be back on the card within five working days. Reason: {reason}"
    )


def ask_colleague(amount: float, reason: str) -> Question | None:
    """Ask the staff about more than the assistant may give."""
    profile = services.get_trip(user_id=acting_user.get())
    cents = _cents(amount)
    refunds.check_refund(profile=profile, amount=cents)
    if not refunds.needs_agreement(profile=profile, amount=cents):
        return None
    return Question(
        title=_("Refund of %(amount)s €") % {"amount": f"{cents:.2f}"},
        text=_("%(name)s, booking %(booking)s: %(amount)s € back. Reason: %(reason)s")
        % {
            "name": profile.name,
            "booking": profile.booking_reference,
            "amount": f"{cents:.2f}",
            "reason": reason,
        },
        decided_by="staff",
        facts=((_("Booking"), profile.booking_reference), (_("Reason"), reason)),
    )


def _cents(amount: float) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.01"), ROUND_HALF_UP)


TOOLS = (
    CustomerTool(
        refund,
        doing=gettext_noop("Arranging your refund"),
        done=gettext_noop("Arranged your refund"),
        refused=gettext_noop("Couldn’t arrange your refund"),
        asks=ask_colleague,
    ),
)
