"""A name for every request, by which its answer, its log lines and a complaint can be put together."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from chatsite import problems, request_ids
from chatsite.metrics import counting
from conversations.ids import new_id

HEADER = "X-Request-ID"
SANE = re.compile(r"[A-Za-z0-9._-]{1,128}")


@sync_and_async_middleware
def request_id(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Give every request an id, take over the caller's if it is sane, say it in the answer, and count it.

    Outermost, so that it also gives its form to a refusal that no view or handler made.
    """
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            started = time.perf_counter()
            _name(request)
            return _finish(request, await get_response(request), started)

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        _name(request)
        return _finish(request, get_response(request), started)

    return answer


def _name(request: HttpRequest) -> None:
    given = request.headers.get(HEADER, "")
    name = given if SANE.fullmatch(given) else new_id("req")
    request.request_id = name  # type: ignore[attr-defined]
    request_ids.current.set(request)


def _finish(request: HttpRequest, response: HttpResponseBase, started: float) -> HttpResponseBase:
    problems.shape_method_refusal(request, response)
    counting.count_request(request, response, started)
    response[HEADER] = problems.request_id_of(request)
    return response
