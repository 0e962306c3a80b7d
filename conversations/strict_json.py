"""Bodies as JSON objects, read so that nothing gets in that PostgreSQL or another reader would refuse."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from django.conf import settings

from conversations.errors import Invalid, Malformed, TooLarge

MAX_DEPTH = 64
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def read_object(body: bytes, *, limit: int | None = None) -> dict[str, Any]:
    """Return the body's JSON object. Raises TooLarge, Malformed, or Invalid for text that can't be stored."""
    # Django compares the announced length; a body in chunks announces none.
    if len(body) > (limit or settings.DATA_UPLOAD_MAX_MEMORY_SIZE):
        raise TooLarge
    try:
        value = _DECODER.decode(body.decode())
    except (ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(value, dict):
        raise Malformed
    # Only an escape can smuggle such characters in, and only many brackets make a deep body.
    if b"\\u" in body or body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        _refuse_unstorable(value)
    return value


def refuse_unstorable_text(fields: dict[str, str]) -> None:
    """Raise Invalid, naming each field whose text has NUL or lone surrogate characters."""
    errors = [_unstorable(name) for name, text in fields.items() if UNSTORABLE.search(text)]
    if errors:
        raise Invalid(errors=errors)


def _refuse_unstorable(body: dict[str, Any]) -> None:
    errors: list[dict[str, str]] = []
    waiting: list[tuple[str, Any, int]] = [("", body, 1)]
    while waiting:
        path, value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise Malformed("The body is nested too deeply.")
        if isinstance(value, str) and UNSTORABLE.search(value):
            errors.append(_unstorable(path))
        elif isinstance(value, list):
            waiting += [(f"{path}.{index}", item, depth + 1) for index, item in enumerate(value)]
        elif isinstance(value, dict):
            if any(UNSTORABLE.search(key) for key in value):
                errors.append(_unstorable(path or "body"))
            waiting += [(f"{path}.{key}" if path else key, item, depth + 1) for key, item in value.items()]
    if errors:
        raise Invalid(errors=errors)


def _unstorable(field: str) -> dict[str, str]:
    return {
        "field": UNSTORABLE.sub("�", field),
        "message": "Must not contain NUL or lone surrogate characters.",
    }


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key twice")
    return value


def _finite_number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number too large")
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique_keys, parse_float=_finite_number, parse_constant=_no_constant
)
