"""The windows in which runs are logged: who is fenced off shows nothing, whoever else is in the window."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import Any

import pytest
from channels.db import database_sync_to_async

from conversations import errors, events, services
from conversations.events import LoggedEvent
from conversations.events.writer import LogWriter, RunLog

pytestmark = pytest.mark.django_db(transaction=True)


async def test_readers_see_nothing_of_a_dead_run_in_the_window_of_the_next(send: Any) -> None:
    """A hint of what the log had refused once stood in the place of what it took: a draft that never went."""
    sent = await send("Hello")
    writer = LogWriter()
    dead, living = [await _open(writer, sent.conversation_id) for _ in range(2)]
    following = events.follow(sent.conversation_id, 0)
    async with aclosing(following):
        before = await anext(following)

        for log, draft in ((dead, "old"), (living, "new")):
            log.append(events.item_added({"id": draft}))
        seen = await anext(following)
        await writer.drained(living)

    logged = await database_sync_to_async(events.read_after)(sent.conversation_id, before[-1].seq)
    assert _told(seen) == _told(logged) == [(before[-1].seq + 1, events.item_added({"id": "new"}))]
    with pytest.raises(errors.Fenced):
        await dead.take_pending()
    assert await living.take_pending() == []


def _told(logged: list[LoggedEvent]) -> list[tuple[int, Any]]:
    return [(event.seq, json.loads(event.payload)) for event in logged]


async def _open(writer: LogWriter, conversation_id: str) -> RunLog:
    """Take the turn, from an attempt whose job is gone if there is one, and log in its name."""
    claim = database_sync_to_async(services.claim_turn)
    request = await claim(conversation_id=conversation_id, job_id=1, resume=True)
    return writer.open(conversation_id, request.turn_id, request.epoch)
