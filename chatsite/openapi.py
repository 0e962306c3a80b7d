"""Completes the OpenAPI document: what holds for many operations is said here once, not at each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ninja.openapi.schema import OpenAPISchema

from conversations import errors
from conversations.errors import AppError

Json = dict[str, Any]

DESCRIPTION = """\
Conversations with an assistant whose replies survive the page, the socket and the process.

Sign in, register or become a guest under `/api/auth`, then send `Authorization: Bearer` and the access token.
`{user_id}` is the id that those calls return. Times are RFC 3339 in UTC. Every answer has an `X-Request-ID`.
Every failure is a problem (RFC 9457) with one of the codes that are listed at each operation.
"""

USER_ID = "user_01939f6c-7d5a-7c1e-9a44-2f9d4b7c1e55"
REQUEST_ID = "req_01939f6c-8a10-7b52-8f0e-5a0c3f1d2e77"

BY_CODE: dict[str, type[AppError]] = {
    kind.code: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AppError)
}
EVERYWHERE = ("internal_error", "unavailable")

PROBLEM: Json = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": sorted(BY_CODE)},
        "detail": {"type": "string", "description": "In words, for people."},
        "request_id": {"type": "string", "description": "Name it when you ask us about a failure."},
        "errors": {
            "type": "array",
            "description": "With status 422: what is wrong with which field.",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


def complete(document: OpenAPISchema) -> OpenAPISchema:
    """Add to each operation its errors, its examples, its path parameters and its security."""
    schemas = document["components"]["schemas"]
    schemas["Problem"] = PROBLEM
    for path, operation in _operations(document):
        _name_parameters(path, operation)
        operation.setdefault("security", [])
        operation["responses"] = _answers(operation) | _refusals(path, operation)
        _add_examples(operation, schemas)
    return document


def _operations(document: OpenAPISchema) -> Iterator[tuple[str, Json]]:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def _name_parameters(path: str, operation: Json) -> None:
    """Add `{user_id}`, which the mount checks and so no operation declares."""
    if "{user_id}" in path and not any(p["name"] == "user_id" for p in operation["parameters"]):
        parameter = {"in": "path", "name": "user_id", "required": True, "schema": {"type": "string"}}
        operation["parameters"].insert(0, parameter | {"example": USER_ID})


def _answers(operation: Json) -> Json:
    """Join what Ninja says of a status, as a number, with what the operation adds to it, as text."""
    answers: Json = {}
    for status, response in operation["responses"].items():
        known = answers.get(str(status), {})
        content = known.get("content", {}) | response.get("content", {})
        answers[str(status)] = known | response | ({"content": content} if content else {})
    return answers


def _refusals(path: str, operation: Json) -> Json:
    by_status: dict[str, list[type[AppError]]] = {}
    for code in dict.fromkeys(_codes(path, operation)):
        by_status.setdefault(str(BY_CODE[code].status), []).append(BY_CODE[code])
    return {status: _refusal(kinds) for status, kinds in sorted(by_status.items())}


def _codes(path: str, operation: Json) -> Iterator[str]:
    yield from operation.pop("x-errors", ())
    if operation["security"]:
        yield "not_authenticated"
    if "{user_id}" in path:
        yield "forbidden"
    if "requestBody" in operation:
        yield from ("malformed", "too_large", "unsupported_media_type", "invalid")
    if any(parameter["in"] == "query" for parameter in operation["parameters"]):
        yield "invalid"
    if "{" in path.replace("{user_id}", ""):
        yield "not_found"
    yield from EVERYWHERE


def _refusal(kinds: list[type[AppError]]) -> Json:
    content = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "examples": {kind.code: {"summary": kind.title, "value": _problem_example(kind)} for kind in kinds},
    }
    return {
        "description": " or ".join(dict.fromkeys(kind.title for kind in kinds)),
        "content": {"application/problem+json": content},
        **_REFUSAL_HEADERS.get(kinds[0].status, {}),
    }


_SECONDS: Json = {"schema": {"type": "integer"}, "description": "Seconds.", "example": 20}
_REFUSAL_HEADERS: dict[int, Json] = {
    401: {"headers": {"WWW-Authenticate": {"schema": {"type": "string"}, "example": "Bearer"}}},
    429: {"headers": {"Retry-After": _SECONDS}},
    503: {"headers": {"Retry-After": _SECONDS}},
}


def _problem_example(kind: type[AppError]) -> Json:
    example = {
        "type": f"http://localhost:8000/docs#{kind.code}",
        "title": kind.title,
        "status": kind.status,
        "code": kind.code,
        "detail": kind.default_detail,
        "request_id": REQUEST_ID,
    }
    if kind is errors.Invalid:
        example["errors"] = [{"field": "message", "message": "This field is required."}]
    return example


def _add_examples(operation: Json, schemas: Json) -> None:
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        for content in part.get("content", {}).values():
            if "example" not in content and "examples" not in content and "schema" in content:
                content["example"] = _example(content["schema"], schemas)
    for parameter in operation["parameters"]:
        if "example" not in parameter and "examples" not in parameter:
            parameter["example"] = _example(parameter["schema"], schemas)
        if isinstance(parameter.get("examples"), list):
            parameter["example"] = parameter.pop("examples")[0]


def _example(schema: Json, schemas: Json) -> Any:
    """Return an example made of what a schema says of itself and of its parts."""
    if "$ref" in schema:
        return _example(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    for word in ("examples", "enum"):
        if schema.get(word):
            return schema[word][0]
    for word in ("example", "const", "default"):
        if word in schema:
            return schema[word]
    for word in ("anyOf", "oneOf", "allOf"):
        if schema.get(word):
            return _example(schema[word][0], schemas)
    return _example_by_type(schema, schemas)


def _example_by_type(schema: Json, schemas: Json) -> Any:
    match schema.get("type"):
        case "object":
            return {name: _example(part, schemas) for name, part in schema.get("properties", {}).items()}
        case "array":
            return [_example(schema["items"], schemas)] if schema.get("items") else []
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _TEXTS.get(schema.get("format", ""), "text")


_TEXTS = {"date-time": "2026-11-26T12:30:00Z", "uri": "https://example.com/", "email": "maya@example.com"}
