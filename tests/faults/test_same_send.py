"""The same send many times at once, by every door of two servers, and again after a crash; many sends at once."""

from __future__ import annotations

import dataclasses
import random
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.contract.client import Person, guest, words
from tests.faults.crowd import BAG
from tests.faults.customers import Follower
from tests.faults.form import FULL, rounds
from tests.fixtures.provider import Provider
from tests.fixtures.site import Site

pytestmark = pytest.mark.faults

DOORS = ("json", "stream", "chatkit")
ALL = "all of them"


@pytest.fixture(scope="module")
def one(make_lasting_site: Callable[..., Site]) -> Site:
    return make_lasting_site().start()


@pytest.fixture(scope="module")
def other(make_lasting_site: Callable[..., Site]) -> Site:
    """A second server with its worker, on the same database, and without Redis between them."""
    return make_lasting_site().start()


def at(site: Site, person: Person) -> Person:
    """Let a person ask another server."""
    return dataclasses.replace(person, url=site.url)


def send_by(door: str, person: Person, message: str, key: str) -> tuple[str, str]:
    """Start a conversation by a door; wait for the end of the answer and return conversation and turn."""
    if door == "json":
        answer = person.ask(message, client_message_id=key)
        return answer["conversation_id"], answer["turn_id"]
    if door == "stream":
        with person.streamed(message, client_message_id=key) as stream:
            return _read_out(stream)
    asked = {
        "content": [{"type": "input_text", "text": message}],
        "attachments": [],
        "inference_options": {},
    }
    body = {"type": "threads.create", "params": {"input": asked}}
    with person.http.stream(
        "POST", f"{person.url}/chatkit", json=body, headers={"Idempotency-Key": key}
    ) as stream:
        return _read_out(stream)


def _read_out(stream: httpx.Response) -> tuple[str, str]:
    assert stream.status_code == 200, stream.read()
    told = stream.read().decode()
    assert '"allow_cancel":false' in told.replace(" ", ""), told
    return stream.headers["X-Chat-Conversation"], stream.headers["X-Chat-Turn"]


@pytest.mark.parametrize("door", [*DOORS, ALL] if FULL else [ALL])
def test_ten_times_at_once_and_again_after_a_crash(one: Site, other: Site, door: str) -> None:
    person = guest(one.url)
    key, message = uuid.uuid4().hex, words(BAG, preface="true", pace=5)
    doors = DOORS if door == ALL else (door,)

    with ThreadPoolExecutor(10) as threads:
        sends = [
            threads.submit(send_by, doors[n % len(doors)], at((one, other)[n % 2], person), message, key)
            for n in range(10)
        ]
        [(conversation, turn)] = {send.result() for send in sends}
    if door == ALL:
        one.kill()
        one.start()
        person = at(one, person)
    again = {send_by(each, person, message, key) for each in doors}

    assert again == {(conversation, turn)}
    assert len(person.http.get("/conversations").json()["data"]) == 1
    messages = Follower(person, conversation).check()
    assert [message["role"] for message in messages] == ["user", "assistant", "assistant"]
    assert "Checked bags: 2 × 23 kg" in person.ask(words("Show my trip"))["response"]


@pytest.mark.parametrize("number", rounds(short=1, full=10))
def test_twenty_sends_to_one_conversation_are_answered_in_order(
    one: Site, other: Site, provider: Provider, chance: random.Random, number: int
) -> None:
    person = guest(one.url)
    people = [at(each, person) for each in (one, other)]
    name = uuid.uuid4().hex[:6]
    conversation = person.ask(words(f"Start {name}", text=f"Started {name}"))["conversation_id"]
    follower = Follower(person, conversation, turns=21, door="socket")
    provider.forget()

    def say(n: int) -> None:
        message = words(f"Ask {n} of {name}", text=f"Told {n} of {name}", pace=chance.randrange(0, 5))
        chance.choice(people).ask(message, conversation)

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(say, range(20)))

    messages = follower.check()
    questions = [_plain(message["content"]) for message in messages if message["role"] == "user"]
    assert len(questions) == len(set(questions)) == 21
    asked = [request for request in provider.said_to() if _plain(request[-1]).endswith(name)]
    said = [f"Start {name}", f"Started {name}"]
    for request, question in zip(asked, questions[1:], strict=True):
        assert [_plain(text) for text in request] == [*said, question]
        said += [question, question.replace("Ask", "Told")]


def _plain(text: str) -> str:
    return text.split(" [practice")[0]
