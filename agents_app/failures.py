"""What can go wrong at the provider, in words for customers. The provider's own text goes nowhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TypeVar

from agents.exceptions import ModelBehaviorError
from django.utils.translation import gettext_noop
from pydantic import ValidationError

from conversations.errors import AssistantError, AssistantFailed, AssistantTimeout, AssistantUnavailable

from .providers.streams import StreamCut, StreamFailed
from .providers.transport import Refused, Silent, Unreachable

logger = logging.getLogger(__name__)


class TooLong(AssistantFailed):
    """The model can't take so much in."""

    default_detail = gettext_noop(
        "This conversation has become too long for the assistant. Start a new one and repeat what matters."
    )


LOOPED = gettext_noop(
    "The assistant kept looking things up without coming to an answer, so it was stopped. "
    "Your message is saved; try again, or put it in other words."
)
MISTAKEN = gettext_noop(
    "The assistant didn’t manage to use its tools, so it was stopped. "
    "Your message is saved; try again, or put it in other words."
)
NOT_SET_UP = gettext_noop(
    "The assistant isn’t set up correctly, so it can’t reply. Your message is saved; we’ve been told."
)
NO_QUOTA = gettext_noop("The assistant can’t reply any more for now. Your message is saved; we’ve been told.")
BUSY = gettext_noop(
    "The assistant is over its limits right now. Your message is saved; try again in a moment."
)

E = TypeVar("E", bound=BaseException)


def translate(error: Exception, *, started: bool) -> AssistantError | None:
    """Return what an error means to a conversation, or None when it is a fault of our own.

    Before the stream has started the client has asked again already; after that it never does, and asking again
    may help.
    """
    if isinstance(error, AssistantError):
        return error
    failure = _read(error, started)
    if failure is not None:
        # Its text is the provider's: it may hold what customers wrote.
        status = getattr(error, "status", "none")
        level = logging.ERROR if failure.trouble else logging.WARNING
        logger.log(level, "The provider failed: %s, status %s", type(error).__name__, status)
    return failure


def _read(error: Exception, started: bool) -> AssistantError | None:
    match error:
        case Silent():
            return AssistantTimeout(retryable=started)
        case Unreachable():
            return AssistantFailed(retryable=True) if started else AssistantUnavailable(trouble="unreachable")
        case Refused():
            return _read_refusal(error)
        case StreamFailed():
            return translate_code(error.code)
        case ModelBehaviorError() | StreamCut() | ValidationError():  # the last by the client's own objects
            return AssistantFailed(retryable=True)
        case _:
            return None


def _read_refusal(error: Refused) -> AssistantError:
    match error.status, error.code:
        case 429, "insufficient_quota":
            return AssistantUnavailable(NO_QUOTA, trouble="no_quota")
        case 429, _:
            return AssistantUnavailable(BUSY, retry_after=error.retry_after)
        case 401 | 403 | 404, _:
            return AssistantFailed(NOT_SET_UP, trouble="refused")
        case 400, _ if error.says(_BAD_KEY):
            return AssistantFailed(NOT_SET_UP, trouble="refused")
        case 400, "context_length_exceeded":
            return TooLong()
        case 400 | 413, _ if error.says(*_TOO_LONG):
            return TooLong()
        case _:
            return AssistantFailed()


def refuses_content(failure: AssistantError) -> bool:
    """Say whether the provider took offence at what was asked, as far as its status tells."""
    cause = failure.__cause__
    return isinstance(cause, Refused) and cause.status in _OFFENCES and not cause.says(_BAD_KEY)


#: 404 is what a broker of models says that has none with eyes.
_OFFENCES = (400, 404, 413, 415, 422)
#: Gemini's way to say 401.
_BAD_KEY = "api key not valid"
#: OpenAI has a code for it, the others have words.
_TOO_LONG = (
    *("context length", "context window", "context size", "maximum number of tokens", "token count"),
    *("too many tokens", "prompt is too long"),
)


def translate_code(code: str | None) -> AssistantError:
    """Return what an error means that the provider reports within its stream."""
    if code == "rate_limit_exceeded":
        return AssistantUnavailable(BUSY, retryable=True)
    if code == "insufficient_quota":
        return AssistantUnavailable(NO_QUOTA, trouble="no_quota")
    if code == "context_length_exceeded":
        return TooLong()
    return AssistantFailed(retryable=True)


def find_cause(error: BaseException, kind: type[E]) -> E | None:
    """Return the first error of a kind among what led to an error; the SDK wraps what a tool raises."""
    return next((cause for cause in _causes(error) if isinstance(cause, kind)), None)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    # One error that is raised in several tasks may come to be its own cause.
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
