"""A stock MCP client over HTTP: it knows nothing of us but the address and a token."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta

import httpx2
from jsonschema import Draft202012Validator
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent

from tests.contract.client import Person


@asynccontextmanager
async def connected(person: Person) -> AsyncIterator[ClientSession]:
    headers = {"Authorization": f"Bearer {person.access}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        streamable_http_client(f"{person.url}/mcp", http_client=http) as streams,
        ClientSession(*streams[:2]) as session,
    ):
        await session.initialize()
        yield session


def text(result: CallToolResult) -> str:
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


async def test_a_stock_client_finds_and_uses_every_tool(new_person: Callable[..., Person]) -> None:
    alice, bob = new_person(), new_person()
    leaving = date.today() + timedelta(days=40)
    calls = {
        "change_seat": {"flight_number": "LN 418", "seat": "14C"},
        "add_checked_bag": {},
        "set_meal": {"meal": "vegan"},
        "request_assistance": {"note": "A wheelchair to the gate"},
        "flight_option_list": {"destination": "LIS", "depart_date": leaving.isoformat(), "cabin": "business"},
    }

    async with connected(alice) as session:
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        done = {name: await session.call_tool(name, arguments) for name, arguments in calls.items()}
        asked = await session.call_tool("cancel_trip", {})
        wrong = await session.call_tool("change_seat", {"flight_number": "LN 418", "seat": 14})
        more = await session.call_tool("add_checked_bag", {"user_id": bob.user_id})
        trip = text(await session.call_tool("show_my_trip", {}))

    assert tools.keys() >= {*calls, "show_my_trip", "cancel_trip"}
    for tool in tools.values():
        Draft202012Validator.check_schema(tool.input_schema)
        assert tool.description
        assert tool.input_schema["additionalProperties"] is False
    assert [name for name, result in done.items() if result.is_error] == []
    assert text(done["flight_option_list"]).count("option_") == 3
    assert asked.is_error
    assert "approval_required" in text(asked)
    assert wrong.is_error
    assert more.is_error
    for words in ("seat **14C**", "2 × 23 kg", "Vegan", "wheelchair", "on time"):
        assert words in trip
    async with connected(bob) as session:
        assert "seat **14A**" in text(await session.call_tool("show_my_trip", {}))
