"""Puts what a responder does into the thread: shown as it streams, stored with each step."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from conversations import errors, events, ids, services, watching
from conversations.events.writer import LogWriter
from conversations.responder import Spent, Step, TurnRequest
from conversations.services import items
from conversations.threads import in_database


class Recorder:
    """One run's `TurnRecorder`."""

    def __init__(self, request: TurnRequest, writer: LogWriter) -> None:
        self.completed = False
        self.waits = False
        self.is_completing = False
        self.more_were_sent = True
        self._request = request
        self._log = writer.open(request.conversation_id, request.turn_id, request.epoch)
        self._first_token_at: datetime | None = None
        self._message_id = ""
        self._text: list[str] = []
        self._workflow: dict[str, Any] | None = None
        self._tasks: dict[str, int] = {}
        self._started: dict[str, float] = {}
        self._shown: dict[str, dict[str, Any]] = {}
        self._spent: list[Spent] = []

    @property
    def request(self) -> TurnRequest:
        """The request as it stands now, with the steps that were stored since: another try goes on from there."""
        return self._request

    @property
    def has_shown_text(self) -> bool:
        """Whether text of the response under way was shown: then asking again would show it twice."""
        return bool(self._message_id)

    async def text(self, delta: str) -> None:
        delta = events.clean(delta)
        if not delta:
            return
        if not self._message_id:
            self._start_message()
        self._text.append(delta)
        update = {"type": "assistant_message.content_part.text_delta", "content_index": 0, "delta": delta}
        self._log.append(events.item_updated(self._message_id, update))

    async def step(self, step: Step) -> None:
        payloads = await self._log.take_pending()
        shown_calls = self._request.shown_calls | self._tasks.keys()
        new_items = self._finish_steps(payloads)
        if message := self._finish_message(events.clean(step.text), step.annotations):
            new_items.append(message)
            part = {
                "type": "assistant_message.content_part.done",
                "content_index": 0,
                "content": message["content"][0],
            }
            payloads += [events.item_updated(message["id"], part), events.item_done(message)]
        # The log says that the turn has ended before this returns; whoever hears it need not stop the run.
        self.is_completing = step.final
        self.more_were_sent = await in_database(
            services.commit_step,
            request=self._request,
            step=step,
            payloads=payloads,
            new_items=new_items,
            first_token_at=self._first_token_at,
            spent=self._spent,
        )
        self._spent = []
        self.completed = step.final
        steps = [*self._request.steps, step.response]
        self._request = dataclasses.replace(self._request, steps=steps, shown_calls=shown_calls)

    async def before_call(self) -> None:
        if not services.is_limited():
            return
        try:
            await in_database(services.check_allowance, user_id=self._request.user_id)
        except errors.RateLimited as reached:
            raise errors.AssistantUnavailable(reached.detail, retry_after=reached.retry_after) from reached

    def spent(self, spent: Spent) -> None:
        self._spent.append(spent)

    async def begin_summary(self, *, until_turn: int, pause_seconds: float) -> bool:
        begin = functools.partial(services.begin_summary, until_turn=until_turn, pause_seconds=pause_seconds)
        return await in_database(begin, conversation_id=self._request.conversation_id)

    async def summarise(self, text: str, *, until_turn: int, spent: Spent) -> None:
        await in_database(
            services.store_summary, request=self._request, text=text, until_turn=until_turn, spent=spent
        )

    async def wait(self) -> None:
        payloads = await self._log.take_pending()
        shown_calls = self._request.shown_calls | self._tasks.keys()
        new_items = self._finish_steps(payloads)
        self.more_were_sent = await in_database(
            services.wait_for_decision,
            request=self._request,
            payloads=payloads,
            new_items=new_items,
            shown_calls=shown_calls,
        )
        self.waits = True

    @property
    def has_ended(self) -> bool:
        """Whether the run has done all that it can: the turn is complete, or waits for somebody."""
        return self.completed or self.waits

    async def tool_started(self, call_id: str, tool: str, title: str) -> None:
        if call_id in self._request.shown_calls or call_id in self._tasks:
            return
        task = _task(title, "loading")
        self._started[call_id] = time.monotonic()
        if self._workflow is None:
            self._tasks[call_id] = 0
            self._start_workflow(task)
            return
        self._tasks[call_id] = len(self._tasks)
        self._workflow["workflow"]["tasks"].append(task)
        self._update_task(self._workflow, "added", call_id, task)

    async def tool_finished(self, call_id: str, tool: str, title: str, *, failed: bool = False) -> None:
        if self._workflow is None or call_id not in self._tasks:
            return
        seconds = time.monotonic() - self._started[call_id]
        task = {**_task(title, "complete"), "content": _duration(seconds)}
        self._workflow["workflow"]["tasks"][self._tasks[call_id]] = task
        self._update_task(self._workflow, "updated", call_id, task)

    async def show(self, call_id: str, items: Sequence[dict[str, Any]]) -> None:
        if call_id in self._request.shown_calls:
            return
        for item in items:
            if item["id"] not in self._shown:
                self._shown[item["id"]] = item
                self._log.append(events.item_added(item))

    async def fail(self, error: errors.AssistantError) -> None:
        """End the turn as failed; what was shown stays."""
        pending = await self._log.take_pending()
        await in_database(
            services.fail_turn, request=self._request, error=error, pending=pending, spent=self._spent
        )

    def _start_message(self) -> None:
        self._note_first_text()
        self._message_id = ids.new_id("msg")
        draft = items.assistant_message(self._request.conversation_id, self._message_id, None)
        part = {
            "type": "assistant_message.content_part.added",
            "content_index": 0,
            "content": items.output_text(""),
        }
        self._log.append(events.item_added(draft))
        self._log.append(events.item_updated(self._message_id, part))

    def _finish_message(self, text: str, annotations: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
        text = text or "".join(self._text)
        if not text.strip() and not self._message_id:
            return None
        self._message_id = self._message_id or ids.new_id("msg")
        self._note_first_text()
        message = items.assistant_message(self._request.conversation_id, self._message_id, text)
        message["content"][0]["annotations"] = [events.clean_json(each) for each in annotations]
        self._message_id, self._text = "", []
        return message

    def _note_first_text(self) -> None:
        if self._first_token_at is None:
            self._first_token_at = timezone.now()
            watching.text_shown(self._request)

    def _start_workflow(self, task: dict[str, Any]) -> None:
        self._workflow = {
            "type": "workflow",
            "id": ids.new_id("wf"),
            "thread_id": self._request.conversation_id,
            "created_at": items.now_text(),
            "workflow": {"type": "custom", "tasks": [task], "expanded": True},
        }
        self._log.append(events.item_added(_copy(self._workflow)))

    def _update_task(self, workflow: dict[str, Any], verb: str, call_id: str, task: dict[str, Any]) -> None:
        update = {"type": f"workflow.task.{verb}", "task_index": self._tasks[call_id], "task": task}
        self._log.append(events.item_updated(workflow["id"], update))

    def _finish_steps(self, payloads: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return what the tools left in the thread, in its order, and add the events that say so."""
        workflow = self._finish_workflow()
        finished = [*([workflow] if workflow else []), *self._shown.values()]
        self._shown = {}
        payloads += map(events.item_done, finished)
        return finished

    def _finish_workflow(self) -> dict[str, Any] | None:
        workflow, self._workflow, self._tasks = self._workflow, None, {}
        return workflow


def _task(title: str, status: str) -> dict[str, Any]:
    return {"type": "custom", "title": title, "status_indicator": status}


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 0.1 else f"{max(seconds, 0.01):.2f} s"


def _copy(workflow: dict[str, Any]) -> dict[str, Any]:
    """Freeze what is logged now: the tasks go on changing until the window closes."""
    return {**workflow, "workflow": {**workflow["workflow"], "tasks": list(workflow["workflow"]["tasks"])}}
