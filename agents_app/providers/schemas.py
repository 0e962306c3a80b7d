"""Tools' schemas as Gemini takes them: it knows a part of OpenAPI's schemas, and refuses all else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_KEPT = frozenset(
    {"type", "description", "enum", "required", "minimum", "maximum", "minItems", "maxItems", "nullable"}
    | {"minLength", "maxLength", "pattern"}
)
_FORMATS = frozenset({"enum", "date-time", "int32", "int64", "float", "double"})


def simplify(schema: Schema) -> dict[str, Any]:
    """Return the schema of a tool's arguments without what Gemini refuses; it means as much as it can."""
    return _simplify(schema, {**schema.get("$defs", {}), **schema.get("definitions", {})}, depth=0)


def _simplify(schema: Schema, definitions: Schema, depth: int) -> dict[str, Any]:
    if depth > 20:  # a definition that contains itself
        return {"type": "object"}
    if reference := schema.get("$ref"):
        found = definitions.get(reference.rsplit("/", 1)[-1], {})
        schema = {**found, **{name: value for name, value in schema.items() if name != "$ref"}}
    if len(schema.get("allOf", ())) == 1:
        schema = {**schema["allOf"][0], **{name: value for name, value in schema.items() if name != "allOf"}}
        return _simplify(schema, definitions, depth + 1)
    simple = {name: value for name, value in schema.items() if name in _KEPT}
    _take_types(simple)
    _take_choices(simple, schema, definitions, depth)
    if schema.get("format") in _FORMATS:
        simple["format"] = schema["format"]
    if "const" in schema:
        simple["enum"] = [schema["const"]]
    if any(not isinstance(value, str) for value in simple.get("enum", ())):
        del simple["enum"]  # it knows enumerations of texts alone
    _take_children(simple, schema, definitions, depth)
    return simple


def _take_types(simple: dict[str, Any]) -> None:
    """Write `["string", "null"]` as OpenAPI does."""
    if isinstance(kinds := simple.get("type"), list):
        named = [kind for kind in kinds if kind != "null"]
        simple["type"] = named[0] if named else "string"
        if "null" in kinds:
            simple["nullable"] = True


def _take_choices(simple: dict[str, Any], schema: Schema, definitions: Schema, depth: int) -> None:
    choices = schema.get("anyOf") or schema.get("oneOf") or []
    named = [choice for choice in choices if choice.get("type") != "null"]
    if len(named) < len(choices):
        simple["nullable"] = True
    if len(named) == 1:
        simple.update({**_simplify(named[0], definitions, depth + 1), **simple})
    elif named:
        simple["anyOf"] = [_simplify(choice, definitions, depth + 1) for choice in named]


def _take_children(simple: dict[str, Any], schema: Schema, definitions: Schema, depth: int) -> None:
    if simple.get("type") == "object" or "properties" in schema:
        simple["type"] = "object"
        children = schema.get("properties", {})
        if children:  # an object without any is refused when it says so
            simple["properties"] = {
                name: _simplify(child, definitions, depth + 1) for name, child in children.items()
            }
        required = [name for name in simple.pop("required", ()) if name in children]
        if required:
            simple["required"] = required
    else:
        simple.pop("required", None)
    if simple.get("type") == "array":
        simple["items"] = _simplify(schema.get("items") or {"type": "string"}, definitions, depth + 1)
