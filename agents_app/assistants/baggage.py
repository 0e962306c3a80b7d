"""Bags: what may come along, what it costs, what was lost."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from .declaration import Assistant

ASSISTANT = Assistant(
    name=gettext_noop("Baggage"),
    takes="Bags beyond adding one: lost, late or damaged bags, sports gear, special items, several bags.",
    file=__file__,
    tools=("show_my_trip", "add_checked_bag", "search_articles"),
    hands_over_to=("concierge", "refunds"),
)
