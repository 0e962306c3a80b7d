"""A conversation's rows in pages, so that its length costs no memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Max, Prefetch, QuerySet

from conversations import services
from conversations.models import Conversation, Item, ToolCall, Turn

PAGE = 200


class Page(NamedTuple):
    """Some items in their order, the tool calls that stand among them, and their turns, with `last_position`."""

    items: list[Item]
    calls: list[ToolCall]
    turns: dict[str, Turn]


def read_items(*, user: Any, conversation_id: str) -> Iterator[Page]:
    """Yield what the customer may see of the conversation. Raises NotFound, also where it is deleted meanwhile."""
    after = -1
    while True:
        conversation = services.get_conversation(user=user, id=conversation_id)
        items = list(_visible(conversation).filter(position__gt=after)[:PAGE])
        is_last = len(items) < PAGE
        calls = ToolCall.objects.filter(turn__conversation=conversation, position__gt=after)
        if not is_last:
            after = items[-1].position
            calls = calls.filter(position__lt=after)
        turns = conversation.turns.filter(pk__in={item.turn_id for item in items}).defer("steps")
        turns = turns.annotate(last_position=Max("items__position"))
        yield Page(items, list(calls.order_by("position")), {turn.pk: turn for turn in turns})
        if is_last:
            return


def read_turns(*, user: Any, conversation_id: str) -> Iterator[list[Turn]]:
    """Yield the conversation's turns in their order, each with its tool calls at hand."""
    after = -1
    calls = Prefetch("tool_calls", ToolCall.objects.select_related("approval").order_by("position"))
    while True:
        conversation = services.get_conversation(user=user, id=conversation_id)
        found = conversation.turns.filter(number__gt=after).order_by("number").defer("steps")
        turns = list(found.prefetch_related(calls)[:PAGE])
        if not turns:
            return
        yield turns
        after = turns[-1].number


def _visible(conversation: Conversation) -> QuerySet[Item]:
    shown = Item.objects.filter(conversation=conversation).exclude(kind__in=Item.HIDDEN_KINDS)
    return shown.select_related("feedback").in_order()
