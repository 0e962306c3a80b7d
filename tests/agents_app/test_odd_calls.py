"""A provider whose calls are a little wrong, as gateways' are: no turn breaks off, and the history is one it takes."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from agents_app.runner import AgentRunner
from tests.agents_app.collector import Collector
from tests.agents_app.test_mistakes import outputs_of
from tests.agents_app.test_tools import claim

pytestmark = pytest.mark.django_db(transaction=True)

Json = dict[str, Any]
GOOD = {"id": "call_1", "name": "set_meal", "arguments": '{"meal": "vegan"}'}
#: What is other than in GOOD; None in place of a value is sent as null, ... isn't sent.
ODD: dict[str, Json] = {
    "arguments as what they say": {"arguments": {"meal": "vegan"}},
    "arguments as a list": {"arguments": [1]},
    "arguments as a number": {"arguments": 5},
    "no arguments": {"arguments": ...},
    "null arguments": {"arguments": None},
    "no id": {"id": ...},
    "null id": {"id": None},
    "empty id": {"id": ""},
    "long id": {"id": "call_" + "z" * 300},
    "odd id": {"id": "ü 🙃\n"},
    "number as id": {"id": 7},
    "no name": {"name": ...},
    "null name": {"name": None},
    "number as name": {"name": 7},
    "empty name": {"name": ""},
}


class OddProvider:
    """Answers the first request of a turn with calls as they are given, and what comes after it with words."""

    def __init__(self) -> None:
        self.calls: list[Json] = []
        self.asked: list[Json] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.asked.append(body)
        write = _write_chat if "messages" in body else _write_responses
        events = write(self.calls if len(outputs_of(body)) == 0 else [])
        text = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
        return web.Response(text=text, content_type="text/event-stream")


def _write_chat(calls: list[Json]) -> list[Json]:
    pieces = [
        {
            "index": at,
            "type": "function",
            **_sent({"id": call["id"]}),
            "function": _sent({"name": call["name"], "arguments": call["arguments"]}),
        }
        for at, call in enumerate(calls)
    ]
    delta: Json = {"role": "assistant", "tool_calls": pieces} if calls else {"content": "Done."}
    ends: list[tuple[Json, str | None]] = [(delta, None), ({}, "tool_calls" if calls else "stop")]
    frame = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return [{**frame, "choices": [{"index": 0, "delta": each, "finish_reason": end}]} for each, end in ends]


def _write_responses(calls: list[Json]) -> list[Json]:
    items: list[Json] = [
        {"type": "function_call", "status": "completed", **_sent({**call, "call_id": call["id"]})}
        for call in calls
    ]
    said = {"type": "output_text", "text": "Done.", "annotations": []}
    message = {
        "type": "message",
        "id": "msg_1",
        "status": "completed",
        "role": "assistant",
        "content": [said],
    }
    response = {"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "m"}
    return [{"type": "response.completed", "response": {**response, "output": items or [message]}}]


def _sent(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if value is not ...}


@pytest_asyncio.fixture
async def provider(settings: Any) -> AsyncIterator[OddProvider]:
    provider = OddProvider()
    app = web.Application()
    app.router.add_post("/v1/{path:.*}", provider.answer)
    server = web.AppRunner(app)
    await server.setup()
    site = web.TCPSite(server, "127.0.0.1", 0)
    await site.start()
    provider.url = f"http://127.0.0.1:{server.addresses[0][1]}/v1"
    yield provider
    await server.cleanup()


def check_history(body: Json) -> None:
    """Refuse what the APIs refuse of calls and their results."""
    if "messages" in body:
        called = [call for each in body["messages"] for call in each.get("tool_calls") or ()]
        calls = [(call["id"], call["function"]) for call in called]
        results = [each["tool_call_id"] for each in body["messages"] if each["role"] == "tool"]
    else:
        items = [each for each in body["input"] if each.get("type") == "function_call"]
        calls = [(item["call_id"], item) for item in items]
        results = [each["call_id"] for each in body["input"] if each.get("type") == "function_call_output"]
        ids = [each["id"] for each in items if "id" in each]
        assert len(ids) == len(set(ids))
        assert all(re.fullmatch(r"fc[\w-]{1,62}", each, re.ASCII) for each in ids)
    assert sorted(call_id for call_id, _ in calls) == sorted(results)
    assert len(set(results)) == len(results) > 0
    for call_id, call in calls:
        assert isinstance(call_id, str)
        assert 0 < len(call_id) <= (40 if "messages" in body else 64)
        assert re.fullmatch(r"[\w-]{1,64}", call["name"], re.ASCII)
        assert isinstance(json.loads(call["arguments"]), dict)


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
async def test_a_call_that_is_a_little_wrong_is_answered(
    runner: AgentRunner, provider: OddProvider, settings: Any, alice: Any, odd: Json
) -> None:
    settings.OPENAI_BASE_URL = provider.url
    # Beside it a right one, another one of its id, and the same once more.
    provider.calls = [{**GOOD, **odd}, {**GOOD, "name": "show_my_trip", "arguments": "{}"}, {**GOOD, **odd}]
    collector = Collector()

    await runner.respond(await claim(alice, "a meal"), collector)

    assert collector.text_shown == "Done."
    assert len(provider.asked) == 2
    assert len(outputs_of(provider.asked[1])) == 3
    check_history(provider.asked[1])
