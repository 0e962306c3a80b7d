"""What the airline knows about a customer. One booking each is enough for an example."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from conversations import ids

MOST_BAGS = 3
SEAT_PATTERN = r"^([1-9]|[12][0-9]|30)[A-F]$"


class Profile(models.Model):
    """A customer with the booking that the assistant looks after."""

    class Tier(models.TextChoices):
        BLUE = "blue", "Blue"
        SILVER = "silver", "Silver"
        GOLD = "gold", "Gold"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="airline_profile"
    )
    name = models.TextField()
    tier = models.TextField(choices=Tier.choices, default=Tier.BLUE)
    member_since = models.PositiveSmallIntegerField()
    points = models.PositiveIntegerField(default=0)
    booking_reference = models.TextField()
    fare = models.TextField()
    loyalty_id = models.TextField(blank=True, default="", db_default="")
    segments_flown = models.IntegerField(default=0, db_default=0)
    renews_on = models.DateField(null=True)
    tier_benefits = models.JSONField(default=list, db_default=[])
    email = models.TextField(blank=True, default="", db_default="")
    phone = models.TextField(blank=True, default="", db_default="")
    home_airport = models.TextField(default="BER", db_default="BER")
    preferred_routes = models.JSONField(default=list, db_default=[])
    travel_summary = models.TextField(blank=True, default="", db_default="")
    # What a colleague would want to know before the conversation begins.
    spotlight = models.JSONField(default=list, db_default=[])
    checked_bags = models.PositiveSmallIntegerField(default=0)
    meal = models.TextField(blank=True)
    assistance = models.TextField(blank=True)
    # Counts the changes, so that a page never puts an older state in a newer one's place.
    revision = models.BigIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(checked_bags__lte=MOST_BAGS), name="profile_bags_within_limit"
            ),
            models.CheckConstraint(
                condition=Q(tier__in=("blue", "silver", "gold")), name="profile_tier_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.booking_reference})"


class Cabin(models.TextChoices):
    ECONOMY = "economy", gettext_noop("Economy")
    PREMIUM_ECONOMY = "premium economy", gettext_noop("Premium economy")
    BUSINESS = "business", gettext_noop("Business")
    FIRST = "first", gettext_noop("First")


class Flight(models.Model):
    """One leg of a customer's trip, with the seat. Airports are IATA codes."""

    class Status(models.TextChoices):
        ON_TIME = "on_time", "On time"
        DELAYED = "delayed", "Delayed"
        CANCELLED = "cancelled", "Cancelled"

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="flights")
    number = models.TextField()
    origin = models.TextField()
    destination = models.TextField()
    departs_at = models.DateTimeField()
    arrives_at = models.DateTimeField()
    seat = models.TextField()
    cabin = models.TextField(choices=Cabin.choices, default=Cabin.ECONOMY, db_default=Cabin.ECONOMY)
    paid = models.IntegerField(default=0, db_default=0, help_text="euros")
    status = models.TextField(choices=Status.choices, default=Status.ON_TIME)

    class Meta:
        constraints = (
            # Also the index by which a trip's flights are read.
            models.UniqueConstraint(fields=("profile", "departs_at"), name="flight_unique_in_time"),
            models.CheckConstraint(condition=Q(seat__regex=SEAT_PATTERN), name="flight_seat_exists"),
            models.CheckConstraint(
                condition=Q(arrives_at__gt=F("departs_at")), name="flight_arrives_after_departure"
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.departs_at:%Y-%m-%d} {self.origin}–{self.destination} #{self.pk}"


class TimelineEntry(models.Model):
    """Something that changed about a trip."""

    class Kind(models.TextChoices):
        INFO = "info", "Information"
        SUCCESS = "success", "Done"
        WARNING = "warning", "Warning"
        SYSTEM = "system", "System"

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="timeline")
    happened_at = models.DateTimeField()
    kind = models.TextField(choices=Kind.choices, default=Kind.INFO, db_default=Kind.INFO)
    # What happened, to be said in the reader's language, and what fills its gaps.
    text = models.TextField()
    values = models.JSONField(default=dict, db_default={})

    class Meta:
        verbose_name_plural = "timeline entries"
        indexes = (models.Index(fields=("profile", "-happened_at"), name="timeline_newest_first"),)

    def __str__(self) -> str:
        return f"{self.words()} #{self.pk}"

    def words(self) -> str:
        """Say what happened."""
        text = _(self.text)
        return text % self.values if self.values else text


def flight_search_id() -> str:
    return ids.new_id("search")


class FlightSearch(models.Model):
    """Flights offered to a customer on a widget. What may be booked is here, whatever a browser sends back."""

    class Leg(models.TextChoices):
        OUTBOUND = "outbound", "Outbound"
        RETURN = "return", "Return"

    id = models.TextField(primary_key=True, default=flight_search_id)
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="searches")
    # The thread item that shows it; empty where no thread does, as over MCP.
    item_id = models.TextField(blank=True, default="")
    leg = models.TextField(choices=Leg.choices, default=Leg.OUTBOUND)
    origin = models.TextField()
    destination = models.TextField()
    departs_on = models.DateField()
    returns_on = models.DateField(null=True)
    cabin = models.TextField(choices=Cabin.choices)
    options = models.JSONField()
    # The lock: the id of the option that was taken. Once set it never changes.
    chosen = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "flight searches"

    def __str__(self) -> str:
        return f"{self.origin}–{self.destination} {self.departs_on} {self.pk}"
