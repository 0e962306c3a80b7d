"""What the airline knows about a customer. One booking each is enough for an example."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

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
    checked_bags = models.PositiveSmallIntegerField(default=0)
    meal = models.TextField(blank=True)
    assistance = models.TextField(blank=True)
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
    """Something that changed about a trip, in the customer's words."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="timeline")
    happened_at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        verbose_name_plural = "timeline entries"
        indexes = (models.Index(fields=("profile", "-happened_at"), name="timeline_newest_first"),)

    def __str__(self) -> str:
        return f"{self.text} #{self.pk}"
