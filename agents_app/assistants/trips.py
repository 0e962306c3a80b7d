"""Flights, seats and the trip as a whole."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from .declaration import Assistant

ASSISTANT = Assistant(
    name=gettext_noop("Trips"),
    takes="Planning or changing a journey in several steps: new flights, other dates, cancelling and booking anew, "
    "seats for the whole journey.",
    file=__file__,
    tools=(
        "show_my_trip",
        "change_seat",
        "cancel_trip",
        "flight_option_list",
        "set_meal",
        "request_assistance",
        "search_articles",
    ),
    hands_over_to=("concierge", "refunds"),
)
