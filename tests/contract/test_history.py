"""Twenty exchanges in one conversation, as the provider saw them, on both of its APIs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.contract.client import Person, words
from tests.find_browser import ROOT
from tests.fixtures.site import Site


@dataclass
class Provider:
    """The practice provider in a process of its own, which keeps what it was asked."""

    url: str

    def asked(self) -> list[list[str]]:
        """Return the texts that each request held, in order."""
        requests = httpx.get(f"{self.url.removesuffix('/v1')}/practice/requests").json()["requests"]
        return [[_text(entry) for entry in _entries(request["body"])] for request in requests]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    command = [sys.executable, "-m", "agents_app.providers.practice", "--pace", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Provider(process.stdout.readline().strip())
        process.terminate()


@pytest.fixture(params=["responses", "chat_completions"])
def paul(
    request: pytest.FixtureRequest,
    provider: Provider,
    make_site: Callable[..., Site],
    new_person: Callable[..., Person],
) -> Person:
    """A customer of a site with a provider at an address, by one of its APIs."""
    site = make_site(OPENAI_API_KEY="key", OPENAI_BASE_URL=provider.url, OPENAI_API=request.param)
    httpx.delete(f"{provider.url.removesuffix('/v1')}/practice/requests")
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
    asked = provider.asked()
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
    for request, question in zip(provider.asked()[-5:], order[1:], strict=True):
        assert [text.split(" [")[0] for text in request] == [*said, question]
        said += [question, question.replace("Ask", "Told")]


def _entries(body: dict[str, Any]) -> list[dict[str, Any]]:
    entries = body.get("input") or body["messages"]
    return [entry for entry in entries if entry.get("role") in ("user", "assistant")]


def _text(entry: dict[str, Any]) -> str:
    content = entry["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)
