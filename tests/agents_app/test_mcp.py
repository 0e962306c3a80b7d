"""/mcp offers the assistant's tools to other clients, always as the user of the token."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.test import AsyncClient

from agents_app.airline.models import Profile
from chatsite.accounts import tokens

pytestmark = pytest.mark.django_db(transaction=True)


async def post(
    user: Any, method: str, token: str | None = None, headers: dict[str, str] | None = None, **params: Any
) -> Any:
    """Send one JSON-RPC request to /mcp and return the answer."""
    if token is None:
        token = (await database_sync_to_async(tokens.issue)(user)).access
    sent = {"authorization": f"Bearer {token}", "accept": "application/json, text/event-stream"} | (
        headers or {}
    )
    return await AsyncClient().post(
        "/mcp",
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}),
        content_type=sent.pop("content-type", "application/json"),
        headers=sent,
    )


async def call(user: Any, name: str, **arguments: Any) -> Any:
    response = await post(user, "tools/call", name=name, arguments=arguments)
    assert response.status_code == 200, response.content
    return response.json()["result"]


async def test_the_tools_are_listed(alice: Any) -> None:
    response = await post(alice, "tools/list")

    tools = {tool["name"]: tool for tool in response.json()["result"]["tools"]}
    assert set(tools) == {
        *("show_my_trip", "cancel_trip", "change_seat", "add_checked_bag", "refund"),
        *("set_meal", "request_assistance", "flight_option_list", "search_articles"),
    }
    assert tools["change_seat"]["inputSchema"]["required"] == ["flight_number", "seat"]
    assert tools["show_my_trip"]["annotations"]["readOnlyHint"] is True
    for tool in tools.values():
        assert tool["inputSchema"]["additionalProperties"] is False
        assert len(tool["description"]) > 20
        assert all(each["description"] for each in tool["inputSchema"]["properties"].values())


@pytest.mark.parametrize("accept", [{}, {"accept": ""}, {"accept": "*/*"}])
async def test_who_does_not_say_what_is_welcome_is_answered(alice: Any, accept: dict[str, str]) -> None:
    access = (await database_sync_to_async(tokens.issue)(alice)).access
    ping = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"})

    answer = await AsyncClient().post(
        "/mcp", ping, content_type="application/json", headers={"authorization": f"Bearer {access}", **accept}
    )

    assert (answer.status_code, answer.json()["result"]) == (200, {})


async def test_who_the_user_is_is_no_argument(alice: Any, bob: Any) -> None:
    result = await call(alice, "change_seat", flight_number="LN 418", seat="14C", user_id=bob.pk)

    assert result["isError"] is True
    assert "user_id" in result["content"][0]["text"]
    assert not await database_sync_to_async(Profile.objects.exists)()


async def test_a_tool_acts_for_the_user_of_the_token(alice: Any) -> None:
    result = await call(alice, "change_seat", flight_number="LN 418", seat="14C")

    assert "14C" in result["content"][0]["text"]
    assert await database_sync_to_async(list)(Profile.objects.values_list("user", flat=True)) == [alice.pk]


async def test_users_at_the_same_time_do_not_mix(alice: Any, bob: Any) -> None:
    answers = await asyncio.gather(*(call(user, "show_my_trip") for user in (alice, bob) * 5))

    references = [answer["content"][0]["text"].split("**")[1] for answer in answers]
    assert references == references[:2] * 5
    assert references[0] != references[1]


async def test_a_refusal_is_an_error_in_words(alice: Any) -> None:
    result = await call(alice, "change_seat", flight_number="LN 418", seat="14B")

    assert result["isError"] is True
    assert "taken" in result["content"][0]["text"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"seat": 14, "flight_number": "LN 418"}, "seat: Input should be a valid string"),
        ({"seat": None, "flight_number": ["LN 418"]}, "flight_number: Input should be a valid string"),
        ({"seat": "14C"}, "flight_number: Field required"),
        ({"seat": "14C\0", "flight_number": "LN 418"}, "is not a seat"),
    ],
)
async def test_wrong_arguments_are_refused_in_words(alice: Any, arguments: Any, words: str) -> None:
    result = await call(alice, "change_seat", **arguments)

    assert result["isError"] is True
    text = result["content"][0]["text"]
    assert words in text
    assert "pydantic" not in text


async def test_yes_is_no_amount_of_money(alice: Any) -> None:
    result = await call(alice, "refund", amount=True, reason="late flight")

    assert result["isError"] is True
    assert "amount: Input should be a valid number" in result["content"][0]["text"]


async def test_what_no_database_can_hold_is_replaced(alice: Any) -> None:
    result = await call(alice, "set_meal", meal="Soup\0 of the day")

    assert "Soup\N{REPLACEMENT CHARACTER} of the day" in result["content"][0]["text"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://testserver"}, 200),
        ({"origin": "https://inspector.example"}, 200),
        ({"content-type": "text/plain"}, 415),
    ],
)
async def test_pages_must_be_known_and_bodies_json(
    alice: Any, settings: Any, headers: dict[str, str], status: int
) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://inspector.example"]

    response = await post(alice, "tools/list", headers=headers)

    assert response.status_code == status
    if status != 200:
        assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("token", ["", "nonsense"])
async def test_a_bad_token_is_refused(alice: Any, token: str) -> None:
    response = await post(alice, "tools/list", token=token)

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response.json()["code"] == "not_authenticated"


async def test_a_session_is_not_enough(alice: Any) -> None:
    client = AsyncClient()
    await client.aforce_login(alice)

    response = await client.post("/mcp", "{}", content_type="application/json")

    assert response.status_code == 401


async def test_there_is_nothing_to_get(alice: Any) -> None:
    token = (await database_sync_to_async(tokens.issue)(alice)).access

    response = await AsyncClient().get("/mcp", headers={"authorization": f"Bearer {token}"})

    assert response.status_code == 405
