"""Twenty exchanges in one conversation, as the provider saw them, on both of its APIs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contract.client import Person, words
from tests.fixtures.provider import Provider
from tests.fixtures.site import Site


@pytest.fixture(params=["responses", "chat_completions"])
def paul(
    request: pytest.FixtureRequest,
    provider: Provider,
    make_site: Callable[..., Site],
    new_person: Callable[..., Person],
) -> Person:
    """A customer of a site with a provider at an address, by one of its APIs."""
    site = make_site(**{**provider.settings, "OPENAI_API": request.param})
    provider.forget()
    return new_person(site.start().url)


def test_a_history_is_whole_and_in_order(paul: Person, provider: Provider) -> None:
    conversation = None
    for number in range(20):
        answer = paul.ask(words(f"Question {number}", text=f"Answer {number}"), conversation)
        conversation = answer["conversation_id"]
        assert answer["sequence"] == 2 * number + 1
    said = [text for number in range(20) for text in (f"Question {number}", f"Answer {number}")]

    messages = paul.messages(str(conversation))
    assert [message["sequence"] for message in messages] == list(range(40))
    assert [message["content"].split(" [")[0] for message in messages] == said
    assert [message["role"] for message in messages] == ["user", "assistant"] * 20
    asked = provider.said_to()
    assert [[text.split(" [")[0] for text in texts] for texts in asked] == [
        said[: 2 * n + 1] for n in range(20)
    ]

    _five_at_once(paul, provider)


def _five_at_once(paul: Person, provider: Provider) -> None:
    """Each of several messages at once is answered with those before it and their answers, without later ones."""
    first = paul.ask(words("Start", text="Started"))["conversation_id"]
    with ThreadPoolExecutor(5) as threads:
        list(threads.map(lambda n: paul.ask(words(f"Ask {n}", text=f"Told {n}"), first), range(5)))
    order = [
        message["content"].split(" [")[0] for message in paul.messages(first) if message["role"] == "user"
    ]

    said = ["Start", "Started"]
    for request, question in zip(provider.said_to()[-5:], order[1:], strict=True):
        assert [text.split(" [")[0] for text in request] == [*said, question]
        said += [question, question.replace("Ask", "Told")]
