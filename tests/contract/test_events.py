"""The log of a conversation as server-sent events: nothing is missed, nothing comes twice."""

from __future__ import annotations

import pytest

from tests.contract.backoffice import PRUNE, BackOffice
from tests.contract.client import Event, Person, take_until, unique, words
from tests.contract.problems import check_problem


def ends(event: Event) -> bool:
    return event.ends_turn


@pytest.fixture
def story(maya: Person) -> dict[str, str]:
    """A turn that goes on for two seconds."""
    return maya.start(words(unique("Story"), words=100, pace=20))


def test_come_with_their_seq_from_the_beginning(maya: Person, story: dict[str, str]) -> None:
    with maya.following(story["conversation_id"], 0) as events:
        seen = list(take_until(events, ends))

    assert [event.seq for event in seen] == list(range(1, len(seen) + 1))
    assert seen[0].kind == "thread.created"


def test_are_a_stream_of_its_own_kind(maya: Person, story: dict[str, str]) -> None:
    path = f"/conversations/{story['conversation_id']}/events?after_seq=0"
    with maya.http.stream("GET", path) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        lines = (line for line in answer.iter_lines() if not line.startswith(":"))
        assert [next(lines)[:6] for _ in range(4)] == ["", "id: 1", "data: ", ""]


def test_omitted_begin_with_the_running_turn(maya: Person) -> None:
    first = maya.ask(words("Hello", text="Hi"))
    before = maya.snapshot_seq(first["conversation_id"])
    turn = maya.start(words(unique("Story"), words=2000, pace=20), first["conversation_id"])
    maya.await_text(turn)

    with maya.following(first["conversation_id"]) as events:
        seen = [next(events)]
        maya.cancel(first["conversation_id"], turn["turn_id"])
        seen += take_until(events, ends)

    assert seen[0].seq == before + 1
    assert seen[0].data["item"]["type"] == "user_message"
    assert seen[-1].ends_turn


def test_omitted_with_nothing_running_begin_with_what_comes(maya: Person) -> None:
    conversation = maya.ask(words("Hello", text="Hi"))["conversation_id"]
    with maya.following(conversation) as events:
        answer = maya.ask(words("Again", text="Hi again"), conversation)
        seen = list(take_until(events, ends))

    assert "".join(event.delta for event in seen) == answer["response"]


@pytest.mark.parametrize("how", ["after_seq", "Last-Event-ID"])
def test_resume_without_a_gap_or_a_repeat(maya: Person, story: dict[str, str], how: str) -> None:
    conversation, seen = story["conversation_id"], list[Event]()
    while not (seen and seen[-1].ends_turn):
        last = seen[-1].seq if seen else 0
        resume = {"after": last} if how == "after_seq" else {"last_event_id": str(last)}
        with maya.following(conversation, **resume) as events:
            piece = [event for event, _ in zip(take_until(events, ends), range(7), strict=False)]
        seen += piece

    assert [event.seq for event in seen] == list(range(1, len(seen) + 1))
    assert "".join(event.delta for event in seen) == maya.messages(conversation)[1]["content"]


def test_the_header_wins(maya: Person, story: dict[str, str]) -> None:
    with maya.following(story["conversation_id"], 0, last_event_id="2") as events:
        assert next(events).seq == 3


def test_all_readers_see_the_same(maya: Person, story: dict[str, str]) -> None:
    conversation = story["conversation_id"]
    with maya.following(conversation, 0) as one, maya.following(conversation, 0) as other:
        live = [list(take_until(events, ends)) for events in (one, other)]
    replayed = maya.events(conversation, 0, live[0][-1].seq)

    assert live[0] == live[1] == replayed


def test_beyond_the_log_are_gone(maya: Person) -> None:
    conversation = maya.ask(words("Hello", text="Hi"))["conversation_id"]
    seq = maya.snapshot_seq(conversation)

    for after in (seq + 1, 2**62):
        answer = maya.http.get(f"/conversations/{conversation}/events", params={"after_seq": after})
        check_problem(answer, 410, "gone")


def test_that_the_log_has_lost_are_gone(maya: Person, office: BackOffice) -> None:
    conversation = maya.ask(words("Hello", text="Hi"))["conversation_id"]
    last = maya.snapshot_seq(conversation)
    office(PRUNE, id=conversation, seq=3)

    for after in (0, 2):
        answer = maya.http.get(f"/conversations/{conversation}/events", params={"after_seq": after})
        check_problem(answer, 410, "gone")
    assert [event.seq for event in maya.events(conversation, 3, last)] == list(range(4, last + 1))


def test_go_on_after_all_old_ones_were_lost(maya: Person, office: BackOffice) -> None:
    conversation = maya.ask(words("Hello", text="Hi"))["conversation_id"]
    last = maya.snapshot_seq(conversation)
    office(PRUNE, id=conversation, seq=last)

    check_problem(maya.http.get(f"/conversations/{conversation}/events?after_seq={last - 1}"), 410, "gone")
    with maya.following(conversation, last) as events:
        maya.ask(words("Again", text="Hi again"), conversation)
        assert next(events).seq == last + 1


def test_of_what_the_staff_does_come_too(maya: Person, office: BackOffice) -> None:
    conversation = maya.ask(words("Hello", text="Hi"))["conversation_id"]
    seq = maya.snapshot_seq(conversation)
    office("services.set_status(staff=None, conversation_id=id, status='closed').status", id=conversation)

    with maya.following(conversation, seq) as events:
        assert next(events).data["thread"]["status"]["type"] == "closed"
