"""The runner answers turns on both APIs, goes on from stored steps, and says in words what went wrong."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from typing import Any

import pytest

from agents_app.failures import TooLong
from agents_app.history import UNKNOWN_OUTCOME
from agents_app.recorded_model import CUT_SHORT, REFUSED
from agents_app.runner import MAX_STEPS, AgentRunner
from conversations.errors import (
    AssistantError,
    AssistantFailed,
    AssistantTimeout,
    AssistantUnavailable,
    Fenced,
)
from conversations.responder import HistoryMessage, HistoryToolCall, Step
from tests.agents_app.collector import Collector, ask
from tests.agents_app.conftest import Practice

SOON = "retry_after=0.01"  # the client's own pause before it asks again is half a second and more


async def answer(runner: AgentRunner, *said: Any, **fields: Any) -> Collector:
    collector = Collector()
    await runner.respond(ask(*said, **fields), collector)
    return collector


async def fail(runner: AgentRunner, *said: Any, **fields: Any) -> tuple[AssistantError, Collector]:
    collector = Collector()
    with pytest.raises(AssistantError) as failure:
        await runner.respond(ask(*said, **fields), collector)
    return failure.value, collector


def sent_messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a request told, without the instructions."""
    if "input" in body:
        return list(body["input"])
    return [message for message in body["messages"] if message["role"] != "system"]


async def test_a_reply_streams_and_is_stored_as_one_final_step(runner: AgentRunner) -> None:
    collector = await answer(runner, "hello [practice: words=80, pace=1]")

    (step,) = collector.steps
    assert step.final
    assert step.text == collector.text_shown
    assert len(step.text.split()) == 80
    assert 1 < len(collector.deltas) < 20
    assert step.usage.input_tokens > 0
    assert step.usage.output_tokens > 0
    assert step.model == "practice"


async def test_twenty_exchanges_arrive_complete_and_in_order(
    runner: AgentRunner, practice: Practice, api: str
) -> None:
    """Trap 2: on Chat Completions the second turn used to fail."""
    history: list[Any] = []
    for number in range(20):
        history.append(HistoryMessage(f"msg_q{number}", "user", f"question {number}"))
        collector = await answer(runner, *history)
        history.append(HistoryMessage(f"msg_a{number}", "assistant", collector.steps[0].text))

    bodies = await practice.requests()
    last = sent_messages(bodies[-1])
    assert len(bodies) == 20
    assert [message["role"] for message in last] == ["user", "assistant"] * 19 + ["user"]
    assert [message["content"] for message in last[::2]] == [f"question {number}" for number in range(20)]
    said = [m["content"] if api == "chat_completions" else m["content"][0]["text"] for m in last[1::2]]
    assert said == [message.text for message in history[1:-1:2]]


async def test_items_never_have_the_sdks_stand_in_id(runner: AgentRunner) -> None:
    """Trap 3: on Chat Completions every reply used to be called the same."""
    first = await answer(runner, "hello")
    second = await answer(runner, "hello")

    ids = [item["id"] for collector in (first, second) for item in collector.steps[0].response["output"]]
    assert len(set(ids)) == 2
    assert all(item_id.startswith("msg_") for item_id in ids)


async def test_an_orphaned_tool_call_in_the_history_is_repaired(
    runner: AgentRunner, practice: Practice
) -> None:
    """Trap 11: the provider used to refuse every later turn."""
    orphan = HistoryToolCall("call_1", "change_seat", {"seat": "14C"}, None)

    collector = await answer(runner, HistoryMessage("msg_1", "user", "seat 14C"), orphan, "hello")

    assert collector.steps
    assert UNKNOWN_OUTCOME in json.dumps((await practice.requests())[0])


async def test_staff_and_stored_calls_are_part_of_what_is_sent(
    runner: AgentRunner, practice: Practice
) -> None:
    call = HistoryToolCall("call_1", "show_my_trip", {}, "LN 418, seat 14A")
    staff = HistoryMessage("msg_2", "staff", "I have kept the seat for you.")

    await answer(runner, HistoryMessage("msg_1", "user", "my trip"), call, staff, "thanks")

    body = json.dumps((await practice.requests())[0])
    assert "LN 418, seat 14A" in body
    assert "human colleague" in body


async def test_a_final_stored_step_needs_no_provider(runner: AgentRunner, practice: Practice) -> None:
    first = await answer(runner, "hello")
    stored = [json.loads(json.dumps(first.steps[0].response))]

    again = await answer(runner, "hello", steps=stored, attempt=2)

    assert len(await practice.requests()) == 1
    assert again.deltas == []
    assert again.steps == []


@pytest.mark.parametrize(
    ("fault", "kind", "retryable"),
    [
        ("401", AssistantFailed, False),
        ("404", AssistantFailed, False),
        ("400", TooLong, False),
        ("quota", AssistantUnavailable, False),
        ("429", AssistantUnavailable, False),
        ("500", AssistantFailed, False),
        ("503", AssistantFailed, False),
        ("close", AssistantUnavailable, False),
        ("html", AssistantFailed, True),
        ("close_mid", AssistantFailed, True),
        ("malformed", AssistantFailed, True),
        ("error_event", AssistantFailed, True),
        ("no_finish", AssistantFailed, True),
        ("empty", AssistantFailed, True),
    ],
)
async def test_each_fault_ends_as_the_contract_says(
    runner: AgentRunner,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    kind: type[AssistantError],
    retryable: bool,
) -> None:
    with caplog.at_level(logging.DEBUG):
        error, collector = await fail(runner, f"hello [practice: fault={fault}, {SOON}]")

    assert type(error) is kind
    assert error.retryable is retryable
    assert collector.steps == []
    assert "saved" in error.detail or "Start a new one" in error.detail
    assert "sk-secret-of-the-test" not in caplog.text + error.detail
    assert "Incorrect API key" not in caplog.text + error.detail


