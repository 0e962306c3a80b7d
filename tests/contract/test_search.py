"""Full text over one's own messages."""

from __future__ import annotations

import pytest

from tests.contract.client import Json, Person, words
from tests.contract.problems import check_problem


@pytest.fixture
def said(maya: Person) -> list[str]:
    """Three messages with their answers in two conversations, oldest first; returns the conversations."""
    first = maya.ask(words("A window seat, please", text="Seat **14A** <b>is</b> yours & by the window"))
    second = maya.ask(words("Is there a meal?", text="Ein veganes Frühstück"))
    maya.ask(words("And which seats are left?", text="None"), second["conversation_id"])
    return [first["conversation_id"], second["conversation_id"]]


def search(person: Person, q: str, **query: str | int) -> Json:
    answer = person.http.get("/search", params={"q": q, **query})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_words_are_found_in_what_both_said_newest_first(maya: Person, said: list[str]) -> None:
    found = search(maya, "seat")

    assert [(each["role"], each["conversation_id"]) for each in found["data"]] == [
        ("user", said[1]),
        ("assistant", said[0]),
        ("user", said[0]),
    ]
    assert (found["has_more"], found["after"]) == (False, None)
    first = found["data"][-1]
    stored = maya.messages(said[0])[0]
    assert {name: first[name] for name in stored} == stored
    assert first["title"] == maya.conversation(said[0])["title"]


def test_the_snippet_marks_the_words_and_is_safe_as_html(maya: Person, said: list[str]) -> None:
    answer = search(maya, '"by the window"')["data"][0]

    assert answer["role"] == "assistant"
    assert "<mark>window</mark>" in answer["snippet"]
    assert "&amp;" in answer["snippet"]
    assert "<b>" not in answer["snippet"]


@pytest.mark.parametrize(
    ("q", "count"),
    [
        ("window", 2),  # the practice provider is told its answer in the message
        ("WIND", 2),  # the beginning of the last word
        ("window please", 1),
        ("frühstück", 2),
        ("seats -window", 1),
        ("left or please", 2),
        ("giraffe", 0),
        ("'); drop table", 0),
        ("& | ! <-> :* \\", 0),
        ('seats -"by the window"', 1),
        ('"', 0),
    ],
)
def test_words_phrases_and_what_must_not_be_there(maya: Person, said: list[str], q: str, count: int) -> None:
    assert len(search(maya, q)["data"]) == count


def test_numbers_behind_hyphens_are_found(maya: Person) -> None:
    maya.ask(words("Zanzibar-77 on LN-0418, 2026-12-05, call +49-30-5550", text="Fine"))

    def is_found(q: str) -> bool:
        return any(each["role"] == "user" for each in search(maya, q)["data"])

    right = (
        "77",
        "zanzibar",
        "Zanzibar-77",
        '"zanzibar 77"',
        "7",
        "0418 ln",
        "49 5550",
        "12 2026",
        "2026-12-05",
    )
    assert [q for q in (*right, "ln -418", "77' '77") if not is_found(q)] == []
    assert [q for q in ("zanzibar -77", "78", "http://x.example/a'77'b") if is_found(q)] == []


def test_pages_hold_each_message_once(maya: Person, said: list[str]) -> None:
    pages = [search(maya, "seat", limit=1)]
    while pages[-1]["has_more"]:
        pages.append(search(maya, "seat", limit=1, after=pages[-1]["after"]))

    assert [each["id"] for page in pages for each in page["data"]] == [
        each["id"] for each in search(maya, "seat")["data"]
    ]
    assert pages[-1]["after"] is None


def test_a_stranger_finds_nothing_of_it(maya: Person, mallory: Person, said: list[str]) -> None:
    assert search(mallory, "seat")["data"] == []
    check_problem(mallory.http.get(f"{maya.url}/api/{maya.user_id}/search?q=seat"), 403, "forbidden")
    after = search(maya, "seat", limit=1)["after"]
    check_problem(mallory.http.get("/search", params={"q": "seat", "after": after}), 404, "not_found")
    check_problem(maya.http.get("/search", params={"q": "seat", "after": "nonsense"}), 404, "not_found")


def test_a_deleted_conversation_is_not_found(maya: Person, said: list[str]) -> None:
    maya.http.delete(f"/conversations/{said[0]}").raise_for_status()

    assert len(search(maya, "seat")["data"]) == 1


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "  "}, {"q": "x" * 201}, {"q": "x", "limit": "0"}])
def test_without_words_it_is_refused(maya: Person, query: dict[str, str]) -> None:
    check_problem(maya.http.get("/search", params=query), 422, "invalid")
