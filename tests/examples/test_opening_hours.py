"""The second example: an assistant that knows `conversations` alone, and a chat without anything of the airline."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
import pytest_asyncio
from django.test import Client

from agents_app.knowledge.models import Article
from conversations.models import Item
from tests.conversations.conftest import ended, send, worker
from tests.find_browser import ROOT

__all__ = ["send", "worker"]

#: What only the airline says. “Trip” is also a round trip on the network, and “flight” what is under way.
_AIRLINES = re.compile(
    r"linnet|\bairline|boarding|checked bag|import agents_app|from agents_app", re.IGNORECASE
)


@pytest_asyncio.fixture
async def responder(settings: Any) -> None:
    settings.CHAT_RESPONDER = "examples.opening_hours.OpeningHours"
    settings.CHAT_ACTIONS = ""


@pytest.mark.django_db(transaction=True)
async def test_it_answers(worker: None, send: Any) -> None:
    sent = await send("Are you open on Monday or Saturday?")

    turn = await ended(sent.turn)

    reply = await Item.objects.filter(turn=turn, role="assistant").aget()
    assert reply.text == "Monday: closed.\nSaturday: 10 to 14."
    assert (turn.status, turn.model, turn.cost) == ("completed", "opening hours", None)


@pytest.mark.django_db(transaction=True)
def test_nothing_of_the_airline_is_to_be_seen(responder: None, client: Client, alice: Any) -> None:
    client.force_login(alice)
    slug = Article.objects.create(slug="of-a-test", title="Of a test", body="Yes.", is_published=True).slug

    trip, article = client.get("/support/customer"), client.get(f"/help/{slug}")
    page = client.get("/").content.decode()

    assert (trip.status_code, trip["Content-Type"]) == (404, "application/problem+json")
    assert trip.json()["detail"] == "The assistant of this site has no trips."
    assert (article.status_code, b"Yes." in article.content) == (404, False)
    assert "desk--alone" in page
    assert 'id="trip' not in page


def test_it_loads_nothing_of_the_airline_or_of_the_agents() -> None:
    code = (
        "import examples.opening_hours, sys; "
        "print([name for name in sys.modules if name.split('.')[0] in ('agents_app', 'agents')])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize("folder", ["conversations", "static/chatkit"])
def test_nothing_of_the_airline_is_in_the_domain_or_in_the_element(folder: str) -> None:
    files = [path for kind in ("py", "js", "css") for path in (ROOT / folder).rglob(f"*.{kind}")]

    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in files
        for line in path.read_text(encoding="utf-8").splitlines()
        if _AIRLINES.search(line)
    ]

    assert len(files) > 20
    assert found == []
