"""A worker in the test's own event loop, with an assistant that the test conducts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import pytest
import pytest_asyncio
from channels.db import database_sync_to_async
from django.db import connection

from conversations import events, services, streams
from conversations.events import LoggedEvent
from conversations.models import Turn
from conversations.services import Sent
from conversations.worker import run_worker
from tests.conversations.scripted import ScriptedResponder, echo


@pytest.fixture
def responder(settings: Any) -> type[ScriptedResponder]:
    settings.CHAT_RESPONDER = "tests.conversations.scripted.ScriptedResponder"
    ScriptedResponder.script = staticmethod(echo)
    ScriptedResponder.requests = []
    return ScriptedResponder


@pytest_asyncio.fixture
async def worker(transactional_db: None, responder: type[ScriptedResponder]) -> AsyncIterator[None]:
    await database_sync_to_async(_forget_jobs)()
    stop = asyncio.Event()
    running = asyncio.create_task(run_worker(stop))
    yield
    stop.set()
    await running


@pytest.fixture
def send(alice: Any) -> Callable[..., Any]:
    """Send as alice and return what it led to."""

    async def send(text: str, **fields: Any) -> Sent:
        sent: Sent = await database_sync_to_async(services.send_message)(
            user=fields.pop("user", alice), text=text, **fields
        )
        return sent

    return send


async def ended(turn: Turn) -> Turn:
    """Wait until a turn has ended and return it as it is then."""
    async with asyncio.timeout(20):
        await streams.turn_ended(turn)
    found: Turn = await database_sync_to_async(Turn.objects.get)(pk=turn.pk)
    return found


async def first_event(turn: Turn, words: str) -> LoggedEvent:
    """Wait until an event with the words is in the log."""
    async with (
        asyncio.timeout(20),
        aclosing(events.follow(turn.conversation_id, turn.before_seq)) as following,
    ):
        async for piece in following:
            for event in piece:
                if words in event.payload:
                    return event
    raise AssertionError("the log ended")


def _forget_jobs() -> None:
    # Procrastinate's tables have no managed models: nothing else empties them between tests.
    with connection.cursor() as cursor:
        cursor.execute("truncate procrastinate_jobs, procrastinate_workers cascade")
