"""Money that the airline gives back: how much, and who has to agree."""

from __future__ import annotations

from decimal import Decimal

from django.db import models, transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from conversations.services import ToolRefused

from .models import Profile, TimelineEntry
from .services import note

#: What the assistant may give back by itself for one booking, in all; above it a member of the staff agrees.
FREE_TO_REFUND = Decimal(50)
#: What one booking may get back in all.
MOST_REFUNDED = Decimal(500)


class Refund(models.Model):
    """Money given back for a booking, once."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="refunds")
    amount = models.DecimalField(max_digits=8, decimal_places=2)
    reason = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),)

    def __str__(self) -> str:
        return f"{self.amount} € for {self.profile_id} #{self.pk}"


def needs_agreement(*, profile: Profile, amount: Decimal) -> bool:
    """Say whether the staff has to agree. What was given before counts, or one sum would come in small ones.

    In a transaction with what is given then: two at once would each see nothing of the other.
    """
    Profile.objects.select_for_update().get(pk=profile.pk)
    return _given(profile) + amount > FREE_TO_REFUND


def check_refund(*, profile: Profile, amount: Decimal) -> None:
    """Raise ToolRefused, with the reason, where a booking can't get so much back."""
    left = MOST_REFUNDED - _given(profile)
    if amount <= 0:
        raise ToolRefused(_("A refund has to be more than 0 €."))
    if amount > left:
        words = _("At most %(left)s € can still be refunded for this booking.")
        raise ToolRefused(words % {"left": f"{left:.2f}"})


@transaction.atomic
def give_refund(*, profile: Profile, amount: Decimal, reason: str) -> Refund:
    """Give money back for a booking. Raises ToolRefused."""
    profile = Profile.objects.select_for_update().get(pk=profile.pk)
    check_refund(profile=profile, amount=amount)
    refund = Refund.objects.create(profile=profile, amount=amount, reason=reason)
    text = gettext_noop("%(amount)s € refunded: %(reason)s")
    note(profile, text, TimelineEntry.Kind.SUCCESS, amount=f"{amount:.2f}", reason=reason)
    return refund


def _given(profile: Profile) -> Decimal:
    total: Decimal | None = Refund.objects.filter(profile=profile).aggregate(total=Sum("amount"))["total"]
    return total or Decimal(0)
