"""What a widget's button does: the handlers are the assistant's own, the thread and its rights are ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from conversations import errors, events
from conversations.models import Conversation, Item, Turn
from conversations.services import items
from conversations.services.effects import push_effects
from conversations.services.locking import lock_conversation, log
from conversations.services.tools import ToolRefused


@dataclass(frozen=True, slots=True)
class ActionCall:
    """A press of a button. The payload is a browser's word, and nothing more."""

    user_id: str
    conversation_id: str
    payload: Any
    item_id: str | None = None


@dataclass(frozen=True, slots=True)
class ActionOutcome:
    """What came of it: items in the place of known ones, new items at the end, and client effects."""

    replaced: tuple[dict[str, Any], ...] = ()
    items: tuple[dict[str, Any], ...] = ()
    effects: tuple[dict[str, Any], ...] = ()


#: Raises ToolRefused or one of our errors; then nothing is stored.
Handler = Callable[[ActionCall], ActionOutcome]


def find_action(name: str) -> Handler | None:
    """Return what `settings.CHAT_ACTIONS`, a mapping's dotted path, has for an action."""
    handlers: Mapping[str, Handler] = import_string(settings.CHAT_ACTIONS) if settings.CHAT_ACTIONS else {}
    return handlers.get(name)


@transaction.atomic
def run_action(
    *, user: Any, conversation_id: str, handler: Handler, item_id: str | None, payload: Any
) -> list[dict[str, Any]]:
    """Run a handler and store what came of it; return the events that say so.

    Raises NotFound, ConversationClosed, and Conflict: in words, where the handler refuses.
    """
    conversation = lock_conversation(user=user, id=conversation_id)
    if conversation.status != Conversation.Status.OPEN:
        raise errors.ConversationClosed()
    if item_id is not None:
        _check_sender(conversation, item_id)
    try:
        outcome = handler(ActionCall(user.pk, conversation.pk, events.clean_json(payload), item_id))
    except ToolRefused as refusal:
        raise errors.Conflict(str(refusal)) from refusal
    if outcome.items and _is_answering(conversation):
        # Its text is stored when it is complete, behind what would come now: a page would show another order.
        raise errors.Conflict(gettext_noop("The assistant is still answering. Try again in a moment."))
    payloads = [_replace(conversation, item) for item in outcome.replaced]
    payloads += [_append(conversation, item) for item in outcome.items]
    payloads += outcome.effects
    conversation.updated_at = timezone.now()
    log(conversation, None, payloads, "next_position", "message_count", "updated_at")
    push_effects(user_id=conversation.user_id, effects=outcome.effects, conversation_id=conversation.pk)
    return payloads


def _check_sender(conversation: Conversation, item_id: str) -> None:
    sender = Item.objects.filter(conversation=conversation, item_id=item_id).first()
    if sender is None:
        if _is_answering(conversation):  # what is shown already is stored with the step
            raise errors.Conflict(gettext_noop("The assistant is still answering. Try again in a moment."))
        raise errors.NotFound()
    if sender.kind != "widget":
        raise errors.Conflict("Only a widget can send an action.")


def _is_answering(conversation: Conversation) -> bool:
    return conversation.turns.filter(status__in=[Turn.Status.QUEUED, Turn.Status.RUNNING]).exists()


def _replace(conversation: Conversation, item: dict[str, Any]) -> dict[str, Any]:
    """Store an item in its old place: an update alone would be forgotten when the page is loaded again."""
    known = Item.objects.filter(conversation=conversation, item_id=item["id"]).first()
    if known is None:
        raise errors.NotFound()
    placed = {**items.place(conversation.pk, item), "created_at": known.payload["created_at"]}
    items.replace_item(conversation, known, placed)
    return events.item_replaced(placed)


def _append(conversation: Conversation, item: dict[str, Any]) -> dict[str, Any]:
    placed = items.place(conversation.pk, item)
    items.store_item(conversation, placed)
    return events.item_done(placed)
