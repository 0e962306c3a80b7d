"""Money back."""

from __future__ import annotations

from .declaration import Assistant

ASSISTANT = Assistant(
    name="Refunds",
    takes="Money back, compensation, complaints about a charge.",
    file=__file__,
    tools=("show_my_trip", "refund", "search_articles"),
    hands_over_to=("concierge", "baggage"),
)
