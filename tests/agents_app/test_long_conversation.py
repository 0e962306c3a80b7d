"""Forty turns with tools in one conversation: no provider refuses the history, and what is old is summed up once."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from channels.db import database_sync_to_async

from agents_app import summaries
from agents_app.fitting import SUMMARY_ASKED
from conversations import services
from conversations.models import Conversation, Summary, Turn
from conversations.worker import run_worker
from tests.agents_app.conftest import Practice
from tests.conversations.conftest import _forget_jobs, ended

pytestmark = pytest.mark.django_db(transaction=True)

TURNS = 40
#: Provider, API and model: each refuses something else (agents_app/providers/practice/strictness.py).
DIALECTS = [
    ("openai", "responses", "practice-thinks"),
    ("openai", "chat_completions", "practice-4k"),
    ("gemini", "chat_completions", "gemini-practice"),
]


@pytest.fixture(params=DIALECTS, ids=lambda dialect: f"{dialect[1]} {dialect[2]}")
def dialect(request: pytest.FixtureRequest, practice: Practice, settings: Any) -> None:
    settings.CHAT_PROVIDER, settings.OPENAI_API, settings.OPENAI_MODEL = request.param
    settings.GEMINI_MODEL = request.param[2]
    settings.OPENAI_API_KEY = settings.GEMINI_API_KEY = "key"
    # A small model is told too much at first, and says so.
    settings.CHAT_CONTEXT_TOKENS = 25_000 if request.param[2].endswith("4k") else 4000
    settings.CHAT_RATE_PER_MINUTE = 0
    settings.OPENAI_BASE_URL = settings.GEMINI_BASE_URL = practice.url


@pytest_asyncio.fixture
async def send(transactional_db: None, alice: Any) -> AsyncIterator[Callable[..., Any]]:
    """Send as alice and return the turn when it has ended."""
    await database_sync_to_async(_forget_jobs)()
    stop = asyncio.Event()
    running = asyncio.create_task(run_worker(stop))

    async def send(text: str, conversation_id: str | None = None) -> Turn:
        sent = await database_sync_to_async(services.send_message)(
            user=alice, text=text, conversation_id=conversation_id
        )
        return await ended(sent.turn)

    yield send
    stop.set()
    await running


async def summaries_asked_for(practice: Practice) -> list[Summary]:
    """Return the summaries: about one for each that was asked for, which is not one for each turn."""
    stored: list[Summary] = await database_sync_to_async(list)(Summary.objects.order_by("until_turn"))
    asked = [body for body in await practice.requests() if "You sum up" in json.dumps(body)]
    assert 0 < len(stored) <= len(asked) < TURNS / 2
    return stored


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a conversation be summed up as often as its forty turns, sent without a pause, need it."""
    monkeypatch.setattr(summaries, "ONE_IN_SECONDS", 0.2)


async def test_forty_turns_with_tools(dialect: None, send: Any, practice: Practice, alice: Any) -> None:
    conversation_id = None
    for number in range(TURNS):
        wishes = ("calls=show_my_trip+show_my_trip", "calls=show_my_trip, preface=true", "words=30")
        turn = await send(f"number {number} [practice: {wishes[number % 3]}, pace=0]", conversation_id)
        conversation_id = turn.conversation_id
        assert turn.status == Turn.Status.COMPLETED, (number, turn.error)
        assert turn.input_tokens > 0

    stored = await summaries_asked_for(practice)
    bodies = await practice.requests()
    thinks = bodies[0]["model"] == "practice-thinks"
    assert any("encrypted_content" in json.dumps(body.get("input")) for body in bodies) == thinks
    # Behind the last reply another summary may have been asked for.
    replies = [body for body in map(json.dumps, bodies) if "You sum up" not in body]
    assert SUMMARY_ASKED in replies[-1]
    assert re.match(r"Now with: .+\nNotes of ", stored[-1].text)
    # Answering an early message anew takes back what was summed up since.
    first = await database_sync_to_async(
        lambda: Conversation.objects.get().items.filter(role="user").earliest("position")
    )()
    again = await database_sync_to_async(services.retry_after_item)(
        user=alice, conversation_id=conversation_id, item_id=first.item_id
    )
    assert (await ended(again)).status == Turn.Status.COMPLETED
    assert not await database_sync_to_async(Summary.objects.count)()
