"""What hashes a password, which is slow on purpose, a few at once.

The others wait here and not for a thread: those answer everybody, and twenty people who sign in would shut them all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponseBase

from chatsite import problems
from conversations.errors import AppError, Unavailable
from conversations.threads import in_free_request_thread

AT_ONCE = 2  # of REQUEST_THREADS
LONGEST_WAIT_SECONDS = 60.0

_P = ParamSpec("_P")
_R = TypeVar("_R")

_turns = asyncio.Semaphore(AT_ONCE)


async def in_turn(work: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Call a function that hashes a password, in a thread of requests, when it is its turn."""
    try:
        await asyncio.wait_for(_turns.acquire(), LONGEST_WAIT_SECONDS)
    except TimeoutError:
        raise Unavailable from None
    try:
        return await in_free_request_thread(work, *args, **kwargs)
    finally:
        _turns.release()


def posts_in_turn(view: Callable[..., HttpResponseBase]) -> Callable[..., Any]:
    """Let the forms that a page's view takes wait for their turn."""

    @wraps(view)
    async def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return await sync_to_async(view)(request, *args, **kwargs)
        try:
            return await in_turn(view, request, *args, **kwargs)
        except AppError as error:
            return problems.answer(request, error)

    return answer
