"""A provider that asks for every tool in every bad way, on both APIs: the turn goes on, and nobody else is touched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from agents_app.airline.models import Profile
from agents_app.mcp.server import tool_server
from agents_app.runner import AgentRunner
from agents_app.tools import TOOLS
from conversations.threads import in_database
from tests.agents_app.collector import Collector
from tests.agents_app.conftest import Practice
from tests.agents_app.test_mistakes import outputs_of
from tests.agents_app.test_tools import calls_of, claim

pytestmark = pytest.mark.django_db(transaction=True)

#: A value that fits no field, or more than any takes.
VALUES: list[Any] = [
    *(
        None,
        [],
        {"a": {"b": []}},
        True,
        -1,
        10**400,
        1e308,
        "",
        "\u0000",
        "\ud800",
        "x" * 20_000,
        "½",
        "9999-99-99",
    ),
    "'; drop table agents_app_profile; --",
]
#: Arguments that aren't an object, or not whole.
RAW = ["", "null", "[]", '"x"', "{", "{'a': 1}", '{"a": NaN}', "{}{}", '{"a":' * 60, "x" * 200_000]


def bad_arguments(schema: dict[str, Any], other_user: str) -> Iterator[str]:
    """Yield arguments that a model should never send for a tool."""
    fields = list(schema.get("properties", {}))
    yield from RAW
    for value in VALUES:
        yield json.dumps(dict.fromkeys(fields or ["x"], value))
    for name in fields:
        yield json.dumps({each: "x" for each in fields if each != name})
    for extra in ("user_id", "booking", "approved", "self", "context"):
        yield json.dumps({extra: other_user})


async def bad_calls(tool: str, other_user: str) -> list[dict[str, Any]]:
    schemas = {each.name: each.input_schema for each in await tool_server().list_tools()}
    return [{"name": tool, "arguments": raw} for raw in bad_arguments(schemas[tool], other_user)]


@pytest.mark.parametrize("tool", [tool.name for tool in TOOLS])
async def test_every_tool_called_in_every_bad_way(
    runner: AgentRunner, practice: Practice, alice: Any, bob: Any, tool: str
) -> None:
    calls = await bad_calls(tool, str(bob.pk))
    calls += [{"name": name} for name in (f"{tool} ", tool.upper(), f"functions.{tool}", "", "x" * 300, "né")]
    calls += [{"name": tool, "arguments": "{", "call_id": "call_0"}, {"name": "no_such", "call_id": "call_0"}]
    await practice.script({"calls": calls}, {"text": "Done."})
    request, collector = await claim(alice, "do it"), Collector()

    await runner.respond(request, collector)

    told = [entry[0] for entry in collector.told]
    asked = await practice.requests()
    if "waits" not in told:
        assert collector.text_shown == "Done."
        assert len(outputs_of(asked[-1])) == len(calls)
    assert len(asked) == (1 if "waits" in told else 2)
    assert told.count("started") >= told.count("finished")
    assert not await in_database(Profile.objects.filter(user=bob).exists)
    assert all(str(bob.pk) not in result for *_, result in await calls_of(request))
