"""What led to an error is found, however errors hang together."""

from __future__ import annotations

from agents_app.failures import find_cause
from conversations.errors import Fenced


def test_a_cause_is_found() -> None:
    fence = Fenced()
    error = RuntimeError()
    error.__cause__, error.__cause__.__context__ = ValueError(), fence

    assert find_cause(error, Fenced) is fence


def test_errors_that_caused_each_other_have_an_end() -> None:
    one, other = RuntimeError("the database went away"), ValueError("and so did its error")
    one.__context__, other.__context__ = other, one

    assert find_cause(one, Fenced) is None
