"""Lets what one user sends at once through one by one, so that a limit counts each of it.

For this process alone: with more of them, as many messages more may slip through as there are others.
"""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext
from weakref import WeakValueDictionary

from django.conf import settings

_passing: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
_finding = threading.Lock()


def pass_alone(user_id: str) -> AbstractContextManager[object]:
    """Wait for the same user's sends in other threads; without a limit there is nothing to wait for.

    Whoever waits has a connection of its thread's own, so nobody who passes is short of one.
    """
    if not settings.CHAT_RATE_PER_MINUTE:
        return nullcontext()
    with _finding:
        return _passing.setdefault(user_id, threading.Lock())
