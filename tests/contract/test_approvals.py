"""A turn that waits for a yes, through every door: asked, shown, decided, and told to nobody else."""

from __future__ import annotations

import httpx
import pytest

from tests.contract.client import Json, Person, frames, read_events, words
from tests.contract.problems import check_problem

CANCEL = words("Please cancel my trip")


@pytest.fixture
def asked(maya: Person) -> Json:
    """A turn of maya's that waits for her."""
    answer = maya.send(CANCEL)
    assert (answer.status_code, answer.json()["status"]) == (202, "waiting_approval"), answer.text
    return dict(answer.json())


def path_of(turn: Json, approval: str) -> str:
    return f"/conversations/{turn['conversation_id']}/turns/{turn['turn_id']}/approvals/{approval}"


def approval_of(maya: Person, turn: Json) -> Json:
    (approval,) = maya.turn(turn["conversation_id"], turn["turn_id"])["approvals"]
    return dict(approval)


def test_a_waiting_turn_says_what_it_waits_for(maya: Person, asked: Json) -> None:
    assert asked["response"] is None
    assert asked["tool_calls"] == [{"name": "cancel_trip", "arguments": {}, "status": "waiting"}]
    turn = maya.turn(asked["conversation_id"], asked["turn_id"])
    (approval,) = turn["approvals"]

    assert (turn["status"], turn["finished_at"]) == ("waiting_approval", None)
    assert approval.pop("expires_at")
    assert approval == {
        "id": approval["id"],
        "tool": "cancel_trip",
        "arguments": {},
        "decided_by": "customer",
        "status": "pending",
    }


def test_a_yes_is_taken_once_and_the_turn_goes_on(maya: Person, mallory: Person, asked: Json) -> None:
    path = path_of(asked, approval_of(maya, asked)["id"])
    stranger = mallory.http.post(path, json={"approve": True})
    nonsense = maya.http.post(path, json={"approve": "yes"})

    decided = maya.http.post(path, json={"approve": True, "reason": "Plans changed."})
    again = maya.http.post(path, json={"approve": False})

    assert (stranger.status_code, nonsense.status_code) == (404, 422)
    assert (decided.status_code, again.status_code) == (200, 409)
    assert again.json()["code"] == "conflict"
    done = maya.await_turn(asked)
    assert (done["status"], done["approvals"][0]["status"]) == ("completed", "approved")
    assert "cancelled" in maya.messages(asked["conversation_id"])[-1]["content"]


def test_each_stream_ends_where_the_turn_waits_and_goes_on_from_the_decision(maya: Person) -> None:
    with maya.streamed(CANCEL) as answer:
        events = list(read_events(answer))
        turn = {
            "conversation_id": answer.headers["X-Chat-Conversation"],
            "turn_id": answer.headers["X-Chat-Turn"],
        }
    card = next(event.data["item"] for event in events if event.data.get("item", {}).get("type") == "widget")
    assert events[-1].ends_turn
    assert {"confirm", "cancel"} <= card["widget"].keys()
    where = turn["conversation_id"]

    with maya.socket(f"/ws/conversations/{where}/?after_seq={events[-1].seq}") as socket:
        button = card["widget"]["cancel"]["action"]
        request = {
            "type": "threads.custom_action",
            "params": {
                "thread_id": where,
                "item_id": card["id"],
                "action": {"type": button["type"], "payload": button["payload"]},
            },
        }
        headers = {"Authorization": f"Bearer {maya.access}", "Accept-Language": "de"}
        pressed, again = [
            httpx.post(f"{maya.url}/chatkit", json=request, headers=headers, timeout=20) for _ in range(2)
        ]
        heard = []
        for frame in frames(socket):
            heard.append(frame["event"])
            if frame["event"] == events[-1].data:
                break

    assert pressed.status_code == 200, pressed.text
    detail = check_problem(again, 409, "conflict")["detail"]
    assert detail == "Das wurde schon entschieden, oder die Zeit dafür ist um."
    shown = next(event["item"] for event in heard if event["type"] == "thread.item.replaced")
    assert shown["id"] == card["id"]
    assert not {"confirm", "cancel"} & shown["widget"].keys()
    assert all(f'"{event["type"]}"' in pressed.text for event in heard)
    assert maya.turn(where, turn["turn_id"])["approvals"][0]["status"] == "refused"


def test_the_same_send_again_hears_that_it_waits(maya: Person) -> None:
    first = maya.send(CANCEL, client_message_id="once")
    second = maya.send(CANCEL, client_message_id="once")

    assert [answer.status_code for answer in (first, second)] == [202, 202]
    assert first.json() == second.json()


def test_stop_and_delete_while_waiting(maya: Person, asked: Json) -> None:
    where, approval = asked["conversation_id"], approval_of(maya, asked)

    stopped = maya.cancel(where, asked["turn_id"])
    late = maya.http.post(path_of(asked, approval["id"]), json={"approve": True})

    assert (stopped.json()["status"], late.status_code) == ("cancelled", 409)
    assert stopped.json()["approvals"][0]["status"] == "expired"
    retried = maya.retry(where, asked["turn_id"])
    assert retried.status_code == 200
    with maya.following(where) as events:
        next(event for event in events if event.data.get("item", {}).get("type") == "widget")
    assert maya.http.delete(f"/conversations/{where}").status_code == 204
    assert maya.http.post(path_of(asked, approval["id"]), json={"approve": True}).status_code == 404


def test_a_new_message_is_a_no(maya: Person, asked: Json) -> None:
    answer = maya.ask(words("Hello again"), asked["conversation_id"])

    assert answer["status"] == "completed"
    before = maya.turn(asked["conversation_id"], asked["turn_id"])
    assert (before["status"], before["approvals"][0]["status"]) == ("completed", "refused")
