"""Expected failures. Each becomes an answer of its own (RFC 9457); everything else is our own fault."""

from __future__ import annotations

from typing import ClassVar

import psycopg
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

# What is raised where the database can't be reached.
NO_DATABASE = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)


class AppError(Exception):
    """Base of every expected failure: a code and a status that the contract names, and words for the reader."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = _("Internal error")
    default_detail: ClassVar[str] = _("Something went wrong on our side.")

    def __init__(
        self,
        detail: str = "",
        *,
        errors: list[dict[str, str]] | None = None,
        retry_after: float | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.detail = detail or self.default_detail
        self.errors = errors
        self.retry_after = retry_after
        self.headers = headers or {}
        super().__init__(self.detail)

    def words(self) -> str:
        """Say it in the reader's language, where it is a text of the catalogs."""
        return gettext(self.detail)


class Malformed(AppError):
    """The body is not JSON, or a request type that nobody knows."""

    code, status, title = "malformed", 400, _("Malformed request")
    default_detail = "The body must be a JSON object."


class NotAuthenticated(AppError):
    """No token, or one that is bad, expired, revoked or of the wrong type."""

    code, status, title = "not_authenticated", 401, "Not authenticated"
    default_detail = "Send a valid access token: Authorization: Bearer <token>."


class Forbidden(AppError):
    """A valid token, but another user's address."""

    code, status, title = "forbidden", 403, _("Forbidden")
    default_detail = _("This address belongs to another user.")


class NotFound(AppError):
    """Unknown, malformed, deleted or somebody else's: all the same answer, in the same words."""

    code, status, title = "not_found", 404, _("Not found")
    default_detail = _("There is nothing with this address or id.")


class MethodNotAllowed(AppError):
    """The address exists, but not for this method."""

    code, status, title = "method_not_allowed", 405, _("Method not allowed")
    default_detail = _("This address does not take this method.")


class Conflict(AppError):
    """The request contradicts what is stored: a taken name, a reused key, a state that does not allow it."""

    code, status, title = "conflict", 409, "Conflict"
    default_detail = "This contradicts what is stored."


class ConversationClosed(AppError):
    """A message to a closed or locked conversation."""

    code, status, title = "conversation_closed", 409, "Conversation closed"
    default_detail = _("This conversation takes no more messages. Start a new one.")


class Gone(AppError):
    """An `after_seq` that the log no longer or not yet holds."""

    code, status, title = "gone", 410, "Gone"
    default_detail = "The log does not hold what follows this seq. Load the conversation afresh."


class TooLarge(AppError):
    """The body is larger than this address takes."""

    code, status, title = "too_large", 413, _("Too large")
    default_detail = _("The body is too large.")


class UnsupportedMediaType(AppError):
    """The body's content type is not JSON."""

    code, status, title = "unsupported_media_type", 415, "Unsupported media type"
    default_detail = "Send the body as application/json."


class Invalid(AppError):
    """The body is JSON, but a field is not what it must be; `errors` names each one."""

    code, status, title = "invalid", 422, "Invalid input"
    default_detail = "Some fields are not valid."


class RateLimited(AppError):
    """Too many requests; `retry_after` seconds to wait."""

    code, status, title = "rate_limited", 429, _("Too many requests")
    default_detail = _("Too many requests. Wait a moment, then try again.")


class Unavailable(AppError):
    """The database can't be reached."""

    code, status, title = "unavailable", 503, _("Unavailable")
    default_detail = _("The service can't reach its database. Nothing was lost; try again in a moment.")


class AssistantError(AppError):
    """Base of what can go wrong with a reply. The user's message is kept and the turn can be retried.

    `retryable` says whether asking again at once may help; it is never done after text was shown. `trouble` names
    what only an operator can mend, and is told by /readyz: `refused` (the key, the model) or `no_quota`.
    """

    def __init__(
        self,
        detail: str = "",
        *,
        retryable: bool = False,
        trouble: str = "",
        retry_after: float | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail, retry_after=retry_after, headers=headers)
        self.retryable = retryable
        self.trouble = trouble


class AssistantFailed(AssistantError):
    """The provider failed: 5xx, a broken, cut or empty answer, a refused key, a tool called for ever."""

    code, status, title = "assistant_failed", 502, "The assistant failed"
    default_detail = _("The assistant couldn’t finish its reply. Your message is saved; try again.")


class AssistantUnavailable(AssistantError):
    """The provider can't be reached or is over its limits."""

    code, status, title = "assistant_unavailable", 503, "The assistant is unavailable"
    default_detail = _(
        "The assistant can’t be reached right now. Your message is saved; try again in a moment."
    )


class AssistantTimeout(AssistantError):
    """The reply took longer than a turn may."""

    code, status, title = "assistant_timeout", 504, "The assistant took too long"
    default_detail = _("The assistant took too long to reply. Your message is saved; try again.")


class StateLost(AssistantFailed):
    """What a turn has stored can't be restored by today's code: it is forgotten, and a retry starts afresh."""

    default_detail = _(
        "The assistant was changed meanwhile and can’t go on from there. Nothing more was done; try again."
    )


class Fenced(Exception):
    """A write of a run whose turn was cancelled, taken over or deleted. The run stops silently."""