@pytest.mark.parametrize("fault", ["429", "500", "close"])
async def test_the_client_asks_again_before_the_stream(runner: AgentRunner, fault: str) -> None:
    collector = await answer(runner, f"hello [practice: fault={fault}, times=2, {SOON}]")

    assert collector.steps[0].final


@pytest.mark.parametrize("fault", ["quota", "429, retry_after=30", "503, retry_after=30"])
async def test_the_client_does_not_ask_again_in_vain(
    runner: AgentRunner, practice: Practice, fault: str
) -> None:
    await fail(runner, f"hello [practice: fault={fault}]")

    assert len(await practice.requests()) == 1


async def test_retry_after_is_passed_on(runner: AgentRunner) -> None:
    error, _ = await fail(runner, "hello [practice: fault=429, retry_after=0.2]")

    assert error.retry_after == 0.2


async def test_a_provider_where_nobody_listens_is_unavailable(settings: Any, api: str) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    settings.CHAT_PROVIDER, settings.OPENAI_API_KEY, settings.OPENAI_API = "openai", "k", api
    settings.OPENAI_BASE_URL = f"http://127.0.0.1:{port}/v1"
    runner = AgentRunner()

    error, _ = await fail(runner, "hello")

    await runner.close()
    assert type(error) is AssistantUnavailable


@pytest.mark.parametrize(("fault", "retryable"), [("hang", False), ("hang_mid", True)])
async def test_silence_is_a_time_out(runner: AgentRunner, settings: Any, fault: str, retryable: bool) -> None:
    settings.CHAT_TURN_TIMEOUT_SECONDS = 0.6

    error, _ = await fail(runner, f"hello [practice: fault={fault}, after=2]")

    assert type(error) is AssistantTimeout
    assert error.retryable is retryable


async def test_text_that_was_shown_before_a_fault_is_what_came(runner: AgentRunner) -> None:
    _, collector = await fail(runner, "hello [practice: fault=malformed, after=3]")

    assert collector.text_shown.split() == ["Hello,", "and", "welcome"]


async def test_an_answer_at_the_length_limit_is_marked(runner: AgentRunner) -> None:
    collector = await answer(runner, "hello [practice: fault=length]")

    assert collector.steps[0].text.endswith(CUT_SHORT)
    assert collector.text_shown == collector.steps[0].text


@pytest.mark.parametrize("fault", ["refusal", "content_filter"])
async def test_a_refusal_becomes_kind_words(runner: AgentRunner, fault: str) -> None:
    collector = await answer(runner, f"hello [practice: fault={fault}]")

    assert collector.steps[0].text == collector.text_shown == REFUSED


async def test_a_large_answer_arrives_whole(runner: AgentRunner) -> None:
    collector = await answer(runner, "hello [practice: fault=big]")

    assert len(collector.steps[0].text) > 900_000
    assert collector.text_shown == collector.steps[0].text


async def test_a_fence_ends_the_run_as_a_fence(runner: AgentRunner, practice: Practice) -> None:
    class Overtaken(Collector):
        async def step(self, step: Step) -> None:
            raise Fenced

    with pytest.raises(Fenced):
        await runner.respond(ask("hello"), Overtaken())

    assert len(await practice.requests()) == 1


async def test_cancelling_stops_the_stream(runner: AgentRunner) -> None:
    shown = asyncio.Event()

    class Watcher(Collector):
        async def text(self, delta: str) -> None:
            await super().text(delta)
            shown.set()

    collector = Watcher()
    run = asyncio.create_task(runner.respond(ask("hello [practice: words=1000, pace=20]"), collector))
    await shown.wait()

    run.cancel()

    with pytest.raises(asyncio.CancelledError):
        await run
    assert collector.steps == []


async def test_turns_at_the_same_time_do_not_mix(runner: AgentRunner) -> None:
    collectors = await asyncio.gather(*(answer(runner, f"number {n} [practice: pace=1]") for n in range(12)))

    assert all(f"“number {n}”" in collector.steps[0].text for n, collector in enumerate(collectors))
    assert all(collector.text_shown == collector.steps[0].text for collector in collectors)


async def test_without_a_key_the_practice_provider_answers(settings: Any) -> None:
    settings.CHAT_PROVIDER = "practice"
    settings.PRACTICE_WORD_PACE = 0.0
    runner = AgentRunner()

    collector = await answer(runner, "hello")

    await runner.close()
    assert "practice model" in collector.steps[0].text


async def test_gemini_is_asked_by_chat_completions(practice: Practice, settings: Any) -> None:
    settings.CHAT_PROVIDER, settings.GEMINI_API_KEY = "gemini", "k"
    settings.GEMINI_BASE_URL, settings.GEMINI_MODEL = practice.url, "gemini-practice"
    runner = AgentRunner()

    collector = await answer(runner, "hello")

    await runner.close()
    (body,) = await practice.requests()
    assert collector.steps[0].model == body["model"] == "gemini-practice"
    assert "parallel_tool_calls" not in body
    assert body["stream_options"] == {"include_usage": True}


def test_the_limit_of_steps_is_ten() -> None:
    assert MAX_STEPS == 10
