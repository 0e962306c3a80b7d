"""POST /chat: one message, one answer."""

from __future__ import annotations

import json
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from tests.contract.backoffice import HAND_BACK, TAKE_OVER, BackOffice
from tests.contract.client import Person, read_events, unique, words
from tests.contract.problems import check_problem

ID = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class TestAnAnswer:
    def test_has_exactly_these_fields(self, maya: Person) -> None:
        answer = maya.ask(words("Hello", text="Hi there"))

        assert answer == {
            "conversation_id": answer["conversation_id"],
            "response": "Hi there",
            "message_id": answer["message_id"],
            "timestamp": answer["timestamp"],
            "turn_id": answer["turn_id"],
            "status": "completed",
            "sequence": 1,
            "tool_calls": [],
            "usage": answer["usage"],
        }
        assert re.fullmatch(f"conv_{ID}", answer["conversation_id"])
        assert re.fullmatch(f"msg_{ID}", answer["message_id"])
        assert re.fullmatch(f"turn_{ID}", answer["turn_id"])
        assert TIME.fullmatch(answer["timestamp"])
        assert datetime.now(UTC) - datetime.fromisoformat(answer["timestamp"]) < timedelta(minutes=1)
        assert set(answer["usage"]) == {"input_tokens", "output_tokens"}
        assert all(count > 0 for count in answer["usage"].values())

    def test_is_the_message_that_the_conversation_holds(self, maya: Person) -> None:
        answer = maya.ask(words("Hello", text="Hi there"))

        question, reply = maya.messages(answer["conversation_id"])
        assert question["content"].startswith("Hello")
        assert (question["role"], question["sequence"]) == ("user", 0)
        assert reply == {
            "id": answer["message_id"],
            "role": "assistant",
            "content": "Hi there",
            "sequence": 1,
            "timestamp": answer["timestamp"],
            "turn_id": answer["turn_id"],
        }

    def test_goes_on_with_a_conversation(self, maya: Person) -> None:
        first = maya.ask(words("Hello", text="One"))
        second = maya.ask(words("And now?", text="Two"), first["conversation_id"])

        assert second["conversation_id"] == first["conversation_id"]
        assert second["turn_id"] != first["turn_id"]
        assert second["sequence"] == 3
        assert len(maya.http.get("/conversations").json()["data"]) == 1

    def test_comes_to_text_in_any_script(self, maya: Person) -> None:
        text = "Grüß Gott 你好 👩‍✈️ 𝒜 \u2028 \\ \" ' <b> %s {x}"

        answer = maya.ask(text)

        assert maya.messages(answer["conversation_id"])[0]["content"] == text
        assert "👩‍✈️" in answer["response"]

    def test_comes_to_the_longest_message(self, maya: Person) -> None:
        text = "😀" * (32_000 - 40) + " [practice: text=Read it]"

        assert maya.ask(text)["response"] == "Read it"

    def test_comes_with_the_clients_own_time(self, maya: Person, office: BackOffice) -> None:
        answer = maya.ask(words("Hello", text="Hi"), timestamp="2001-02-03T04:05:06+02:00")

        message = maya.messages(answer["conversation_id"])[0]
        stored = office("str(models.Item.objects.get(item_id=id).client_timestamp)", id=message["id"])
        assert stored == "2001-02-03 02:05:06+00:00"
        assert message["timestamp"] > "2026"

    def test_names_the_tools_that_were_called(self, maya: Person) -> None:
        answer = maya.ask(words("Please show my trip"))

        assert answer["tool_calls"] == [{"name": "show_my_trip", "arguments": {}, "status": "completed"}]
        assert answer["response"]

    def test_has_all_text_of_a_turn_and_its_last_message(self, maya: Person) -> None:
        answer = maya.ask(words("Please show my trip", preface="true"))

        question, before, after = maya.messages(answer["conversation_id"])
        assert before["content"] == "Let me take care of that."
        assert answer["response"].startswith(before["content"])
        assert answer["response"].endswith(after["content"])
        assert (answer["message_id"], answer["sequence"]) == (after["id"], 2)
        assert {question["turn_id"], before["turn_id"], after["turn_id"]} == {answer["turn_id"]}


