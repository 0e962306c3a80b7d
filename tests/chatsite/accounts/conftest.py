"""Ways to call the API as somebody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from chatsite.accounts import tokens
from chatsite.accounts.models import User

Call = Callable[..., Any]


@pytest.fixture
def call(client: Client) -> Call:
    """Send JSON to the API; `access` is the token to send with it."""

    def send(method: str, path: str, body: Any = None, *, access: str = "", **extra: Any) -> Any:
        if access:
            extra["headers"] = {**extra.get("headers", {}), "Authorization": f"Bearer {access}"}
        if body is None:
            return client.generic(method, path, **extra)
        return client.generic(method, path, _json(body), content_type="application/json", **extra)

    return send


@pytest.fixture
def post(call: Call) -> Call:
    def send(path: str, body: Any = None, **extra: Any) -> Any:
        return call("POST", path, body, **extra)

    return send


@pytest.fixture
def pair(alice: User) -> tokens.Pair:
    """Alice's tokens."""
    return tokens.issue(alice)


def _json(body: Any) -> bytes | str:
    import json

    return body if isinstance(body, bytes) else json.dumps(body)
