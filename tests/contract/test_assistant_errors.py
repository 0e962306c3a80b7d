"""What the provider does wrong, and what the customer hears of it."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.contract.client import Person, unique, words
from tests.contract.problems import check_problem
from tests.fixtures.site import Site, free_port

CODES = {502: "assistant_failed", 503: "assistant_unavailable", 504: "assistant_timeout"}


def check_failed(person: Person, answer: httpx.Response, status: int) -> dict[str, str]:
    """Compare a failure with its turn: the message is kept, and the turn says the same. Return the turn."""
    problem = check_problem(answer, status, CODES[status])
    turn = {
        "conversation_id": answer.headers["X-Chat-Conversation"],
        "turn_id": answer.headers["X-Chat-Turn"],
    }
    stored = person.turn(turn["conversation_id"], turn["turn_id"])
    assert stored["status"] == "failed"
    assert stored["error"] == {"code": problem["code"], "detail": problem["detail"]}
    assert stored["finished_at"]
    assert person.messages(turn["conversation_id"])[0]["role"] == "user"
    return turn


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("400", 502),
        ("401", 502),
        ("404", 502),
        ("500", 502),
        ("html", 502),
        ("malformed", 502),
        ("no_finish", 502),
        ("error_event", 502),
        ("close_mid", 502),
        ("empty", 502),
        ("loop", 502),
        ("429", 503),
        ("quota", 503),
        ("503", 502),
        ("close", 503),
    ],
)
def test_a_fault_of_the_provider_has_its_status_and_keeps_the_message(
    maya: Person, fault: str, status: int
) -> None:
    answer = maya.send(words(unique("Hello"), fault=fault))

    check_failed(maya, answer, status)
    assert "Retry-After" not in answer.headers


def test_a_page_hears_of_a_failure_in_its_language_and_a_program_in_english(maya: Person) -> None:
    answer = maya.send(words(unique("Hello"), fault="401"), header_Accept_Language="de")

    turn = check_failed(maya, answer, 502)
    assert answer.json()["detail"].startswith("The assistant isn’t set up correctly")
    with maya.following(turn["conversation_id"], 0) as events:
        told = next(event.data for event in events if event.kind == "error")
    assert told["message"].startswith("Der Assistent ist nicht richtig eingerichtet")


@pytest.mark.parametrize("fault", ["401", "404"])
def test_a_retry_may_succeed(maya: Person, fault: str) -> None:
    failed = maya.send(words(unique("Hello"), fault=fault, times=1, text="Better now"))
    turn = check_failed(maya, failed, 502)

    assert maya.retry(turn["conversation_id"], turn["turn_id"]).status_code == 200

    assert maya.await_turn(turn)["status"] == "completed"
    assert maya.messages(turn["conversation_id"])[1]["content"] == "Better now"


def test_the_next_message_is_answered_whatever_came_before(maya: Person) -> None:
    failed = maya.send(words(unique("Hello"), fault="401"))

    answer = maya.ask(words("Still there?", text="Yes"), failed.headers["X-Chat-Conversation"])

    assert (answer["response"], answer["sequence"]) == ("Yes", 2)


def test_a_provider_over_its_limits_says_when_to_come_back(maya: Person) -> None:
    answer = maya.send(words(unique("Hello"), fault="429", retry_after=1))

    check_failed(maya, answer, 503)
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize("fault", ["500", "429", "close", "html", "malformed", "empty", "error_event"])
def test_a_fault_that_passes_is_not_noticed(maya: Person, fault: str) -> None:
    text = words(unique("Hello"), fault=fault, times=1, after=0, text="All is well")

    answer = maya.ask(text)

    assert answer["response"] == "All is well"
    assert len(maya.messages(answer["conversation_id"])) == 2


@pytest.mark.parametrize("fault", ["close_mid", "error_event", "malformed"])
def test_text_that_was_shown_before_a_fault_stays(maya: Person, fault: str) -> None:
    answer = maya.send(words(unique("Hello"), fault=fault, after=5, words=50))

    turn = check_failed(maya, answer, 502)
    _, partial = maya.messages(turn["conversation_id"])
    assert 3 <= len(partial["content"].split()) <= 6


@pytest.mark.parametrize("fault", ["length", "refusal", "content_filter", "unknown_tool", "broken_arguments"])
def test_an_odd_answer_is_an_answer(maya: Person, fault: str) -> None:
    text = words(unique("Hello"), fault=fault, times=1)

    assert maya.ask(text)["response"]


def test_a_provider_that_is_too_slow(
    make_site: Callable[..., Site], new_person: Callable[..., Person]
) -> None:
    site = make_site(CHAT_TURN_TIMEOUT_SECONDS="2", CHAT_WAIT_SECONDS="1").start()
    maya = new_person(site.url)
    for fault in ("hang", "hang_mid"):
        text = words(unique("Hello"), fault=fault, after=5, words=50)
        waiting = maya.send(text, client_message_id=text)

        assert waiting.status_code == 202
        assert waiting.json()["status"] == "running"
        assert waiting.json()["response"] is None
        assert maya.await_turn(waiting.json())["status"] == "failed"
        check_failed(maya, maya.send(text, client_message_id=text), 504)


def test_a_provider_that_is_not_there(
    make_site: Callable[..., Site], new_person: Callable[..., Person]
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/v1"
    site = make_site(OPENAI_API_KEY="secret-key", OPENAI_BASE_URL=nobody, CHAT_PROVIDER="openai").start()
    maya = new_person(site.url)

    answer = maya.send("Hello")

    check_failed(maya, answer, 503)
    assert "secret-key" not in answer.text + site.log
