"""Failures as answers: problem details (RFC 9457) for programs, a page for people."""

from __future__ import annotations

import json
import logging
import math
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_noop as _
from psycopg.errors import ForeignKeyViolation

from conversations import errors
from conversations.errors import AppError
from conversations.languages import read_language

CONTENT_TYPE = "application/problem+json"
FOR_PROGRAMS = ("/api/", "/chatkit", "/support/", "/ws/", "/mcp", "/healthz", "/readyz", "/metrics")

#: What a chat's page shows to people as it is: of these the words are in the reader's language.
SHOWN = ("/chatkit", "/support/")

logger = logging.getLogger(__name__)


def answer(request: HttpRequest, error: AppError) -> HttpResponse:
    """Return a failure in the form that suits who asked."""
    return problem(request, error) if _asked_by_program(request) else page(request, error)


def problem(request: HttpRequest, error: AppError) -> HttpResponse:
    """Return a failure as problem details."""
    details: dict[str, Any] = {
        "type": f"{settings.PUBLIC_URL}/docs#{error.code}",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": _words(request, error),
        "request_id": request_id_of(request),
    }
    if error.errors is not None:
        details["errors"] = error.errors
    body = json.dumps(details, ensure_ascii=False)
    return with_headers(HttpResponse(body, content_type=CONTENT_TYPE), error)


def _words(request: HttpRequest, error: AppError) -> str:
    if not request.path.startswith(SHOWN):
        return error.detail
    language = read_language(request.headers.get("Accept-Language", ""))
    with translation.override(language or settings.LANGUAGE_CODE):
        return error.words()


def page(request: HttpRequest, error: AppError) -> HttpResponse:
    """Return a failure as a page for people. It asks no database: that may be what failed."""
    request.user = AnonymousUser()
    context = {"error": error, "request_id": request_id_of(request)}
    try:
        body: str = render_to_string("problem.html", context, request)
    except Exception:
        logger.exception("No page for a failure")
        body = f"<!DOCTYPE html><title>{error.title}</title><h1>{error.title}</h1><p>{error.detail}</p>"
    return with_headers(HttpResponse(body), error)


def with_headers(response: HttpResponse, error: AppError) -> HttpResponse:
    """Give an answer the status and the headers that belong to a failure."""
    response.status_code = error.status
    for name, value in error.headers.items():
        response[name] = value
    if error.retry_after is not None:
        response["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    response["Cache-Control"] = "no-store"
    return response


def expected(request: HttpRequest, exception: BaseException | None) -> AppError:
    """Return what an exception means to the one who asked. Our own faults are logged and say nothing more."""
    if isinstance(exception, AppError):
        return exception
    if any(
        isinstance(each, errors.NO_DATABASE) for each in (exception, getattr(exception, "__cause__", None))
    ):
        logger.error("Database not reached", exc_info=exception)
        return errors.Unavailable(retry_after=5)
    if isinstance(exception, IntegrityError) and (gone := _what_is_gone(exception)):
        return gone
    for kind, error, words in _MEANINGS:
        if isinstance(exception, kind):
            return error(words)
    logger.error("Unexpected failure", exc_info=exception)
    return AppError()


def _what_is_gone(failure: IntegrityError) -> AppError | None:
    """Return what it means that a new row belongs to one that was deleted at the same moment."""
    cause = failure.__cause__
    if not isinstance(cause, ForeignKeyViolation) or "is not present in table" not in str(cause):
        return None
    users: str = get_user_model()._meta.db_table
    return errors.NotAuthenticated() if f'in table "{users}"' in str(cause) else errors.NotFound()


def request_id_of(request: HttpRequest) -> str:
    return getattr(request, "request_id", "-")


def shape_method_refusal(request: HttpRequest, response: HttpResponseBase) -> None:
    """Give the refusal of a method its form: Django and Ninja each have words of their own for it."""
    if response.status_code != 405 or not isinstance(response, HttpResponse):
        return
    refusal = answer(request, errors.MethodNotAllowed())
    response.content = refusal.content
    for name, value in refusal.items():
        response[name] = value
    response["Content-Length"] = str(len(response.content))
    response["Allow"] = ", ".join(sorted(response["Allow"].split(", ")))


# What Django calls when no view answered (chatsite/urls.py names them).


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, expected(request, exception))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, expected(request, exception))


def not_found(request: HttpRequest, exception: Exception | None = None, **_: str) -> HttpResponse:
    return answer(request, errors.NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, expected(request, sys.exc_info()[1]))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answer(
        request,
        errors.Forbidden(_("This page was open for too long, or in another session. Go back and try again.")),
    )


def _asked_by_program(request: HttpRequest) -> bool:
    return request.path.startswith(FOR_PROGRAMS) or "text/html" not in request.headers.get("Accept", "")


_MEANINGS: tuple[tuple[type[BaseException], type[AppError], str], ...] = (
    (Http404, errors.NotFound, ""),
    (PermissionDenied, errors.Forbidden, _("You may not do this.")),
    (RequestDataTooBig, errors.TooLarge, ""),
    (TooManyFieldsSent, errors.TooLarge, ""),
    (TooManyFilesSent, errors.TooLarge, ""),
    (SuspiciousOperation, errors.Malformed, _("This request can’t be read as it was sent.")),
    (BadRequest, errors.Malformed, _("This request can’t be read as it was sent.")),
    (UnreadablePostError, errors.Malformed, "The body broke off."),
)
