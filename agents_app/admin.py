"""What the airline knows about its customers, for the staff to look up beside a conversation."""

from __future__ import annotations

from django.contrib import admin

import agents_app.knowledge.admin  # noqa: F401 - registers its own
from agents_app.airline.models import Flight, Profile, TimelineEntry
from conversations.admin.read_only import ReadOnly, ReadOnlyAdmin


class FlightInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # Django's own takes no parameter
    model = Flight
    fields = (
        "number",
        "origin",
        "destination",
        "departs_at",
        "arrives_at",
        "cabin",
        "seat",
        "paid",
        "status",
    )
    ordering = ("departs_at",)
    extra = 0


class TimelineInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = TimelineEntry
    fields = ("happened_at", "what")
    readonly_fields = ("what",)
    ordering = ("-happened_at",)
    extra = 0

    @admin.display(description="What happened")
    def what(self, entry: TimelineEntry) -> str:
        return entry.words()


@admin.register(Profile)
class ProfileAdmin(ReadOnlyAdmin):
    list_display = ("name", "user", "tier", "booking_reference", "fare", "checked_bags")
    list_filter = ("tier",)
    list_select_related = ("user",)
    ordering = ("name", "pk")
    search_fields = ("name", "user__username", "=booking_reference", "=flights__number")
    search_help_text = "A name, a user name, a booking’s code or a flight’s number"
    inlines = (FlightInline, TimelineInline)
    fields = (
        ("name", "user"),
        ("tier", "member_since", "points"),
        ("booking_reference", "fare", "checked_bags"),
        ("meal", "assistance"),
        ("loyalty_id", "segments_flown", "renews_on", "tier_benefits"),
        ("email", "phone", "home_airport", "preferred_routes"),
        ("travel_summary", "spotlight"),
        "created_at",
    )
