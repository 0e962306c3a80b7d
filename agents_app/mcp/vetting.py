"""What another server says of its tools, made fit for every provider: one bad name or schema would cost each turn."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from typing import Any

from agents import FunctionTool
from mcp_types import Tool

from agents_app.guardrails.foreign_text import commands, make_safe
from agents_app.providers.schemas import simplify

logger = logging.getLogger(__name__)

MOST_NAME_CHARS, MOST_WORDS, MOST_SCHEMA_CHARS = 64, 1000, 20_000
_ODD = re.compile(r"[^a-zA-Z0-9_-]")


def make_name(server: str, tool: str) -> str:
    """Return a tool's name in the letters that providers take, with its server's in front."""
    return _ODD.sub("_", f"{server}_{tool}")[:MOST_NAME_CHARS]


def describe(tool: Tool) -> str:
    """Return what a server says that its tool does; its name where it says what the assistant is to do."""
    words = (tool.description or tool.title or tool.name)[:MOST_WORDS]
    if commands(words):
        logger.warning(
            "what is said of the tool %s reads like instructions: left out", tool.name[:MOST_NAME_CHARS]
        )
        words = _ODD.sub("_", tool.name)[:MOST_NAME_CHARS]
    return make_safe(words)


def make_schema(server: str, tool: Tool) -> dict[str, Any]:
    """Return what a tool takes, in the words that every provider knows; anything where it can't be understood."""
    try:
        schema = {"properties": {}, **simplify({"type": "object", "properties": {}, **tool.input_schema})}
        _quieten(schema)
        if schema["type"] == "object" and len(json.dumps(schema)) <= MOST_SCHEMA_CHARS:
            return schema
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        pass
    logger.warning(
        "the MCP server %s says of its tool %s what no provider takes", server, tool.name[:MOST_NAME_CHARS]
    )
    return {"type": "object", "properties": {}}


def _quieten(schema: dict[str, Any]) -> None:
    """Leave out of a schema what commands: models read its words as they read a tool's description."""
    words = schema.get("description")
    if words is not None and (not isinstance(words, str) or commands(words)):
        del schema["description"]
    elif words is not None:
        schema["description"] = make_safe(words[:MOST_WORDS])
    children = [*schema.get("properties", {}).values(), *schema.get("anyOf", ()), schema.get("items")]
    for child in children:
        if isinstance(child, dict):
            _quieten(child)


def keep_new(tools: Iterable[FunctionTool], taken: Iterable[str]) -> list[FunctionTool]:
    """Return the tools without those whose name another one has already: a provider refuses two of one name."""
    names, kept = set(taken), []
    for tool in tools:
        if tool.name not in names:
            names.add(tool.name)
            kept.append(tool)
    return kept
