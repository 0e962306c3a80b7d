"""All conversations of a person who goes."""

from __future__ import annotations

import functools
from typing import Any

from django.db import transaction

from conversations import events, rows
from conversations.models import Conversation, Turn
from conversations.services import allowance, ending, usage
from conversations.services.access import forget_in_staff_log
from conversations.services.locking import user_group

AT_ONCE = 100
#: What tells a user's open sockets that there is no such user any more.
ERASED = {"type": "user.erased"}


class ChangedMeanwhile(Exception):
    """There is a conversation that the caller hasn't locked: to be begun again."""


def lock_conversations_of(*, user: Any) -> list[str]:
    """Lock all of a user's conversations, until the end of the transaction; return their ids."""
    own = Conversation.objects.visible_to(user).select_for_update().order_by("pk")
    return list(own.values_list("pk", flat=True))


def erase_conversations(*, user: Any, locked: list[str]) -> None:
    """Delete a locked user's locked conversations. Runs find themselves fenced off, those who follow are sent away.

    What was used today still counts against the site's limits, and nobody's. Raises ChangedMeanwhile.
    """
    if Conversation.objects.visible_to(user).count() > len(locked):
        raise ChangedMeanwhile
    for start in range(0, len(locked), AT_ONCE):
        _delete(locked[start : start + AT_ONCE])
    allowance.keep_counting_dictations(user_id=user.pk)
    transaction.on_commit(functools.partial(events.send, user_group(user.pk), ERASED))


def _delete(ids: list[str]) -> None:
    for turn in Turn.objects.filter(conversation__in=ids, status=Turn.Status.RUNNING):
        ending.take_back_drafts(turn)  # what it used so far is charged
        rows.update(turn, *usage.USAGE_COLUMNS)
    allowance.keep_counting(conversation_ids=ids)
    forget_in_staff_log(Conversation, ids)
    Conversation.objects.filter(pk__in=ids).delete()
    rows.run(_FORGET_JOBS, [ids])
    for conversation_id in ids:
        transaction.on_commit(functools.partial(events.publish_deleted, conversation_id))


# Those that no worker has begun; there may be none to find that they are for nothing.
_FORGET_JOBS = """
delete from procrastinate_jobs where status = 'todo' and args ->> 'conversation_id' = any(%s) returning id
"""
