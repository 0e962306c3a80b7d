"""The same send again gives the same message, turn and answer, and nothing runs twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contract.backoffice import BackOffice
from tests.contract.client import Person, read_events, unique, words
from tests.contract.problems import check_problem, same_words


@pytest.fixture(params=["client_message_id", "header_Idempotency_Key"])
def key(request: pytest.FixtureRequest) -> dict[str, str]:
    """A key, in each of the places where it may stand."""
    return {request.param: unique("key")}


def test_a_send_again_gives_the_same_answer(maya: Person, key: dict[str, str]) -> None:
    first = maya.ask(words("Hello", text="Hi"), **key)
    again = maya.ask(words("Hello", text="Hi"), **key)

    assert again == first
    assert len(maya.messages(first["conversation_id"])) == 2
    assert len(maya.http.get("/conversations").json()["data"]) == 1


def test_a_send_again_that_names_its_conversation_is_the_same(maya: Person, key: dict[str, str]) -> None:
    first = maya.ask(words("Hello", text="Hi"), **key)

    assert maya.ask(words("Hello", text="Hi"), first["conversation_id"], **key) == first


def test_both_places_mean_the_same_key(maya: Person) -> None:
    name = unique("key")
    first = maya.ask(words("Hello", text="Hi"), client_message_id=name)

    assert maya.ask(words("Hello", text="Hi"), header_Idempotency_Key=name) == first


def test_ten_at_once_are_one(maya: Person, key: dict[str, str]) -> None:
    with ThreadPoolExecutor(10) as threads:
        sends = [threads.submit(maya.ask, words("Please add a checked bag"), **key) for _ in range(10)]
        answers = [send.result() for send in sends]

    assert all(answer == answers[0] for answer in answers)
    assert [call["name"] for call in answers[0]["tool_calls"]] == ["add_checked_bag"]
    assert len(maya.messages(answers[0]["conversation_id"])) == 2
    assert len(maya.http.get("/conversations").json()["data"]) == 1


def test_ten_at_once_in_one_conversation_are_one(maya: Person, key: dict[str, str]) -> None:
    conversation = maya.ask(words("Hello", text="Hi"))["conversation_id"]
    with ThreadPoolExecutor(10) as threads:
        sends = [threads.submit(maya.ask, words("And?", text="Well"), conversation, **key) for _ in range(10)]
        answers = [send.result() for send in sends]

    assert all(answer == answers[0] for answer in answers)
    assert len(maya.messages(conversation)) == 4


def test_a_send_again_while_the_first_is_answered_waits_for_the_same_answer(
    maya: Person, key: dict[str, str]
) -> None:
    turn = maya.start(words("Hello", text="Hi", slow=0.5), **key)

    assert maya.start(words("Hello", text="Hi", slow=0.5), **key)["turn_id"] == turn["turn_id"]
    assert maya.ask(words("Hello", text="Hi", slow=0.5), **key)["turn_id"] == turn["turn_id"]


def test_a_streamed_send_again_streams_the_same_events(maya: Person) -> None:
    name, streams = unique("key"), []
    for _ in range(2):
        with maya.streamed(words("Hello", text="Hi there"), client_message_id=name) as answer:
            streams.append(list(read_events(answer)))

    assert streams[0] == streams[1]
    assert streams[0][-1].ends_turn


def test_a_streamed_send_again_of_what_the_log_has_lost_is_gone(maya: Person, office: BackOffice) -> None:
    name = unique("key")
    first = maya.ask(words("Hello", text="Hi"), client_message_id=name)
    office("models.Event.objects.filter(conversation_id=id).delete()[0]", id=first["conversation_id"])

    with maya.streamed(words("Hello", text="Hi"), client_message_id=name) as answer:
        answer.read()

    check_problem(answer, 410, "gone")
    assert maya.ask(words("Hello", text="Hi"), client_message_id=name) == first


def test_a_failure_is_replayed_until_it_is_retried(maya: Person, key: dict[str, str]) -> None:
    text = words(unique("Hello"), fault="401", times=1, text="Better now")
    failed = maya.send(text, **key)
    again = maya.send(text, **key)

    check_problem(failed, 502, "assistant_failed")
    assert same_words(again) == same_words(failed)
    conversation, turn = again.headers["X-Chat-Conversation"], again.headers["X-Chat-Turn"]
    assert turn == failed.headers["X-Chat-Turn"]
    assert len(maya.messages(conversation)) == 1

    assert maya.retry(conversation, turn).status_code == 200
    assert maya.ask(text, **key)["response"] == "Better now"


def test_a_key_with_another_message_is_a_conflict(maya: Person, key: dict[str, str]) -> None:
    first = maya.ask(words("Hello", text="Hi"), **key)

    check_problem(maya.send(words("Goodbye", text="Bye"), **key), 409, "conflict")
    check_problem(maya.send(words("Goodbye", text="Bye"), first["conversation_id"], **key), 409, "conflict")
    assert len(maya.messages(first["conversation_id"])) == 2


def test_a_key_with_another_conversation_is_a_conflict(maya: Person, key: dict[str, str]) -> None:
    one = maya.ask(words("Hello", text="Hi"))["conversation_id"]
    other = maya.ask(words("Hello", text="Hi"))["conversation_id"]
    maya.ask(words("And?", text="Well"), one, **key)

    check_problem(maya.send(words("And?", text="Well"), other, **key), 409, "conflict")
    check_problem(maya.send(words("And?", text="Well"), **key), 409, "conflict")
    assert len(maya.messages(other)) == 2


def test_a_key_is_ones_own(maya: Person, mallory: Person, key: dict[str, str]) -> None:
    first = maya.ask(words("Hello", text="Hi"), **key)

    assert mallory.ask(words("Hello", text="Hi"), **key)["turn_id"] != first["turn_id"]


def test_a_send_again_to_what_was_closed_since_gives_its_answer(
    maya: Person, office: BackOffice, key: dict[str, str]
) -> None:
    first = maya.ask(words("Hello", text="Hi"), **key)
    office(
        "services.set_status(staff=None, conversation_id=id, status='closed').status",
        id=first["conversation_id"],
    )

    assert maya.ask(words("Hello", text="Hi"), first["conversation_id"], **key) == first


def test_sends_without_a_key_are_not_the_same(maya: Person) -> None:
    first, second = (maya.ask(words("Hello", text="Hi")) for _ in range(2))

    assert first["turn_id"] != second["turn_id"]
