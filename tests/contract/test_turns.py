"""A turn: where it stands, stopping it, trying again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.backoffice import SET_STATUS, BackOffice
from tests.contract.client import Person, take_until, unique, words
from tests.contract.problems import check_problem
from tests.contract.test_chat import TIME


def begun(person: Person, **behaviour: Any) -> dict[str, Any]:
    """Start a turn that goes on for long, and return when it has said something."""
    turn = person.start(words(unique("Tell me a story"), **{"words": 2000, "pace": 20, **behaviour}))
    person.await_text(turn)
    return turn


class TestATurn:
    def test_has_exactly_these_fields(self, maya: Person) -> None:
        answer = maya.ask(words("Hello", text="Hi"))

        turn = maya.turn(answer["conversation_id"], answer["turn_id"])

        times = [turn.pop(name) for name in ("queued_at", "started_at", "first_token_at", "finished_at")]
        assert all(TIME.fullmatch(time) for time in times)
        assert times == sorted(times)
        assert turn == {
            "id": answer["turn_id"],
            "status": "completed",
            "error": None,
            "usage": answer["usage"],
            "approvals": [],
        }

    def test_that_runs_has_no_end_yet(self, maya: Person) -> None:
        answer = begun(maya)

        turn = maya.turn(answer["conversation_id"], answer["turn_id"])

        assert turn["status"] == "running"
        assert turn["started_at"]
        assert turn["finished_at"] is None
        maya.cancel(answer["conversation_id"], answer["turn_id"])

    def test_that_waits_has_not_started(self, maya: Person) -> None:
        running = begun(maya)
        waiting = maya.start("And then?", running["conversation_id"])

        turn = maya.turn(running["conversation_id"], waiting["turn_id"])

        assert turn["status"] == "queued"
        assert [turn[name] for name in ("started_at", "first_token_at", "finished_at")] == [None] * 3
        for each in (waiting, running):
            maya.cancel(running["conversation_id"], each["turn_id"])


class TestCancelling:
    def test_keeps_the_text_so_far(self, maya: Person) -> None:
        turn = begun(maya)

        cancelled = maya.cancel(turn["conversation_id"], turn["turn_id"])

        assert cancelled.status_code == 200
        assert cancelled.json()["status"] == "cancelled"
        assert cancelled.json()["finished_at"]
        assert cancelled.json()["error"] is None
        [_, partial] = maya.messages(turn["conversation_id"])
        assert partial["role"] == "assistant"
        assert partial["content"]
        with maya.following(turn["conversation_id"], 0) as events:
            shown = "".join(event.delta for event in take_until(events, lambda event: event.ends_turn))
        assert partial["content"] == shown

    def test_is_idempotent(self, maya: Person) -> None:
        turn = begun(maya)
        first = maya.cancel(turn["conversation_id"], turn["turn_id"])

        again = maya.cancel(turn["conversation_id"], turn["turn_id"])

        assert again.json() == first.json()
        assert again.status_code == 200

    def test_leaves_what_has_ended(self, maya: Person) -> None:
        answer = maya.ask(words("Hello", text="Hi"))

        cancelled = maya.cancel(answer["conversation_id"], answer["turn_id"])

        assert cancelled.json()["status"] == "completed"
        assert len(maya.messages(answer["conversation_id"])) == 2

    def test_what_waits_does_not_stop_what_runs(self, maya: Person) -> None:
        running = maya.start(words(unique("Story"), words=60, pace=20))
        maya.await_text(running)
        waiting = maya.start(words("And then?", slow=30), running["conversation_id"])

        cancelled = maya.cancel(running["conversation_id"], waiting["turn_id"])

        assert cancelled.json()["status"] == "cancelled"
        assert maya.await_turn(running)["status"] == "completed"
        assert len(maya.messages(running["conversation_id"])) == 3

    def test_what_runs_lets_what_waits_go_on(self, maya: Person) -> None:
        running = begun(maya)
        waiting = maya.start(words("And then?", text="The end"), running["conversation_id"])

        maya.cancel(running["conversation_id"], running["turn_id"])

        assert maya.await_turn(waiting)["status"] == "completed"
        assert maya.messages(running["conversation_id"], order="desc", limit=1)[0]["content"] == "The end"

    def test_what_has_not_said_anything_leaves_no_reply(self, maya: Person) -> None:
        turn = maya.start(words("Think long", slow=30))

        maya.cancel(turn["conversation_id"], turn["turn_id"])

        assert [message["role"] for message in maya.messages(turn["conversation_id"])] == ["user"]


class TestRetrying:
    def test_answers_what_failed(self, maya: Person) -> None:
        failed = maya.send(words(unique("Hello"), fault="401", times=1, text="Better now"))
        conversation, turn = failed.headers["X-Chat-Conversation"], failed.headers["X-Chat-Turn"]

        retried = maya.retry(conversation, turn)

        assert retried.status_code == 200
        assert retried.json()["id"] == turn
        assert retried.json()["status"] in ("queued", "running", "completed")
        now = maya.await_turn({"conversation_id": conversation, "turn_id": turn})
        assert (now["status"], now["error"]) == ("completed", None)
        assert [message["content"] for message in maya.messages(conversation)][1:] == ["Better now"]

    def test_answers_what_was_cancelled_and_drops_its_text(self, maya: Person) -> None:
        turn = begun(maya)
        maya.cancel(turn["conversation_id"], turn["turn_id"])
        [_, partial] = maya.messages(turn["conversation_id"])
        seq = maya.snapshot_seq(turn["conversation_id"])

        retried = maya.retry(turn["conversation_id"], turn["turn_id"])

        assert retried.json()["finished_at"] is None
        assert partial["id"] not in [message["id"] for message in maya.messages(turn["conversation_id"])]
        with maya.following(turn["conversation_id"], seq) as events:
            [removed] = take_until(events, lambda event: event.kind == "thread.item.removed")
        assert removed.data["item_id"] == partial["id"]
        maya.cancel(turn["conversation_id"], turn["turn_id"])

    def test_keeps_the_tool_steps_that_were_done(self, maya: Person, mallory: Person) -> None:
        with_one_bag_more = mallory.ask(words("Please add a checked bag"))["response"]
        failed = maya.send(words(unique("Please add a checked bag"), fault="401", step=2, times=2))
        check_problem(failed, 502, "assistant_failed")
        turn = {
            "conversation_id": failed.headers["X-Chat-Conversation"],
            "turn_id": failed.headers["X-Chat-Turn"],
        }

        maya.retry(turn["conversation_id"], turn["turn_id"])

        assert maya.await_turn(turn)["status"] == "completed"
        assert maya.messages(turn["conversation_id"])[-1]["content"] == with_one_bag_more

    def test_what_was_answered_waits_or_runs_is_a_conflict(self, maya: Person) -> None:
        answered = maya.ask(words("Hello", text="Hi"))
        running = begun(maya)
        waiting = maya.start("And then?", running["conversation_id"])

        for turn in (answered, running, waiting):
            check_problem(maya.retry(turn["conversation_id"], turn["turn_id"]), 409, "conflict")
        for turn in (waiting, running):
            maya.cancel(turn["conversation_id"], turn["turn_id"])

    def test_what_is_not_the_last_is_a_conflict(self, maya: Person) -> None:
        failed = maya.send(words(unique("Hello"), fault="401"))
        conversation = failed.headers["X-Chat-Conversation"]
        maya.ask(words("Hello?", text="Yes"), conversation)

        check_problem(maya.retry(conversation, failed.headers["X-Chat-Turn"]), 409, "conflict")

    def test_twice_at_once_is_once(self, maya: Person) -> None:
        failed = maya.send(words(unique("Hello"), fault="401", times=1, slow=0.5))
        where = failed.headers["X-Chat-Conversation"], failed.headers["X-Chat-Turn"]

        assert maya.retry(*where).status_code == 200
        check_problem(maya.retry(*where), 409, "conflict")

    @pytest.mark.parametrize("status", ["closed", "locked"])
    def test_in_a_closed_conversation_is_refused(self, maya: Person, office: BackOffice, status: str) -> None:
        failed = maya.send(words(unique("Hello"), fault="401"))
        office(SET_STATUS, id=failed.headers["X-Chat-Conversation"], status=status)

        answer = maya.retry(failed.headers["X-Chat-Conversation"], failed.headers["X-Chat-Turn"])

        check_problem(answer, 409, "conversation_closed")
