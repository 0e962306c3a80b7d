"""What turns use: every call of a model is charged to its turn, also one that came to nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from conversations import prices, rows
from conversations.models import ToolCall, Turn
from conversations.responder import Spent, Usage
from conversations.services import allowance, items
from conversations.tokens import estimate_tokens

#: The columns of a turn that a charge changes.
USAGE_COLUMNS = ("model", "input_tokens", "output_tokens", "cached_tokens", "cost", "usage_is_estimated")


def charge(turn: Turn, spent: Spent) -> None:
    """Add a call to its turn. Once a price is unknown the whole turn's is."""
    cost = prices.cost_of(spent.model, spent.usage)
    if turn.input_tokens or turn.output_tokens:
        turn.cost = None if turn.cost is None or cost is None else turn.cost + cost
    else:
        turn.cost = cost
    allowance.note(spent.usage, cost)
    turn.model = spent.model or turn.model
    turn.input_tokens += spent.usage.input_tokens
    turn.output_tokens += spent.usage.output_tokens
    turn.cached_tokens += spent.usage.cached_tokens
    turn.usage_is_estimated = turn.usage_is_estimated or spent.usage.is_estimated


def charge_lost_call(turn: Turn, drafts: Sequence[dict[str, Any]], *, only_if_shown: bool = False) -> None:
    """Charge the call of the model that was under way when a run was cut off; its provider told nobody.

    What went in is known well: what the call before it held, or the history. What came out is what was shown.
    """
    shown = "".join(items.text_of(draft) for draft in drafts if draft["type"] == "assistant_message")
    if _tools_were_running(turn) or (only_if_shown and not shown):
        return
    usage = Usage(turn.expected_tokens, estimate_tokens(shown), is_estimated=True)
    charge(turn, Spent(turn.model or _likely_model(turn), usage))


def _likely_model(turn: Turn) -> str:
    """Return who was asked, most likely: the choice, or the site's model."""
    offered = {model.id: model.model for model in settings.CHAT_MODELS}
    return str(offered.get(turn.chosen_model, settings.CHAT_MODEL))


def _tools_were_running(turn: Turn) -> bool:
    calls = set(turn.steps[-1]["calls"]) if turn.steps else set()
    if not calls:
        return False
    done = {call.call_id for call in rows.select(ToolCall, "turn_id = %s", [turn.pk])}
    return not calls <= done
