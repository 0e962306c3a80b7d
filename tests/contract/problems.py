"""What every failure looks like from outside."""

from __future__ import annotations

import re
from typing import Any

import httpx

from tests.find_browser import ROOT

KEYS = {"type", "title", "status", "code", "detail", "request_id"}
INSIDES = re.compile(
    rf"Traceback|psycopg|[Dd]jango|SELECT |INSERT |{re.escape(str(ROOT))}|\.py\b|[a-z]Error\b"
)


def check_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Compare an answer with the contract's problem details and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    problem = dict(answer.json())
    assert set(problem) == KEYS | ({"errors"} if status == 422 else set())
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"].startswith("http")
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert not INSIDES.search(answer.text), answer.text
    if status == 401:
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    if status == 429:
        assert int(answer.headers["Retry-After"]) > 0
    if status == 405:
        assert answer.headers["Allow"]
    for error in problem.get("errors", ()):
        assert set(error) == {"field", "message"}
    return problem


def fields(answer: httpx.Response) -> list[str]:
    """Return which fields an answer complains of."""
    return [error["field"] for error in check_problem(answer, 422, "invalid")["errors"]]


def same_words(answer: httpx.Response) -> dict[str, Any]:
    """Return a problem without what differs in each answer."""
    return {name: value for name, value in answer.json().items() if name != "request_id"}