class TestWithoutWaiting:
    def test_says_where_the_answer_will_be(self, maya: Person) -> None:
        answer = maya.start(words("Hello", text="Hi", slow=1))

        assert answer["status"] in ("queued", "running")
        assert [answer[name] for name in ("response", "message_id", "timestamp", "sequence")] == [None] * 4
        assert answer["tool_calls"] == []
        assert answer["usage"] == {"input_tokens": 0, "output_tokens": 0}
        assert maya.await_turn(answer)["status"] == "completed"
        assert maya.messages(answer["conversation_id"])[1]["content"] == "Hi"

    @pytest.mark.parametrize("prefer", ["respond-async", "Respond-Async, wait=10", "wait=1, respond-async"])
    def test_however_that_is_written(self, maya: Person, prefer: str) -> None:
        assert maya.send(words("Hello", text="Hi", slow=1), header_Prefer=prefer).status_code == 202

    @pytest.mark.parametrize("prefer", ["", "return=minimal", "handling=lenient"])
    def test_unless_something_else_is_preferred(self, maya: Person, prefer: str) -> None:
        assert maya.send(words("Hello", text="Hi"), header_Prefer=prefer).status_code == 200

    def test_a_client_that_goes_away_stops_nothing(self, maya: Person) -> None:
        body = json.dumps({"message": words("Hello", text="Still here", slow=1)})
        head = (
            f"POST /api/{maya.user_id}/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {maya.access}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(("localhost", urlsplit(maya.url).port), timeout=20) as client:
            client.sendall((head + body).encode())
            turn = _once_sent(maya)

        assert maya.await_turn(turn)["status"] == "completed"
        assert maya.messages(turn["conversation_id"])[1]["content"] == "Still here"

    def test_a_stream_that_is_left_stops_nothing(self, maya: Person) -> None:
        with maya.streamed(words("Hello", words=60, pace=20)) as answer:
            assert any(event.delta for event in read_events(answer))
            turn = {
                "conversation_id": answer.headers["X-Chat-Conversation"],
                "turn_id": answer.headers["X-Chat-Turn"],
            }

        assert maya.await_turn(turn)["status"] == "completed"


class TestASlowReply:
    def test_that_is_cancelled_while_one_waits_has_the_text_so_far(self, maya: Person) -> None:
        text = unique("Tell me a long story")
        with ThreadPoolExecutor() as threads:
            waiting = threads.submit(maya.send, words(text, words=1000, pace=20), client_message_id=text)
            turn = _once_sent(maya)
            maya.await_text(turn)
            cancelled = maya.cancel(turn["conversation_id"], turn["turn_id"])
            answer = waiting.result()

        assert cancelled.json()["status"] == "cancelled"
        assert answer.status_code == 200
        assert answer.json()["status"] == "cancelled"
        [_, partial] = maya.messages(turn["conversation_id"])
        assert 0 < len(partial["content"]) < 4000
        assert answer.json()["response"] == partial["content"]
        assert answer.json()["message_id"] == partial["id"]
        assert answer.json()["sequence"] == 1

    def test_that_is_cancelled_before_it_says_anything_is_empty(self, maya: Person) -> None:
        text = unique("Think long")
        with ThreadPoolExecutor() as threads:
            waiting = threads.submit(maya.send, words(text, slow=30))
            turn = _once_sent(maya)
            maya.cancel(turn["conversation_id"], turn["turn_id"])
            answer = waiting.result()

        assert answer.status_code == 200
        assert answer.json()["status"] == "cancelled"
        assert answer.json()["response"] == ""
        assert [answer.json()[name] for name in ("message_id", "timestamp", "sequence")] == [None] * 3

    def test_of_a_conversation_that_is_deleted_is_not_found(self, maya: Person) -> None:
        with ThreadPoolExecutor() as threads:
            waiting = threads.submit(maya.send, words(unique("Think long"), slow=30))
            turn = _once_sent(maya)
            maya.http.delete(f"/conversations/{turn['conversation_id']}")

            check_problem(waiting.result(), 404, "not_found")


class TestSeveralAtOnce:
    def test_are_answered_in_the_order_of_their_sequence(self, maya: Person) -> None:
        conversation = maya.ask(words("Hello", text="Hi"))["conversation_id"]
        sends = [words(f"Number {number}", text=f"Answer {number}") for number in range(5)]

        with ThreadPoolExecutor(5) as threads:
            answers = list(threads.map(lambda text: maya.ask(text, conversation), sends))

        assert [answer["response"] for answer in answers] == [f"Answer {number}" for number in range(5)]
        messages = maya.messages(conversation)
        assert [message["sequence"] for message in messages] == list(range(12))
        asked = [message["turn_id"] for message in messages if message["role"] == "user"]
        answered = [message["turn_id"] for message in messages if message["role"] == "assistant"]
        assert asked == answered

    def test_to_different_conversations_do_not_wait_for_each_other(self, maya: Person) -> None:
        slow = maya.start(words("Think long", slow=30))

        assert maya.ask(words("Hello", text="Hi"))["response"] == "Hi"
        maya.cancel(slow["conversation_id"], slow["turn_id"])


class TestWithStaff:
    def test_a_message_waits_for_a_person(self, maya: Person, office: BackOffice) -> None:
        conversation = maya.ask(words("Hello", text="Hi"))["conversation_id"]
        office(TAKE_OVER, id=conversation)

        answer = maya.send(words("I want a person", text="No"), conversation)

        assert answer.status_code == 202
        assert answer.json()["status"] == "with_staff"
        assert answer.json()["response"] is None
        assert maya.turn(conversation, answer.json()["turn_id"])["status"] == "with_staff"
        assert [message["role"] for message in maya.messages(conversation)] == ["user", "assistant", "user"]
        assert maya.conversation(conversation)["handled_by"] == "staff"

    def test_a_stream_ends_at_once(self, maya: Person, office: BackOffice) -> None:
        conversation = maya.ask(words("Hello", text="Hi"))["conversation_id"]
        office(TAKE_OVER, id=conversation)

        with maya.streamed("I want a person", conversation) as answer:
            events = list(read_events(answer))

        assert [event.kind for event in events] == ["thread.item.done", "stream_options"]
        assert events[-1].ends_turn

    def test_handing_back_answers_when_the_customer_writes_again(
        self, maya: Person, office: BackOffice
    ) -> None:
        conversation = maya.ask(words("Hello", text="Hi"))["conversation_id"]
        office(TAKE_OVER, id=conversation)
        left = maya.send(words("I want a person", text="No"), conversation).json()
        office(HAND_BACK, id=conversation)

        answer = maya.ask(words("Never mind", text="I am back"), conversation)

        assert answer["response"] == "I am back"
        assert maya.turn(conversation, left["turn_id"])["status"] == "with_staff"
        roles = [message["role"] for message in maya.messages(conversation)]
        assert roles == ["user", "assistant", "user", "user", "assistant"]


class TestAStream:
    @pytest.mark.parametrize("how", ["body", "header"])
    def test_has_the_turns_events_from_its_start_to_its_end(self, maya: Person, how: str) -> None:
        body = {"message": words("Hello", text="Hi there you"), **({"stream": True} if how == "body" else {})}
        headers = {"Accept": "text/event-stream"} if how == "header" else {}
        with maya.http.stream("POST", "/chat", json=body, headers=headers) as answer:
            events = list(read_events(answer))

        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        conversation = answer.headers["X-Chat-Conversation"]
        assert events[0].data["thread"]["id"] == conversation
        assert maya.turn(conversation, answer.headers["X-Chat-Turn"])["status"] == "completed"
        assert [event.kind for event in events[:4]] == [
            "thread.created",
            "thread.item.done",
            "stream_options",
            "thread.item.added",
        ]
        assert "".join(event.delta for event in events) == "Hi there you"
        assert events[-2].data["item"]["content"][0]["text"] == "Hi there you"
        assert events[-1].ends_turn
        assert [event.seq for event in events] == list(range(1, len(events) + 1))

    @pytest.mark.parametrize(
        ("accept", "comes"),
        [
            ("TEXT/EVENT-STREAM", "text/event-stream"),
            ("application/json, text/event-stream", "text/event-stream"),
            ("application/json, text/event-stream;q=0.5", "application/json; charset=utf-8"),
            ("text/event-stream;q=0, */*", "application/json; charset=utf-8"),
        ],
    )
    def test_comes_to_whom_it_is_welcome(self, maya: Person, accept: str, comes: str) -> None:
        body = {"message": words("Hello", text="Hi"), "client_message_id": unique("accept")}

        answer = maya.http.post("/chat", json=body, headers={"Accept": accept})

        assert (answer.status_code, answer.headers["Content-Type"]) == (200, comes)

    def test_has_one_line_for_each_event_however_lines_are_told(self, maya: Person) -> None:
        message = words("One\u2028two\u2029three\x85four", text="Hi")

        answer = maya.http.post("/chat", json={"message": message, "stream": True})

        lines = [line for line in answer.text.splitlines() if line.startswith("data: ")]
        said = [json.loads(line.removeprefix("data: ")) for line in lines]
        assert said[1]["item"]["content"][0]["text"] == message
        assert said[-2]["item"]["content"][0]["text"] == "Hi"
        assert not [line for line in answer.text.splitlines() if line[:3] not in ("", ": k", "id:", "dat")]

    def test_shows_only_its_own_turn(self, maya: Person) -> None:
        first = maya.start(words("First", words=20, pace=20))

        with maya.streamed(words("Second", text="Mine"), first["conversation_id"]) as answer:
            events = list(read_events(answer))

        assert "".join(event.delta for event in events) == "Mine"
        assert maya.turn(first["conversation_id"], first["turn_id"])["status"] == "completed"

    def test_ends_with_the_error_of_a_turn_that_fails(self, maya: Person) -> None:
        with maya.streamed(words(unique("Hello"), fault="401")) as answer:
            events = list(read_events(answer))

        assert answer.status_code == 200
        assert [event.kind for event in events][-2:] == ["error", "stream_options"]
        assert events[-2].data["allow_retry"] is True
        assert "Your message is saved" in events[-2].data["message"]

    def test_ends_when_its_turn_is_cancelled(self, maya: Person) -> None:
        with maya.streamed(words("Hello", words=1000, pace=20)) as answer:
            events = read_events(answer)
            next(event for event in events if event.delta)
            maya.cancel(answer.headers["X-Chat-Conversation"], answer.headers["X-Chat-Turn"])
            rest = list(events)

        assert rest[-1].ends_turn

    def test_is_refused_with_a_status(self, maya: Person) -> None:
        for body in ({"message": ""}, {"message": "Hi", "conversation_id": "conv_unknown"}):
            answer = maya.http.post("/chat", json={"stream": True, **body})
            assert answer.status_code in (404, 422)
            assert answer.headers["Content-Type"] == "application/problem+json"


def _once_sent(person: Person) -> dict[str, str]:
    """Return the turn of the message that a thread is sending to a new conversation just now."""
    with person.socket("/ws/me/") as feed:
        found = person.http.get("/conversations").json()["data"]
        if not found:
            feed.recv(timeout=20)
            found = person.http.get("/conversations").json()["data"]
    [message] = [each for each in person.messages(found[0]["id"]) if each["role"] == "user"]
    return {"conversation_id": found[0]["id"], "turn_id": message["turn_id"]}
