"""The one door to a conversation's row for writers, and what leaves after their commit."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from conversations import errors, events, rows
from conversations.models import Conversation, Turn


def get_conversation(*, user: Any, id: str) -> Conversation:
    """Return the user's conversation; absent and somebody else's are the same NotFound."""
    conversation = Conversation.objects.visible_to(user).filter(pk=id).first()
    if conversation is None:
        raise errors.NotFound()
    return conversation


def lock_conversation(*, id: str, user: Any = None, epoch: int | None = None) -> Conversation:
    """Lock a conversation for writing. Raises NotFound, or Fenced when the run's epoch has passed."""
    if user is None:
        found = rows.select(Conversation, "id = %s for update", [id])
    else:
        found = rows.select(
            Conversation, "id = %s and user_id = %s for update", [id, getattr(user, "pk", user)]
        )
    conversation = found[0] if found else None
    if epoch is not None and (conversation is None or conversation.epoch != epoch):
        raise errors.Fenced()
    if conversation is None:
        raise errors.NotFound()
    return conversation


def lock_run(*, conversation_id: str, turn_id: str, epoch: int) -> tuple[Conversation, Turn]:
    """Lock a run's conversation and its turn for writing. Raises Fenced when the run's epoch has passed.

    Both rows are as they are once the lock is had, also where it had to be waited for: each of them is locked.
    """
    found = rows.select_both(Conversation, Turn, _RUN, [conversation_id, turn_id])
    if not found or found[0][0].epoch != epoch:
        raise errors.Fenced()
    return found[0]


_RUN = (
    "conversations_conversation.id = %s and conversations_turn.id = %s for update of "
    "conversations_conversation, conversations_turn"
)


def log(
    conversation: Conversation,
    turn_id: str | None,
    payloads: list[dict[str, Any]],
    *changed: str,
    along: Sequence[rows.Write] = (),
) -> list[events.LoggedEvent]:
    """Append to the log of a locked conversation and push it after the commit. Returns what was logged.

    Columns that changed are stored along with it, and other rows, in one statement.
    """
    if not payloads:
        rows.execute([*along, *([rows.updating(conversation, *changed)] if changed else [])])
        return []
    logged = events.append(conversation.pk, turn_id, payloads, rows.columns(conversation, *changed), along)
    conversation.last_seq = logged[-1].seq
    transaction.on_commit(functools.partial(events.publish, conversation.pk, logged))
    announce(conversation)
    return logged


def announce(conversation: Conversation) -> None:
    """Tell the user's other pages that the conversation changed, after the commit."""
    message = conversation_changed(conversation)
    transaction.on_commit(functools.partial(events.send, user_group(conversation.user_id), message))


def conversation_changed(conversation: Conversation) -> dict[str, Any]:
    """Return what a user's pages are told of a conversation that changed."""
    return {
        "type": "conversation.changed",
        "conversation_id": conversation.pk,
        "seq": conversation.last_seq,
    }


def user_group(user_id: str) -> str:
    """Name the channel layer's group of everything that happens to a user's conversations."""
    return "user." + hashlib.blake2s(user_id.encode(), digest_size=16).hexdigest()
