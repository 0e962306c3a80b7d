"""Client effects, for the pages that don't follow the log in which they are: of another conversation, or of none."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from conversations import events
from conversations.services.locking import user_group


def push_effects(
    *, user_id: str, effects: Iterable[dict[str, Any]], conversation_id: str | None = None
) -> None:
    """Tell all of a user's open pages, after the commit, and in which conversation's log it is besides."""
    for effect in effects:
        message = {**effect, "conversation_id": conversation_id}
        transaction.on_commit(functools.partial(events.send, user_group(user_id), message))
