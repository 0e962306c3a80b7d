"""Pydantic's complaints in plain words. What was sent is never repeated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

WORDS = {
    "missing": "This field is required.",
    "extra_forbidden": "This field is not known here.",
    "string_type": "Must be text.",
    "string_too_short": "Must have at least {min_length} characters.",
    "string_too_long": "Must have at most {max_length} characters.",
    "string_pattern_mismatch": "Is not written as it must be.",
    "bool_type": "Must be true or false.",
    "bool_parsing": "Must be true or false.",
    "int_type": "Must be a whole number.",
    "int_parsing": "Must be a whole number.",
    "int_parsing_size": "Is too large a number.",
    "int_from_float": "Must be a whole number.",
    "float_type": "Must be a number.",
    "float_parsing": "Must be a number.",
    "greater_than": "Must be more than {gt}.",
    "greater_than_equal": "Must be at least {ge}.",
    "less_than": "Must be less than {lt}.",
    "less_than_equal": "Must be at most {le}.",
    "literal_error": "Must be {expected}.",
    "enum": "Must be {expected}.",
    "list_type": "Must be a list.",
    "dict_type": "Must be an object.",
    "model_type": "Must be an object.",
    "model_attributes_type": "Must be an object.",
    "datetime_type": "Must be a time such as 2026-11-26T12:30:00Z.",
    "datetime_parsing": "Must be a time such as 2026-11-26T12:30:00Z.",
    "datetime_from_date_parsing": "Must be a time such as 2026-11-26T12:30:00Z.",
    "datetime_object_invalid": "Must be a time such as 2026-11-26T12:30:00Z.",
    "timezone_aware": "Must be a time with its offset, such as 2026-11-26T12:30:00Z.",
    "uuid_parsing": "Must be a UUID.",
}


def field_errors(complaints: Iterable[dict[str, Any]]) -> list[dict[str, str]]:
    """Return `{field, message}` for each complaint of Ninja's ValidationError."""
    return [{"field": _field(complaint["loc"]), "message": _message(complaint)} for complaint in complaints]


def _field(location: tuple[str | int, ...]) -> str:
    source, *path = location
    # A body's path starts with the name of the view's parameter, which is nobody else's business.
    shown = path[1:] if source == "body" else path
    return ".".join(map(str, shown)) or str(source)


def _message(complaint: dict[str, Any]) -> str:
    context = complaint.get("ctx", {})
    if complaint["type"] in ("value_error", "assertion_error"):
        return str(context.get("error", "Is not valid."))
    return WORDS.get(complaint["type"], "Is not valid.").format_map(context)
