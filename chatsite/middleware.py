"""What happens around every request: its name, and Django's own layers, in the event loop.

Django runs each hook of a layer in a thread of the request, since it might read rows: fifteen switches a request.
These hooks only compute, but for a session or messages that have to be stored.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, sync_to_async
from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils import translation
from django.utils.decorators import sync_and_async_middleware
from django.utils.deprecation import MiddlewareMixin

from chatsite import problems, request_ids
from chatsite.metrics import counting
from conversations.ids import new_id

HEADER = "X-Request-ID"
NOT_FOR_READERS = (*problems.FOR_PROGRAMS, "/admin/", "/docs")
#: The page shows it as it is, beside the chat.
FOR_READERS = "/support/customer"
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


class _InLoop(MiddlewareMixin):
    """A layer whose hooks are called where they are, in the event loop."""

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        answer: Any = None
        if hasattr(self, "process_request"):
            answer = self.process_request(request)
        if answer is None:
            answer = await self.get_response(request)  # type: ignore[misc]
        if hasattr(self, "process_response"):
            if self.must_store(request):
                answer = await sync_to_async(self.process_response)(request, answer)
            else:
                answer = self.process_response(request, answer)
        return cast("HttpResponseBase", answer)

    def must_store(self, request: HttpRequest) -> bool:
        """Say whether the answer's hook writes rows."""
        return False


class Security(_InLoop, SecurityMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Say that the site is reached by https alone, also where a proxy that isn't known took TLS off."""
        if self.sts_seconds:
            response.setdefault("Strict-Transport-Security", f"max-age={self.sts_seconds}")
        return super().process_response(request, response)


class ContentSecurityPolicy(_InLoop, CSPMiddleware):
    pass


class Sessions(_InLoop, SessionMiddleware):
    def must_store(self, request: HttpRequest) -> bool:
        return request.session.modified


class Language(_InLoop, LocaleMiddleware):
    """Speak the reader's language on the site's own pages: what was chosen there, else what the browser asks for.

    Programs are answered in English, and so is the administration, whose own words have no translations.
    """

    def process_request(self, request: HttpRequest) -> None:
        if _is_for_readers(request):
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not _is_for_readers(request):
            return response
        answer = super().process_response(request, response)
        translation.deactivate()
        return answer


def _is_for_readers(request: HttpRequest) -> bool:
    return request.path == FOR_READERS or not request.path.startswith(NOT_FOR_READERS)


class Common(_InLoop, CommonMiddleware):
    pass


class Csrf(_InLoop, CsrfViewMiddleware):
    async def process_view(self, *view: Any) -> Any:  # type: ignore[override]
        return super().process_view(*view)


class Authentication(_InLoop, AuthenticationMiddleware):
    pass


class Messages(_InLoop, MessageMiddleware):
    def must_store(self, request: HttpRequest) -> bool:
        messages = request._messages  # type: ignore[attr-defined]
        return bool(messages.used or messages.added_new)


class FrameOptions(_InLoop, XFrameOptionsMiddleware):
    pass
