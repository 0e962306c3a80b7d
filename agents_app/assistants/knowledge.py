"""Questions about rules and services, answered from the articles alone."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from .declaration import Assistant

ASSISTANT = Assistant(
    name=gettext_noop("Knowledge"),
    takes="Questions about rules, services and conditions in general that take more than one look-up: visas, pets, "
    "children, delays, fares, the frequent-flyer programme.",
    file=__file__,
    tools=("search_articles", "show_my_trip"),
    hands_over_to=("concierge",),
)
