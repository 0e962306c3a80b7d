"""Log lines: for people, or a JSON object each. Both name the request, the conversation and the turn.

What somebody wrote, a key or a token is never in them, though exceptions repeat such things: of an exception a line
has the type, the frames and what is known to be harmless, and the words only with DEBUG on. What libraries say beyond
their first line is left out.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from chatsite import request_ids
from conversations import log_ids
from conversations.errors import AppError

READINESS = "/readyz"
OURS = ("chatsite", "conversations", "agents_app", "django")
# Their words are the program's own, or the system's; everything else may repeat what it was given.
_HARMLESS = (
    *(TypeError, AttributeError, NameError, ImportError, NotImplementedError),
    *(OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError),
    *(PoolTimeout, PoolClosed, TooManyRequests),
)
_NUMBERS = ("status_code", "errno")
_AN_ID = re.compile(r"[\w.:-]{1,128}", re.ASCII)
_ROOT = Path(__file__).resolve().parent.parent
_FRAMES = 30

logger = logging.getLogger(__name__)


class Ids(logging.Filter):
    """Put the ids on each record that has them; keep out what libraries only say when asked to debug them."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING and not record.name.startswith(OURS):
            return False  # OPENAI_LOG=debug would log every message
        if record.name.startswith("django.security"):
            # A foreign Host, say: somebody else's doing, which was refused; where in Django it was is no news.
            record.levelno, record.levelname, record.exc_info = logging.WARNING, "WARNING", None
        request = request_ids.current.get()
        if record.name == "django.request" and request is not None and request.path == READINESS:
            return False  # a balancer asks each second, and its answer says what is missing
        match = None if request is None else request.resolver_match
        route = {} if match is None else match.kwargs
        ids = {
            "request_id": getattr(request, "request_id", ""),
            "conversation_id": route.get("conversation_id") or log_ids.conversation.get(),
            "turn_id": route.get("turn_id") or log_ids.turn.get(),
        }
        record.ids = {name: value for name, value in ids.items() if _AN_ID.fullmatch(str(value))}
        return True


class Lines(logging.Formatter):
    """`time LEVEL logger [ids] message`, and an exception's frames below it."""

    def format(self, record: logging.LogRecord) -> str:
        ids = " ".join(getattr(record, "ids", {}).values()) or "-"
        line = f"{_time(record)} {record.levelname} {record.name} [{ids}] {safe_message(record)}"
        return "\n".join([line, *(_as_text(error) for error in _of_record(record))])


class Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": safe_message(record),
            "pid": record.process,
            **getattr(record, "ids", {}),
        }
        if errors := [_as_json(error) for error in _of_record(record)]:
            told["exception"] = errors
        return json.dumps(told, ensure_ascii=False)


def safe_message(record: logging.LogRecord) -> str:
    """Return what a record says without the words of the exceptions that it is about."""
    if record.name.startswith("django.security"):
        return f"Refused: {record.name.rpartition('.')[2]}"  # its message is what was sent
    if isinstance(request := getattr(record, "request", None), HttpRequest):
        return _answered(request, getattr(record, "status_code", 0))
    message = record.getMessage()
    for error in _all_of(record):
        for words in {str(error), repr(error)}:
            if len(words) > 3:
                message = message.replace(words, _safe_words(error))
    return message if record.name.startswith(OURS) else message.split("\n", 1)[0]


def _answered(request: HttpRequest, status: int) -> str:
    """Name a request by its route: an address may hold anything."""
    match = request.resolver_match
    return f"{status} {request.method} {'an unknown address' if match is None else f'/{match.route}'}"


def adopt_strays() -> None:
    """Log what would be printed otherwise: the end of a thread, an error while something is thrown away.

    A line that nobody takes any more, since the reader of the output is gone, is lost: to complain of it would be the
    next such line, and so for ever.
    """
    logging.raiseExceptions = False
    threading.excepthook = _thread_ended
    sys.unraisablehook = _ignored


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    logger.error("A thread ended", exc_info=ended.exc_value)


def _ignored(unraisable: Any) -> None:
    logger.error("An exception was ignored", exc_info=unraisable.exc_value)


def _time(record: logging.LogRecord) -> str:
    return (
        datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def _of_record(record: logging.LogRecord) -> Iterator[BaseException]:
    """Yield the exception of a record and what led to it, the last first."""
    if record.exc_info and record.exc_info[1] is not None:
        yield from _chain(record.exc_info[1])


def _all_of(record: logging.LogRecord) -> Iterator[BaseException]:
    """Yield every exception whose words a record's message may have taken in."""
    yield from _of_record(record)
    arguments = record.args if isinstance(record.args, tuple) else ()
    for value in (record.msg, *arguments, sys.exc_info()[1]):
        error = getattr(value, "value", value)  # of a Failure of Twisted's
        if isinstance(error, BaseException):
            yield from _chain(error)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _as_json(error: BaseException) -> dict[str, Any]:
    return {"type": _name(error), **_facts(error), "frames": _frames(error.__traceback__)}


def _as_text(error: BaseException) -> str:
    facts = "".join(f" {name}={value}" for name, value in _facts(error).items())
    return "\n".join(
        [f"  {_name(error)}{facts}", *(f"    {frame}" for frame in _frames(error.__traceback__))]
    )


def _safe_words(error: BaseException) -> str:
    facts = _facts(error)
    return f"{_name(error)}: {facts['words']}" if "words" in facts else _name(error)


def _facts(error: BaseException) -> dict[str, Any]:
    """Return what may be told of an exception beside its type."""
    facts: dict[str, Any] = {
        name: value for name in _NUMBERS if isinstance(value := getattr(error, name, None), int)
    }
    if isinstance(error, AppError):
        facts["code"] = error.code
    if isinstance(error, psycopg.Error):
        diagnosis = {
            "sqlstate": error.sqlstate,
            "table": error.diag.table_name,
            "constraint": error.diag.constraint_name,
        }
        facts |= {name: value for name, value in diagnosis.items() if value}
    if isinstance(error, OSError) and error.strerror:
        facts["words"] = error.strerror
    elif str(error) and (isinstance(error, _HARMLESS) or settings.DEBUG):
        facts["words"] = str(error).splitlines()[0]
    return facts


def _name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _frames(trace: TracebackType | None) -> list[str]:
    """Return where an exception went through, innermost last, without the source's lines."""
    frames = traceback.extract_tb(trace)[-_FRAMES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(path: str) -> str:
    if "site-packages/" in path:
        return path.rpartition("site-packages/")[2]
    return path.removeprefix(f"{_ROOT}/")
