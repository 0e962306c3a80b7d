"""Who answers: one assistant a file, its instructions beside it. The first one has every new conversation."""

from . import baggage, concierge, knowledge, refunds, trips
from .declaration import Assistant

ASSISTANTS: dict[str, Assistant] = {
    module.ASSISTANT.key: module.ASSISTANT for module in (concierge, trips, baggage, refunds, knowledge)
}

__all__ = ["ASSISTANTS", "Assistant"]
