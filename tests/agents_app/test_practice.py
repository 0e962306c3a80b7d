"""The practice provider speaks the providers' APIs, and refuses what they refuse."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from typing import Any

import pytest

from agents_app.providers.practice.behaviour import FAULTS, read_directives
from agents_app.providers.practice.sentences import read_clauses
from agents_app.providers.practice.understanding import pick_calls
from tests.agents_app.conftest import Practice
from tests.find_browser import ROOT

CALL = {"type": "function_call", "call_id": "call_1", "name": "show_my_trip", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "LN 418"}
USER = {"role": "user", "content": "hello"}
TOOL_CALL = {"id": "call_1", "type": "function", "function": {"name": "show_my_trip", "arguments": "{}"}}
ASKS = {"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]}
TOOL = {"role": "tool", "tool_call_id": "call_1", "content": "LN 418"}
FULL = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}


@pytest.mark.parametrize(
    "items",
    [
        [USER, CALL],
        [USER, OUTPUT],
        [USER, CALL, OUTPUT, CALL, OUTPUT],
        [USER, {**FULL, "content": [{"type": "input_text", "text": "x"}]}],
        [{**FULL, "content": "a"}, {**FULL, "content": "b"}, USER],
        [{**FULL, "id": "__fake_id__", "content": "a"}, USER],
        [],
    ],
    ids=[
        "orphan call",
        "orphan output",
        "same call id",
        "wrong part",
        "same item id",
        "wrong item id",
        "nothing",
    ],
)
async def test_responses_api_refuses_a_broken_history(practice: Practice, items: list[Any]) -> None:
    status, body = await practice.post("/v1/responses", {"model": "m", "input": items})

    assert status == 400, body


@pytest.mark.parametrize(
    "messages",
    [
        [USER, ASKS],
        [USER, TOOL],
        [USER, ASKS, USER, TOOL],
        [USER, ASKS, TOOL, ASKS, TOOL],
        [{"role": "assistant", "content": [{"type": "output_text", "text": "x"}]}, USER],
        [{"role": "assistant", "content": None}, USER],
        [],
    ],
    ids=[
        "orphan call",
        "orphan output",
        "out of order",
        "same call id",
        "output_text",
        "no content",
        "nothing",
    ],
)
async def test_chat_completions_api_refuses_a_broken_history(practice: Practice, messages: list[Any]) -> None:
    status, body = await practice.post("/v1/chat/completions", {"model": "m", "messages": messages})

    assert status == 400, body


async def test_a_complete_history_is_answered_with_what_the_tools_returned(practice: Practice) -> None:
    _, responses = await practice.post("/v1/responses", {"model": "m", "input": [USER, CALL, OUTPUT]})
    _, chat = await practice.post("/v1/chat/completions", {"model": "m", "messages": [USER, ASKS, TOOL]})

    assert "LN 418" in json.loads(responses)["output"][0]["content"][0]["text"]
    assert "LN 418" in json.loads(chat)["choices"][0]["message"]["content"]


async def test_every_call_has_a_fresh_id(practice: Practice) -> None:
    body = {"model": "m", "input": "show my trip", "tools": [{"type": "function", "name": "show_my_trip"}]}

    answers = [json.loads((await practice.post("/v1/responses", body))[1]) for _ in range(3)]

    assert len({answer["output"][0]["call_id"] for answer in answers}) == 3


@pytest.mark.parametrize(
    ("words", "calls"),
    [
        ("Show my trip, please", [("show_my_trip", {})]),
        ("which flights do I have?", [("show_my_trip", {})]),
        ("change seat to 14c on ln 418", [("change_seat", {"flight_number": "LN 418", "seat": "14C"})]),
        (
            "Please change my seat on LN421 to 9 F",
            [("change_seat", {"flight_number": "LN421", "seat": "9F"})],
        ),
        ("add a bag", [("add_checked_bag", {})]),
        ("I need another suitcase", [("add_checked_bag", {})]),
        ("show my trip and add a checked bag", [("add_checked_bag", {}), ("show_my_trip", {})]),
        ("a better seat", []),
        ("hello", []),
    ],
)
async def test_plain_words_pick_the_tools(practice: Practice, words: str, calls: list[Any]) -> None:
    names = ("show_my_trip", "change_seat", "add_checked_bag")
    body = {"model": "m", "input": words, "tools": [{"type": "function", "name": name} for name in names]}

    answer = json.loads((await practice.post("/v1/responses", body))[1])

    made = [item for item in answer["output"] if item["type"] == "function_call"]
    assert [(call["name"], json.loads(call["arguments"])) for call in made] == calls


async def test_no_tool_is_called_that_the_request_does_not_offer(practice: Practice) -> None:
    answer = json.loads((await practice.post("/v1/responses", {"model": "m", "input": "show my trip"}))[1])

    assert [item["type"] for item in answer["output"]] == ["message"]


async def test_a_script_is_used_up_request_by_request(practice: Practice) -> None:
    await practice.script({"fault": "500"}, {"text": "Scripted."})

    first = await practice.post("/v1/responses", {"model": "m", "input": "hello"})
    second = await practice.post("/v1/responses", {"model": "m", "input": "hello"})
    third = await practice.post("/v1/responses", {"model": "m", "input": "hello"})

    assert first[0] == 500
    assert "Scripted." in second[1]
    assert "practice model" in third[1]


async def test_a_script_with_an_unknown_name_is_refused(practice: Practice) -> None:
    status, body = await practice.post("/practice/script", [{"falt": "500"}])

    assert status == 400
    assert "falt" in body


async def test_a_fault_may_end_after_some_requests(practice: Practice) -> None:
    body = {"model": "m", "input": "hello [practice: fault=503, times=2]"}

    statuses = [(await practice.post("/v1/responses", body))[0] for _ in range(3)]

    assert statuses == [503, 503, 200]


def test_unknown_directives_are_ignored() -> None:
    behaviour = read_directives("hello [practice: fault=nonsense, words=7, colour=red]")

    assert (behaviour.fault, behaviour.words) == ("", 7)


async def test_words_ask_for_an_answer_of_that_length(practice: Practice) -> None:
    _, body = await practice.post("/v1/responses", {"model": "m", "input": "[practice: words=300]"})

    assert len(json.loads(body)["output"][0]["content"][0]["text"].split()) == 300


def test_every_fault_and_setting_is_documented() -> None:
    page = (ROOT / "docs/practice.md").read_text()

    missing = [fault for fault in FAULTS if f"`{fault}`" not in page]

    assert not missing


def test_it_runs_as_a_process_of_its_own_without_django() -> None:
    command = [sys.executable, "-m", "agents_app.providers.practice", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={"PATH": ""}) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()

        with urllib.request.urlopen(f"{url}/models") as answer:
            models = json.load(answer)
        process.terminate()

    assert models["data"][0]["id"] == "practice"
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("words", "calls"),
    [
        ("Show me my trip.", [("show_my_trip", {})]),
        ("Give me a quick overview of my account.", [("show_my_trip", {})]),
        (
            "Move me to seat 14C on flight LN 418.",
            [("change_seat", {"flight_number": "LN 418", "seat": "14C"})],
        ),
        ("Add one more checked bag to the reservation.", [("add_checked_bag", {})]),
        ("I'd like a gluten-free meal, please", [("set_meal", {"meal": "gluten-free"})]),
        ("My mother needs a wheelchair", [("request_assistance", {"note": "My mother needs a wheelchair"})]),
        ("Cancel my upcoming trip and request a refund.", [("cancel_trip", {})]),
        (
            "Book a flight from SFO to New York on 2027-03-01, back on 2027-03-09 in business",
            [
                (
                    "flight_option_list",
                    {
                        "destination": "New York",
                        "depart_date": "2027-03-01",
                        "cabin": "business",
                        "return_date": "2027-03-09",
                        "origin": "SFO",
                    },
                )
            ],
        ),
        ("Book a flight to this destination.", []),
        ("Set my meal preference.", []),
    ],
)
def test_plain_sentences_ask_for_every_tool(words: str, calls: Any) -> None:
    picked = [(call.name, json.loads(call.arguments)) for call in pick_calls(read_clauses(words))]

    assert picked == calls


async def test_behind_an_assistant_that_it_does_not_know_it_says_what_can_be_tried(
    practice: Practice,
) -> None:
    tools = [{"type": "function", "function": {"name": "find_book", "parameters": {"type": "object"}}}]
    body = {"model": "practice", "messages": [{"role": "user", "content": "Hello"}], "tools": tools}

    _, answer = await practice.post("/v1/chat/completions", body)

    assert "[practice: calls=find_book]" in answer
    assert "trip" not in answer
