"""Each provider's quirks, the second provider, and the models that a customer may choose."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from agents.models.chatcmpl_converter import Converter

from agents_app.history import make_input
from agents_app.providers.dialects import NO_SIGNATURE, dialect_of
from agents_app.providers.practice.server import PracticeServer
from agents_app.providers.schemas import simplify
from agents_app.providers.tool_indices import ToolIndices
from agents_app.runner import AgentRunner
from chatsite.offered_models import OfferedModel
from conversations.errors import AssistantError
from conversations.responder import HistoryImage, HistoryMessage, HistoryToolCall
from tests.agents_app.collector import Collector, ask
from tests.agents_app.conftest import Practice

THINKS: dict[str, Any] = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "sealed"}
CALL: dict[str, Any] = {
    "type": "function_call",
    "id": "fc_1",
    "call_id": "c" * 60,
    "name": "show_my_trip",
    "arguments": "{}",
}
OUTPUT: dict[str, Any] = {"type": "function_call_output", "call_id": "c" * 60, "output": "LN 418"}


@pytest_asyncio.fixture
async def second() -> AsyncIterator[Practice]:
    """Another practice provider, which takes the part of Gemini."""
    server = PracticeServer(pace=0, kept_requests=100)
    await server.start()
    async with aiohttp.ClientSession() as http:
        yield Practice(server, http)
    await server.close()


@pytest.fixture
def with_second(runner: AgentRunner, second: Practice, settings: Any) -> AgentRunner:
    settings.CHAT_FALLBACK_PROVIDER, settings.GEMINI_API_KEY = "gemini", "k"
    settings.GEMINI_BASE_URL, settings.GEMINI_MODEL = second.url, "gemini-practice"
    return runner


@pytest.mark.parametrize("fault", ["401", "quota", "500", "close", "html", "malformed", "error_event"])
async def test_a_second_provider_answers_where_the_first_fails(
    with_second: AgentRunner, practice: Practice, second: Practice, fault: str
) -> None:
    await practice.script(*[{"fault": fault, "after": 0, "retry_after": 0.01}] * 3)
    collector = Collector()

    await with_second.respond(ask("hello"), collector)

    assert collector.steps[0].model == "gemini-practice"
    assert collector.text_shown == collector.steps[0].text
    assert len(await second.requests()) == 1


async def test_nobody_takes_over_once_text_was_shown(
    with_second: AgentRunner, practice: Practice, second: Practice
) -> None:
    with pytest.raises(AssistantError):
        await with_second.respond(ask("hello [practice: fault=close_mid, after=4]"), Collector())

    assert await second.requests() == []


async def test_what_both_say_when_both_fail_is_the_first_ones_reason(with_second: AgentRunner) -> None:
    with pytest.raises(AssistantError) as failure:
        await with_second.respond(ask("hello [practice: fault=401]"), Collector())

    assert failure.value.trouble == "refused"


async def test_a_provider_that_refuses_us_is_left_alone_for_a_while(
    with_second: AgentRunner, practice: Practice
) -> None:
    await practice.script({"fault": "401"})
    for _ in range(3):
        await with_second.respond(ask("hello"), Collector())

    assert len(await practice.requests()) == 1


async def test_a_picture_that_is_refused_ends_no_turn(runner: AgentRunner, practice: Practice) -> None:
    image = HistoryImage("broken.png", "image/png", b"\x89PNG\r\n\x1a\n")
    earlier = HistoryMessage("msg_1", "user", "look", images=(image,))
    await practice.script({"fault": "404"})
    collector = Collector()

    await runner.respond(ask(earlier, "I see nothing", "hello"), collector)

    assert collector.steps[0].text
    shown = ["data:image" in json.dumps(request) for request in await practice.requests()]
    assert shown == [True, False]
    assert "[A picture that could not be read]" in json.dumps((await practice.requests())[-1])


async def test_what_ended_an_earlier_turn_ends_no_later_one(runner: AgentRunner, practice: Practice) -> None:
    said: list[HistoryMessage | HistoryToolCall] = [
        HistoryMessage("msg_1", "user", "good morning"),
        HistoryMessage("msg_2", "assistant", "Good morning."),
        HistoryMessage("msg_3", "user", "what it refuses"),
        HistoryToolCall("call_1", "show_my_trip", {}, "what a tool said"),
        HistoryMessage("msg_4", "user", "hello"),
    ]
    await practice.script({"fault": "404"})
    collector = Collector()

    await runner.respond(ask(*said), collector)

    assert collector.steps[0].text
    first, second = map(json.dumps, await practice.requests())
    assert "what it refuses" in first
    assert "good morning" in second
    assert "what it refuses" not in second
    assert "what a tool said" not in second


async def test_a_chosen_model_is_asked(runner: AgentRunner, practice: Practice, settings: Any) -> None:
    settings.CHAT_MODELS = [OfferedModel("quick", "Quick", "openai", "practice-quick")]
    collector = Collector()

    await runner.respond(ask("hello", chosen_model="quick"), collector)
    await runner.respond(ask("hello", chosen_model="no longer offered"), collector)

    assert [step.model for step in collector.steps] == ["practice-quick", "practice"]


@pytest.mark.parametrize(
    ("model", "include"), [("practice-thinks", ["reasoning.encrypted_content"]), ("practice", None)]
)
async def test_openai_keeps_nothing_and_is_asked_for_sealed_thoughts_where_there_are_any(
    practice: Practice, settings: Any, model: str, include: list[str] | None
) -> None:
    settings.CHAT_PROVIDER, settings.OPENAI_API_KEY, settings.OPENAI_API = "openai", "k", "responses"
    settings.OPENAI_BASE_URL, settings.OPENAI_MODEL = practice.url, model
    runner = AgentRunner()

    await runner.respond(ask("hello"), Collector())

    await runner.close()
    (body,) = await practice.requests()
    assert body["store"] is False
    assert (body.get("include") or None) == include


def test_thoughts_that_mean_nothing_to_a_model_are_left_out() -> None:
    items = [THINKS, CALL, OUTPUT]

    assert dialect_of("responses", "gpt-5-mini").items(items)[0] == THINKS
    others = dialect_of("responses", "gpt-4.1").items(items)
    assert [item.get("type") for item in others] == ["function_call", "function_call_output"]
    assert "id" not in others[0]
    spoken = dialect_of("chat_completions", "llama").items(items)
    assert [item.get("type") for item in spoken] == ["function_call", "function_call_output"]
    assert spoken[0]["call_id"] == spoken[1]["call_id"]
    assert len(spoken[0]["call_id"]) <= 40


def test_both_sides_take_turns_where_a_model_may_insist_on_it() -> None:
    calls = [HistoryToolCall(f"call_{number}", "show_my_trip", {}, "LN 418") for number in (1, 2)]
    history = make_input(
        [
            HistoryMessage("msg_1", "user", "Failed"),
            HistoryMessage("msg_2", "user", "Stopped after its tools"),
            *calls,
            HistoryMessage("msg_3", "user", "A person, please"),
            HistoryMessage("msg_4", "assistant", "Let me look."),
            HistoryMessage("msg_5", "staff", "Here I am."),
            HistoryMessage("msg_6", "user", "The last"),
        ]
    )

    asked = Converter.items_to_messages(dialect_of("chat_completions", "gemma").items(history))  # type: ignore[arg-type]

    roles = [message["role"] for message in asked]
    again = ["assistant", "tool"]
    assert roles == ["user", "assistant", "user", *again * 2, "assistant", "user", "assistant", "user"]
    assert asked[1]["content"] == asked[7]["content"] == "[No answer was given here.]"
    assert asked[9]["content"] == "Let me look.\n[Written by a human colleague]\nHere I am."
    assert asked[-1]["content"] == "The last"
    assert dialect_of("responses", "gpt-6").items(history) == history


def test_a_call_without_signature_gets_what_google_lets_stand_for_one() -> None:
    own = {**CALL, "provider_data": {"thought_signature": "s", "model": "gemini-3"}}

    foreign, kept = dialect_of("chat_completions", "gemini-3-pro-preview").items([CALL, own])

    assert foreign["provider_data"]["thought_signature"] == NO_SIGNATURE
    assert kept["provider_data"]["thought_signature"] == "s"


def test_a_schema_becomes_one_that_gemini_takes() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "change_seat",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "seat": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "description": "14C"},
            "cabin": {"$ref": "#/$defs/Cabin"},
            "when": {"type": ["string", "null"], "format": "date"},
            "kind": {"const": "aisle", "type": "string"},
            "bags": {"type": "array", "items": {"type": "integer", "exclusiveMinimum": 0}},
            "options": {"type": "object", "properties": {}},
        },
        "required": ["seat", "gone"],
        "$defs": {"Cabin": {"type": "string", "enum": ["economy", "business"], "title": "Cabin"}},
    }

    assert simplify(schema) == {
        "type": "object",
        "properties": {
            "seat": {"type": "string", "nullable": True, "description": "14C"},
            "cabin": {"type": "string", "enum": ["economy", "business"]},
            "when": {"type": "string", "nullable": True},
            "kind": {"type": "string", "enum": ["aisle"]},
            "bags": {"type": "array", "items": {"type": "integer"}},
            "options": {"type": "object"},
        },
        "required": ["seat"],
    }
    assert simplify({"type": "object", "properties": {}, "required": []}) == {"type": "object"}


@pytest.mark.parametrize("ids", [("a", "b", "c"), ("", "", "")])
def test_parallel_calls_of_one_number_are_told_apart(ids: tuple[str, ...]) -> None:
    indices = ToolIndices()
    pieces = [
        {"index": 0, "id": call_id, "function": {"name": "show_my_trip", "arguments": "{}"}}
        for call_id in ids
    ]

    for piece in pieces:
        indices.mend({"choices": [{"delta": {"tool_calls": [piece]}}]})

    assert [piece["index"] for piece in pieces] == [0, 1, 2]


def test_pieces_of_one_call_stay_together() -> None:
    indices = ToolIndices()
    named = {"index": 0, "id": "a", "function": {"name": "change_seat", "arguments": '{"seat":'}}
    again = {"index": 0, "id": "", "function": {"name": "change_seat", "arguments": ' "14C"'}}
    rest = {"index": 0, "function": {"arguments": "}"}}

    for piece in (named, again, rest):
        indices.mend({"choices": [{"delta": {"tool_calls": [piece]}}]})

    assert [piece["index"] for piece in (named, again, rest)] == [0, 0, 0]


async def test_a_failure_keeps_what_led_to_it(runner: AgentRunner) -> None:
    with pytest.raises(AssistantError) as failure:
        await runner.respond(ask("hello [practice: fault=401]"), Collector())

    assert getattr(failure.value.__cause__, "status", None) == 401
