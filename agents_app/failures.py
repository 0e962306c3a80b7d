"""What can go wrong at the provider, in words for customers. The provider's own text goes nowhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TypeVar

import openai
from agents.exceptions import MaxTurnsExceeded, ModelBehaviorError

from conversations.errors import AssistantError, AssistantFailed, AssistantTimeout, AssistantUnavailable

from .providers.streams import StreamCut

logger = logging.getLogger(__name__)

LOOPED = (
    "The assistant kept looking things up without coming to an answer, so it was stopped. "
    "Your message is saved; try again, or put it in other words."
)
NOT_SET_UP = (
    "The assistant isn't set up correctly, so it can't reply. Your message is saved; we've been told."
)
TOO_LONG = "This conversation has become too long for the assistant. Start a new one and repeat what matters."
BUSY = "The assistant is over its limits right now. Your message is saved; try again in a moment."

E = TypeVar("E", bound=BaseException)

_NOT_SET_UP = (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError)


def translate(error: Exception, *, started: bool) -> AssistantError | None:
    """Return what an error means to a conversation, or None when it is a fault of our own.

    Before the stream has started the client has asked again already; after that it never does, and asking again
    may help.
    """
    match error:
        case AssistantError():
            return error
        case MaxTurnsExceeded():
            return AssistantFailed(LOOPED)
        case openai.APITimeoutError() if _is_timeout(error):
            return AssistantTimeout(retryable=started)
        case openai.APIConnectionError():
            return AssistantFailed(retryable=True) if started else AssistantUnavailable()
        case openai.RateLimitError(code="insufficient_quota"):
            logger.error("The provider's quota is used up.")
            return AssistantUnavailable(BUSY)
        case openai.RateLimitError():
            return AssistantUnavailable(BUSY, retry_after=_read_retry_after(error))
        case openai.APIStatusError() if isinstance(error, _NOT_SET_UP):
            logger.error("The provider refused the key or the model: status %s.", error.status_code)
            return AssistantFailed(NOT_SET_UP)
        case openai.BadRequestError(code="context_length_exceeded"):
            return AssistantFailed(TOO_LONG)
        case openai.APIStatusError():
            logger.warning("The provider answered with status %s.", error.status_code)
            return AssistantFailed()
        case openai.APIError() | ModelBehaviorError() | StreamCut():
            return AssistantFailed(retryable=True)
        case _:
            return None


def translate_code(code: str | None) -> AssistantError:
    """Return what an error means that the provider reports within its stream."""
    if code == "rate_limit_exceeded":
        return AssistantUnavailable(BUSY, retryable=True)
    if code == "insufficient_quota":
        return AssistantUnavailable(BUSY)
    if code == "context_length_exceeded":
        return AssistantFailed(TOO_LONG)
    return AssistantFailed(retryable=True)


def _is_timeout(error: BaseException) -> bool:
    """Tell a real time-out from a closed connection, which aiohttp's client reports as one."""
    return find_cause(error, TimeoutError) is not None


def find_cause(error: BaseException, kind: type[E]) -> E | None:
    """Return the first error of a kind among what led to an error; the SDK wraps what a tool raises."""
    return next((cause for cause in _causes(error) if isinstance(cause, kind)), None)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _read_retry_after(error: openai.APIStatusError) -> float | None:
    try:
        return max(float(error.response.headers["retry-after"]), 0.0)
    except (KeyError, ValueError):
        return None
