"""The forms of a log line, and what is kept out of each."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from twisted.python.failure import Failure

from chatsite import logs
from conversations import errors, log_ids

SECRET = "the secret plan"


@pytest.fixture
def written() -> Iterator[list[str]]:
    """Whatever a logger of anybody's says, as JSON and as a line."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.extend(form.format(record) for form in (logs.Json(), logs.Lines()))

    handler = Keep()
    handler.addFilter(logs.Ids())
    loggers = [logging.getLogger(name) for name in (None, "chatsite")]  # ours doesn't pass on to the root
    for logger in loggers:
        logger.addHandler(handler)
    yield lines
    for logger in loggers:
        logger.removeHandler(handler)


def failing() -> Exception:
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise errors.Invalid(SECRET) from error
    except errors.Invalid as error:
        return error


def test_an_exception_is_told_by_type_and_place_alone(written: list[str]) -> None:
    logging.getLogger("a.library").error("It went wrong: %s", failing(), exc_info=failing())

    told = json.loads(written[0])
    assert told["message"] == "It went wrong: conversations.errors.Invalid"
    assert [error["type"] for error in told["exception"]] == ["conversations.errors.Invalid", "ValueError"]
    assert told["exception"][0]["code"] == "invalid"
    assert told["exception"][1]["frames"] == [f"tests/chatsite/test_logs.py:{raised_at()} failing"]
    assert SECRET not in "".join(written)


@pytest.mark.parametrize("form", ["argument", "message", "failure", "format_exc", "task"])
def test_what_libraries_repeat_of_an_exception_is_cut_out(written: list[str], form: str) -> None:
    library = logging.getLogger("a.library")
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        if form == "argument":
            library.error("Failed with %r", error)
        elif form == "message":
            library.error(f"Failed with {error}")
        elif form == "failure":
            library.error(Failure())  # type: ignore[no-untyped-call]
        elif form == "format_exc":
            library.error(traceback.format_exc())
        else:
            library.error(f"Task exception was never retrieved\nfuture: {error!r}", exc_info=error)

    assert len(written) == 2
    assert SECRET not in "".join(written)


def test_words_that_are_the_systems_own_are_told(written: list[str]) -> None:
    logger = logging.getLogger("chatsite.test")
    for error in (
        ConnectionRefusedError(111, "Connection refused"),
        psycopg.OperationalError("too many clients already"),
        TypeError("can't add"),
    ):
        logger.error("No luck", exc_info=error)

    facts = [json.loads(line)["exception"][0]["words"] for line in written[::2]]
    assert facts == ["Connection refused", "too many clients already", "can't add"]


def test_a_developer_sees_the_words(written: list[str], settings: Any) -> None:
    settings.DEBUG = True

    logging.getLogger("chatsite.test").error("No luck", exc_info=ValueError("not a number"))

    assert "ValueError words=not a number" in written[1]


def test_what_the_database_refuses_is_told_without_the_row(written: list[str]) -> None:
    error = psycopg.errors.CheckViolation(f"Failing row contains ({SECRET})")

    logging.getLogger("chatsite.test").error("No luck", exc_info=error)

    assert json.loads(written[0])["exception"][0]["sqlstate"] == "23514"
    assert SECRET not in "".join(written)


def test_ids_are_fields_and_only_if_they_look_like_ids(written: list[str]) -> None:
    logger = logging.getLogger("chatsite.test")

    log_ids.note("conv_1", "turn_2")
    logger.error("Here")
    log_ids.note("conv_1\nERROR a forged line", "x" * 500)
    logger.error("There")
    log_ids.note(None)

    first, second = json.loads(written[0]), json.loads(written[2])
    assert (first["conversation_id"], first["turn_id"]) == ("conv_1", "turn_2")
    assert "conv_1 turn_2] Here" in written[1]
    assert "conversation_id" not in second
    assert "turn_id" not in second
    assert "forged" not in written[3]


def test_libraries_are_not_heard_below_a_warning(written: list[str]) -> None:
    library = logging.getLogger("openai._base_client")
    library.setLevel(logging.DEBUG)

    library.debug("Request options: %s", {"json_data": SECRET})
    library.info(SECRET)
    library.setLevel(logging.NOTSET)

    assert written == []


def raised_at() -> int:
    return failing.__code__.co_firstlineno + 3
