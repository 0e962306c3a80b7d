"""A user's conversations and what was said in them."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.contract.client import Person, close_code, take_until, unique, words
from tests.contract.problems import check_problem
from tests.contract.test_chat import ID, TIME


def talk(person: Person, *questions: str) -> list[str]:
    """Ask each question in a conversation of its own; return their ids."""
    return [person.ask(words(question, text="Hi"))["conversation_id"] for question in questions]


class TestOne:
    def test_has_exactly_these_fields(self, maya: Person) -> None:
        [id] = talk(maya, "Which seat do I have?")

        conversation = maya.conversation(id)

        for name in ("created_at", "updated_at"):
            assert TIME.fullmatch(conversation.pop(name))
        assert re.fullmatch("Which seat do I have?.*", conversation.pop("title"))
        assert conversation == {
            "id": id,
            "status": "open",
            "handled_by": "assistant",
            "last_message": "Hi",
        }
        assert re.fullmatch(f"conv_{ID}", id)

    def test_stands_for_a_seq(self, maya: Person) -> None:
        [id] = talk(maya, "Hello")
        with maya.following(id, 0) as events:
            last = [event.seq for event in take_until(events, lambda event: event.ends_turn)][-1]

        assert maya.snapshot_seq(id) == last

    def test_that_is_answered_just_now_stands_for_the_seq_before_its_turn(self, maya: Person) -> None:
        [id] = talk(maya, "Hello")
        before = maya.snapshot_seq(id)
        turn = maya.start(words("Story", words=2000, pace=20), id)
        maya.await_text(turn)
        maya.start("And then?", id)

        assert maya.snapshot_seq(id) == before
        maya.http.delete(f"/conversations/{id}")

    def test_can_be_asked_to_go_to_a_person(self, maya: Person) -> None:
        [id] = talk(maya, "Hello")
        seq = maya.snapshot_seq(id)

        answers = [maya.http.post(f"/conversations/{id}/ask-for-staff") for _ in range(2)]

        assert [answer.status_code for answer in answers] == [204, 204]
        assert answers[0].content == b""
        with maya.following(id, seq) as events:
            event = next(iter(events))
        assert (event.kind, event.seq) == ("thread.item.done", seq + 1)
        assert maya.snapshot_seq(id) == seq + 1
        assert maya.conversation(id)["last_message"] == "Hi"

    def test_can_be_renamed(self, maya: Person) -> None:
        [id] = talk(maya, "Hello")
        seq = maya.snapshot_seq(id)

        renamed = maya.http.patch(f"/conversations/{id}", json={"title": "  My  trip\tto Lisbon ✈ "})

        assert renamed.status_code == 200
        assert renamed.json() == maya.conversation(id)
        assert renamed.json()["title"] == "My trip to Lisbon ✈"
        with maya.following(id, seq) as events:
            assert next(events).data["thread"]["title"] == "My trip to Lisbon ✈"

    def test_can_be_deleted_with_all_that_belongs_to_it(self, maya: Person) -> None:
        kept, id = talk(maya, "Keep me", "Delete me")

        deleted = maya.http.delete(f"/conversations/{id}")

        assert (deleted.status_code, deleted.content) == (204, b"")
        for path in ("", "/messages", "/events"):
            check_problem(maya.http.get(f"/conversations/{id}{path}"), 404, "not_found")
        check_problem(maya.http.delete(f"/conversations/{id}"), 404, "not_found")
        assert [each["id"] for each in maya.http.get("/conversations").json()["data"]] == [kept]

    def test_can_be_deleted_while_it_is_answered(self, maya: Person) -> None:
        turn = maya.start(words(unique("Story"), words=2000, pace=20))
        id = turn["conversation_id"]
        with maya.following(id) as events, maya.socket(f"/ws/conversations/{id}/") as socket:
            next(event for event in events if event.delta)

            assert maya.http.delete(f"/conversations/{id}").status_code == 204

            list(events)  # ends
            assert close_code(socket) == 4404
        assert maya.ask(words("Hello", text="Hi"))["response"] == "Hi"


class TestTheList:
    def test_is_of_ones_own(self, maya: Person, mallory: Person) -> None:
        [id] = talk(maya, "Hello")

        assert [each["id"] for each in maya.http.get("/conversations").json()["data"]] == [id]
        assert mallory.http.get("/conversations").json() == {"data": [], "has_more": False, "after": None}

    def test_has_what_one_has(self, maya: Person) -> None:
        [id] = talk(maya, "Hello")

        assert maya.http.get("/conversations").json()["data"] == [maya.conversation(id)]

    def test_is_newest_first_and_what_goes_on_is_new(self, maya: Person) -> None:
        one, two, three = talk(maya, "One", "Two", "Three")
        maya.ask(words("Again", text="Hi"), one)

        assert [each["id"] for each in maya.http.get("/conversations").json()["data"]] == [one, three, two]

    def test_comes_in_pages(self, maya: Person) -> None:
        ids = talk(maya, *"abcde")[::-1]
        seen, after, pages = [], None, 0
        while True:
            query = {"limit": 2} | ({"after": after} if after else {})
            page = maya.http.get("/conversations", params=query).json()
            pages += 1
            seen += [each["id"] for each in page["data"]]
            if not page["has_more"]:
                break
            assert len(page["data"]) == 2
            assert page["after"] == seen[-1]
            after = page["after"]

        assert seen == ids
        assert pages == 3
        assert page["after"] is None

    def test_ends_exactly_at_a_full_page(self, maya: Person) -> None:
        talk(maya, "a", "b")

        page = maya.http.get("/conversations", params={"limit": 2}).json()

        assert (len(page["data"]), page["has_more"], page["after"]) == (2, False, None)

    @pytest.mark.parametrize(
        ("q", "count"), [("lisbon", 2), ("LISBON", 2), ("seat", 1), ("100%", 1), ("_", 0), ("", 3)]
    )
    def test_can_be_searched(self, maya: Person, q: str, count: int) -> None:
        talk(maya, "To Lisbon", "My seat to lisbon", "I want 100% of it")

        assert len(maya.http.get("/conversations", params={"q": q}).json()["data"]) == count

    def test_can_be_searched_by_titles_and_answers(self, maya: Person) -> None:
        [id] = talk(maya, "Hello")
        maya.ask(words("Hm", text="Porto is lovely"), id)
        maya.http.patch(f"/conversations/{id}", json={"title": "Holidays"})

        for q in ("holidays", "porto"):
            found = maya.http.get("/conversations", params={"q": q}).json()["data"]
            assert [each["id"] for each in found] == [id]


class TestMessages:
    def test_have_exactly_these_fields(self, maya: Person) -> None:
        [id] = talk(maya, "Hello")

        page = maya.http.get(f"/conversations/{id}/messages").json()

        assert set(page) == {"data", "has_more", "after"}
        for message in page["data"]:
            assert set(message) == {"id", "role", "content", "sequence", "timestamp", "turn_id"}
            assert re.fullmatch(f"msg_{ID}", message["id"])
            assert TIME.fullmatch(message["timestamp"])

    @pytest.mark.parametrize("order", ["asc", "desc"])
    def test_come_in_pages_either_way(self, maya: Person, order: str) -> None:
        [id] = talk(maya, "One")
        for number in range(3):
            maya.ask(words(f"Question {number}", text=f"Answer {number}"), id)
        seen: list[int] = []
        after: str | None = None
        while True:
            query: dict[str, str] = {"limit": "3", "order": order, **({"after": after} if after else {})}
            page = maya.http.get(f"/conversations/{id}/messages", params=query).json()
            seen += [message["sequence"] for message in page["data"]]
            after = page["after"]
            if not page["has_more"]:
                break

        assert seen == (list(range(8)) if order == "asc" else list(range(7, -1, -1)))
        assert after is None

    @pytest.mark.parametrize("kind", ["positive", "negative"])
    def test_can_be_given_a_thumb(self, maya: Person, kind: str) -> None:
        answer = maya.ask(words("Hello", text="Hi"))
        path = f"/conversations/{answer['conversation_id']}/messages/{answer['message_id']}/feedback"

        given = [maya.http.put(path, json={"kind": each}) for each in ("negative", kind)]

        assert [(each.status_code, each.content) for each in given] == [(204, b"")] * 2

    def test_a_thumb_at_the_same_time_counts_once(self, maya: Person) -> None:
        answer = maya.ask(words("Hello", text="Hi"))
        path = f"/conversations/{answer['conversation_id']}/messages/{answer['message_id']}/feedback"

        def give(kind: str) -> httpx.Response:
            return maya.http.put(path, json={"kind": kind})

        with ThreadPoolExecutor(8) as threads:
            given = list(threads.map(give, ["positive", "negative"] * 4))

        assert {each.status_code for each in given} == {204}
