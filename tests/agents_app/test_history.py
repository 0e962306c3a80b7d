"""The history that a model gets: complete exchanges, in forms that both APIs take."""

from __future__ import annotations

from typing import Any, cast

import pytest

from agents_app.fitting import CUT_OUTPUT, SUMMARY_ASKED, count_tokens, fit
from agents_app.history import FROM_STAFF, UNKNOWN_OUTCOME, make_input
from conversations.responder import HistoryMessage, HistoryToolCall

USER = HistoryMessage("msg_u", "user", "hello")


def made(*history: HistoryMessage | HistoryToolCall, **options: Any) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", make_input(history, **options))


def test_assistant_messages_are_full_output_items() -> None:
    items = made(USER, HistoryMessage("msg_a", "assistant", "Hi!"), USER)

    content = [{"type": "output_text", "text": "Hi!", "annotations": []}]
    known = {"type": "message", "role": "assistant", "status": "completed"}
    assert items[1] == {**known, "id": "msg_a", "content": content}


def test_staff_messages_say_that_a_person_wrote_them() -> None:
    items = made(USER, HistoryMessage("msg_s", "staff", "I am Sam."), USER)

    assert items[1]["role"] == "assistant"
    assert items[1]["content"][0]["text"] == f"{FROM_STAFF}I am Sam."


def test_ids_that_the_responses_api_would_refuse_are_replaced() -> None:
    items = made(USER, HistoryMessage("whatever", "assistant", "Hi!"), USER)

    assert items[1]["id"].startswith("msg_")
    assert items == made(USER, HistoryMessage("whatever", "assistant", "Hi!"), USER)


def test_a_call_with_an_unknown_outcome_gets_an_output_that_says_so() -> None:
    items = made(USER, HistoryToolCall("call_1", "change_seat", {"seat": "14C"}, None), USER)

    assert [item.get("type") for item in items] == [None, "function_call", "function_call_output", None]
    assert items[2] == {"type": "function_call_output", "call_id": "call_1", "output": UNKNOWN_OUTCOME}


def test_a_call_id_that_was_used_before_becomes_another_one() -> None:
    call = HistoryToolCall("call_0", "show_my_trip", {}, "LN 418")

    items = made(USER, call, USER, call, USER)

    ids = [item["call_id"] for item in items if "call_id" in item]
    assert ids == ["call_0", "call_0", "call_0_", "call_0_"]


def test_a_long_history_is_cut_before_a_users_message() -> None:
    call = HistoryToolCall("call_1", "show_my_trip", {}, "x" * 400)
    answer = HistoryMessage("msg_a", "assistant", "y" * 400)

    items = fit(made(USER, call, answer, USER, answer, USER, answer, USER), 400)

    assert [item["role"] for item in items] == ["user", "assistant", "user", "assistant", "user"]


def test_the_message_to_answer_is_kept_however_long() -> None:
    items = fit(
        made(USER, HistoryMessage("msg_a", "assistant", "Hi!"), HistoryMessage("msg_b", "user", "x" * 999)), 9
    )

    assert [item["content"] for item in items] == ["x" * 999]


def test_a_summary_stands_in_front_and_stays_there() -> None:
    answer = HistoryMessage("msg_a", "assistant", "y" * 400)

    items = fit(made(USER, answer, USER, answer, USER, summary="Maya has seat 14A."), 200)

    assert [item["role"] for item in items] == ["user", "assistant", "user"]
    assert items[0]["content"] == SUMMARY_ASKED
    assert items[1]["content"][0]["text"] == "Maya has seat 14A."


@pytest.mark.parametrize("budget", [250, 500, 1000, 2000])
def test_whatever_the_room_each_call_keeps_its_result(budget: int) -> None:
    entries = [
        entry
        for number in range(12)
        for entry in (
            HistoryMessage(f"msg_u{number}", "user", f"question {number}"),
            HistoryToolCall(f"call_{number}", "show_my_trip", {"n": number}, "x" * (number % 4) * 100),
            HistoryToolCall(f"call_b{number}", "show_my_trip", {}, None),
            HistoryMessage(f"msg_a{number}", "assistant", "done"),
        )
    ]

    items = fit(made(*entries, USER), budget)

    assert count_tokens(items) <= budget
    assert items[0]["role"] == "user"
    calls = [item["call_id"] for item in items if item.get("type") == "function_call"]
    assert calls == [item["call_id"] for item in items if item.get("type") == "function_call_output"]


def test_results_of_the_turn_itself_are_shortened_where_nothing_else_can_go() -> None:
    call = HistoryToolCall("call_1", "read_the_rules", {}, "long words " * 2000)

    items = fit(made(USER, call), 600)

    assert count_tokens(items) <= 600
    assert items[2]["output"].startswith("long words")
    assert items[2]["output"].endswith(CUT_OUTPUT)


def test_a_history_may_begin_with_the_assistant() -> None:
    items = fit(made(HistoryMessage("msg_a", "staff", "Welcome!"), USER), 1000)

    assert [item["role"] for item in items] == ["assistant", "user"]
