"""Every fault of a provider: what the customer is told, how often the provider is asked, what stays in the thread.

The parts are tested in tests/agents_app and tests/contract/test_assistant_errors.py; this is the whole list at once.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from agents_app.failures import BUSY, LOOPED, MISTAKEN, NO_QUOTA, NOT_SET_UP, TooLong
from conversations.errors import AssistantError, AssistantFailed, AssistantTimeout, AssistantUnavailable
from tests.contract.client import Json, Person, guest, unique, words
from tests.faults.form import FULL
from tests.fixtures.provider import Provider
from tests.fixtures.site import Site

pytestmark = pytest.mark.faults

APIS = ("responses", "chat_completions")
TURN_SECONDS = 12  # a provider may be silent for half of it

FAILED, UNAVAILABLE, LATE = (
    kind.default_detail for kind in (AssistantFailed, AssistantUnavailable, AssistantTimeout)
)


@dataclass(frozen=True)
class Fault:
    """A fault, and what comes of it. `asked`: how often the provider is; more than once only before any text."""

    name: str
    kind: type[AssistantError] | None = None
    detail: str = ""
    asked: int = 1
    shown: int = 0
    retry_after: str | None = None
    options: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([self.name, *(f"{name}={value}" for name, value in self.options.items())])


# The client asks three times before a stream has begun, and so do we where that may help after that.
FAULTS = [
    Fault("400", AssistantFailed, TooLong.default_detail),
    Fault("401", AssistantFailed, NOT_SET_UP),
    Fault("404", AssistantFailed, NOT_SET_UP),
    Fault("429", AssistantUnavailable, BUSY, asked=3),
    Fault("429", AssistantUnavailable, BUSY, asked=3, retry_after="1", options={"retry_after": 1}),
    Fault("429", AssistantUnavailable, BUSY, retry_after="60", options={"retry_after": 60}),
    Fault("quota", AssistantUnavailable, NO_QUOTA),
    Fault("500", AssistantFailed, FAILED, asked=3),
    Fault("503", AssistantFailed, FAILED, asked=3),
    Fault("close", AssistantUnavailable, UNAVAILABLE, asked=3),
    Fault("hang", AssistantTimeout, LATE, asked=2),
    Fault("html", AssistantFailed, FAILED, asked=3),
    Fault("hang_mid", AssistantTimeout, LATE, shown=5),
    Fault("close_mid", AssistantFailed, FAILED, shown=5),
    Fault("malformed", AssistantFailed, FAILED, shown=5),
    Fault("malformed", AssistantFailed, FAILED, asked=3, options={"after": 0}),
    Fault("error_event", AssistantFailed, FAILED, shown=5),
    Fault("error_event", AssistantFailed, FAILED, asked=3, options={"after": 0}),
    Fault("no_finish", AssistantFailed, FAILED, shown=40),
    Fault("empty", AssistantFailed, FAILED, asked=3),
    # The model is told twice what is wrong with its call.
    Fault("unknown_tool", AssistantFailed, MISTAKEN, asked=3),
    Fault("broken_arguments", AssistantFailed, MISTAKEN, asked=3),
    Fault("loop", AssistantFailed, LOOPED, asked=10),
    Fault("length", shown=12),
    Fault("refusal"),
    Fault("content_filter"),
    Fault("big", shown=250),
]


@pytest.fixture
def customer_of(make_lasting_site: Callable[..., Site]) -> Iterator[Callable[..., Person]]:
    """Make a customer of a site with such settings: the only one, since any worker may answer."""
    sites: list[Site] = []

    def make(**settings: str) -> Person:
        sites.append(make_lasting_site(CHAT_TURN_TIMEOUT_SECONDS=str(TURN_SECONDS), **settings).start())
        person = guest(sites[-1].url)
        person.http.timeout = 3 * TURN_SECONDS
        return person

    yield make
    for site in sites:
        site.stop()


@pytest.mark.parametrize("number", range(len(APIS)) if FULL else [0])
def test_every_fault_has_its_code_its_retries_and_its_words(
    customer_of: Callable[..., Person], provider: Provider, chance: random.Random, number: int
) -> None:
    api = APIS[number] if FULL else chance.choice(APIS)
    maya = customer_of(OPENAI_API=api)
    provider.forget()

    with ThreadPoolExecutor(len(FAULTS)) as threads:
        found = list(threads.map(lambda fault: _meet(maya, fault), FAULTS))

    asked = provider.said_to()
    for told in found:
        message = told.pop("message")
        told["asked"] = sum(message in texts for texts in asked)
    assert {str(fault): told for fault, told in zip(FAULTS, found, strict=True)} == {
        str(fault): _expected(fault) for fault in FAULTS
    }


def _meet(person: Person, fault: Fault) -> Json:
    message = words(unique("Hello"), fault=fault.name, **{"words": 40, **fault.options})
    answer = person.send(message)
    told: Json = {"message": message, "status": answer.status_code}
    where = answer.headers.get("X-Chat-Conversation") or answer.json()["conversation_id"]
    if answer.status_code != 200:
        problem = answer.json()
        told |= {name: problem[name] for name in ("code", "detail")}
        told["retry_after"] = answer.headers.get("Retry-After")
        turn = person.turn(where, answer.headers["X-Chat-Turn"])
        assert turn["error"] == {name: problem[name] for name in ("code", "detail")}
    question, *replies = [each["content"] for each in person.messages(where)]
    assert question == message
    told["replies"] = len(replies)
    told["shown"] = _rounded(fault, len(" ".join(replies).split()))
    return told


def _expected(fault: Fault) -> Json:
    told: Json = {
        "asked": fault.asked,
        "shown": fault.shown,
        "replies": 1 if fault.shown else 0,
        "status": 200,
    }
    if fault.kind is None:
        return told | {"replies": 1}
    told |= {"status": fault.kind.status, "code": fault.kind.code, "detail": fault.detail}
    return told | {"retry_after": fault.retry_after}


def _rounded(fault: Fault, shown: int) -> int:
    """Take some words more or less for those that were meant: the last of them may be lost with the stream."""
    if fault.kind is None:
        return fault.shown if shown >= fault.shown else shown
    return fault.shown if 0 < fault.shown - 3 <= shown <= fault.shown else shown


def test_a_provider_whose_name_nobody_knows(customer_of: Callable[..., Person]) -> None:
    answer = customer_of(OPENAI_BASE_URL="http://provider.invalid/v1").send("Hello")

    assert (answer.status_code, answer.json()["code"]) == (503, "assistant_unavailable")
    assert answer.json()["detail"] == UNAVAILABLE
    assert "provider.invalid" not in answer.text
