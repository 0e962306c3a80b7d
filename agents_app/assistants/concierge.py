"""The airline's concierge: has every conversation first, answers what is simple, hands over what is not."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from .declaration import Assistant

ASSISTANT = Assistant(
    name=gettext_noop("Concierge"),
    takes="Anything that is not your own subject, and when the customer is done with it.",
    file=__file__,
    # All tools: a wish that one call fulfils is not worth a hand-over, which costs a call of the model.
    tools=None,
    hands_over_to=("trips", "baggage", "refunds", "knowledge"),
)
