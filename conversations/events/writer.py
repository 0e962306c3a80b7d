"""What runs stream, written in windows: the first piece at once, then all runs of the process in one statement."""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context
from typing import Any

from django.db import DatabaseError, DataError

from conversations import errors
from conversations.events.live import publish
from conversations.events.log import Batch, LoggedEvent, append_batches
from conversations.events.payloads import dump
from conversations.threads import in_database

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 0.04
# Many runs at once come in half as many pieces, each of which costs a statement's share and a write to every reader.
BUSY_RUNS = 12
BUSY_WINDOW_SECONDS = 0.08


class RunLog:
    """One run's way into the log while it streams."""

    def __init__(self, writer: LogWriter, conversation_id: str, turn_id: str, epoch: int) -> None:
        self.conversation_id = conversation_id
        self.turn_id = turn_id
        self.epoch = epoch
        self.failure: BaseException | None = None
        self.pending: list[dict[str, Any]] = []
        self._writer = writer

    def append(self, payload: dict[str, Any]) -> None:
        """Take a payload into the next window; text of one item that follows itself is joined."""
        if self.failure:
            raise self.failure
        if not (self.pending and _join_text(self.pending[-1], payload)):
            self.pending.append(payload)
        self._writer.wake(self)

    async def take_pending(self) -> list[dict[str, Any]]:
        """Take back what isn't logged yet, to log it in a transaction of the caller's. Nothing is under way then."""
        await self._writer.drained(self)
        if self.failure:
            raise self.failure
        pending, self.pending = self.pending, []
        self._writer.forget(self)
        return pending


class LogWriter:
    """Writes the windows of all runs of an event loop."""

    def __init__(self) -> None:
        self._waiting: dict[RunLog, None] = {}
        self._in_flight: set[RunLog] = set()
        self._task: asyncio.Task[None] | None = None
        self._written = asyncio.Event()

    def open(self, conversation_id: str, turn_id: str, epoch: int) -> RunLog:
        return RunLog(self, conversation_id, turn_id, epoch)

    def wake(self, log: RunLog) -> None:
        self._waiting[log] = None
        if self._task is None:
            self._task = asyncio.create_task(self._write_windows(), context=Context())

    def forget(self, log: RunLog) -> None:
        self._waiting.pop(log, None)

    async def drained(self, log: RunLog) -> None:
        """Wait until nothing of the run is being written."""
        while log in self._in_flight:
            self._written.clear()
            await self._written.wait()

    async def _write_windows(self) -> None:
        try:
            while self._waiting:
                logs = list(self._waiting)
                self._waiting.clear()
                await self._write(logs)
                await asyncio.sleep(WINDOW_SECONDS if len(logs) < BUSY_RUNS else BUSY_WINDOW_SECONDS)
        finally:
            self._task = None

    async def _write(self, logs: list[RunLog]) -> None:
        batches = {log: log.pending for log in logs if log.pending and not log.failure}
        if not batches:
            return
        for log in batches:
            log.pending = []
        self._in_flight |= batches.keys()
        try:
            await self._append(batches)
        except DataError:
            await self._append_one_by_one(batches)
        except DatabaseError as error:
            logger.warning("the log can't be written, %s runs give up", len(batches))
            for log in batches:
                log.failure = error
        finally:
            self._in_flight -= batches.keys()
            self._written.set()

    async def _append(self, batches: dict[RunLog, list[dict[str, Any]]]) -> None:
        texts = {log: [dump(payload) for payload in payloads] for log, payloads in batches.items()}
        fresh = [Batch(log.conversation_id, log.turn_id, log.epoch, texts[log]) for log in batches]
        before = await in_database(append_batches, fresh)
        for log, payloads in batches.items():
            run = log.conversation_id, log.epoch
            if run not in before:  # another writer holds the row: the next window
                log.pending = payloads + log.pending
                self._waiting[log] = None
            elif (seq := before[run]) is None:
                log.failure = errors.Fenced()
            else:
                publish(
                    log.conversation_id,
                    [LoggedEvent(seq + n, log.turn_id, text) for n, text in enumerate(texts[log], start=1)],
                )

    async def _append_one_by_one(self, batches: dict[RunLog, list[dict[str, Any]]]) -> None:
        """Let a batch that the database refuses cost only its own run."""
        for log, payloads in batches.items():
            try:
                await self._append({log: payloads})
            except DatabaseError as error:
                log.failure = error


def _join_text(last: dict[str, Any], payload: dict[str, Any]) -> bool:
    first, second = last.get("update"), payload.get("update")
    if not (first and second and last["item_id"] == payload["item_id"]):
        return False
    if not first["type"] == second["type"] == "assistant_message.content_part.text_delta":
        return False
    if first["content_index"] != second["content_index"]:
        return False
    last["update"] = {**first, "delta": first["delta"] + second["delta"]}
    return True


__all__ = ["LogWriter", "RunLog"]
