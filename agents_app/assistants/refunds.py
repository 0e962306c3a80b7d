"""Money back."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from .declaration import Assistant

ASSISTANT = Assistant(
    name=gettext_noop("Refunds"),
    takes="Money back, compensation, complaints about a charge.",
    file=__file__,
    tools=("show_my_trip", "refund", "search_articles"),
    hands_over_to=("concierge", "baggage"),
)
