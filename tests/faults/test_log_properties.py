"""Whatever is written, dies, is stopped or read in between: a snapshot and the events after it are a fresh load."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from conversations import drafts, errors, events, services
from conversations.events import LoggedEvent
from conversations.events.writer import LogWriter
from conversations.models import Conversation, Item, Turn
from conversations.recorder import Recorder
from conversations.responder import Step, TurnRequest
from tests.contract.reducer import Json, fold
from tests.contract.threads import comparable
from tests.faults.element import Element, running_element
from tests.faults.form import FULL

pytestmark = pytest.mark.faults

JOB = 1  # of this number there is none: so each claim is that of a job whose process died
MOST_TURNS = 6


@dataclass
class Snapshot:
    """What a page has loaded: first the seq, then the items, which may have changed in between."""

    seq: int
    items: list[Json] | None = None


class Run:
    """One attempt at a turn, in an event loop of its own: nothing happens to it while it isn't asked."""

    def __init__(self, request: TurnRequest) -> None:
        self.request = request
        self.calls_tools = False
        self._loop = asyncio.new_event_loop()
        self._writer = LogWriter()
        self._recorder = Recorder(request, self._writer)
        self._log = self._recorder._log

    def say(self) -> None:
        self._do(self._say())

    def step(self, text: str, *, final: bool) -> None:
        call = "" if final else f"call-{len(self._recorder.request.steps)}-{self.request.attempt}"
        calls = (call,) if call else ()
        self._do(self._recorder.step(Step(response={"text": text}, text=text, final=final, calls=calls)))
        self.calls_tools = bool(calls)
        if calls:
            self.show_tool(call, done=False)

    def show_tool(self, call: str, *, done: bool) -> None:
        self._do(self._show_tool(call, done))

    def fail(self) -> None:
        self._do(self._recorder.fail(errors.AssistantFailed()))

    def close(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
            with suppress(asyncio.CancelledError):
                self._loop.run_until_complete(task)
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        self._loop.run_until_complete(work)

    async def _say(self) -> None:
        await self._recorder.text("word ")
        await self._logged()

    async def _show_tool(self, call: str, done: bool) -> None:
        await self._recorder.tool_started(call, "look", "Looking")
        if done:
            await self._recorder.tool_finished(call, "look", "Looked")
        await self._logged()

    async def _logged(self) -> None:
        while self._log.pending and not self._log.failure:
            await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()}, timeout=0.001)
        await self._writer.drained(self._log)
        if self._log.failure:
            raise self._log.failure


class LogMachine(RuleBasedStateMachine):
    """One conversation, and everything that can happen to it."""

    make_user: Any  # set by the test
    element: Element

    def __init__(self) -> None:
        super().__init__()
        self.now: Run | None = None
        self.runs: list[Run] = []
        self.snapshots: list[Snapshot] = []

    @initialize()
    def first_message(self) -> None:
        self.user = self.make_user(f"user-{os.urandom(8).hex()}")
        sent = services.send_message(user=self.user, text="Hello")
        self.id = sent.conversation_id

    # What customers do.

    @rule()
    @precondition(lambda self: self._turns().count() < MOST_TURNS)
    def send(self) -> None:
        services.send_message(user=self.user, text="And?", conversation_id=self.id)

    @rule(which=st.integers(0, MOST_TURNS))
    def cancel(self, which: int) -> None:
        turns = list(self._turns())
        turn = turns[which % len(turns)]
        services.cancel_turn(user=self.user, conversation_id=self.id, turn_id=turn.pk)
        if self.now is not None and self.now.request.turn_id == turn.pk:
            self.now = None

    @rule()
    def retry(self) -> None:
        last = self._turns().last()
        assert last is not None
        with suppress(errors.Conflict):
            services.retry_turn(user=self.user, conversation_id=self.id, turn_id=last.pk)

    @rule(which=st.integers(0, MOST_TURNS))
    @precondition(lambda self: self._turns().count() < MOST_TURNS)
    def ask_anew(self, which: int) -> None:
        questions = list(Item.objects.filter(conversation_id=self.id, role="user").order_by("position"))
        item = questions[which % len(questions)]
        services.retry_after_item(user=self.user, conversation_id=self.id, item_id=item.item_id)
        self.now = None

    # What workers do.

    @rule()
    def claim(self) -> None:
        """Take the next turn; the one that runs is taken from an attempt that died."""
        request = services.claim_turn(conversation_id=self.id, job_id=JOB, resume=True)
        self.now = None
        if request is not None:
            self.now = Run(request)
            self.runs.append(self.now)
            assert not drafts.unfinished_items(self._log()), "a dead attempt's draft stays"

    @rule()
    @precondition(lambda self: self.now is not None)
    def say(self) -> None:
        self._with(Run.say)

    @rule()
    @precondition(lambda self: self.now is not None)
    def die(self) -> None:
        """What it has not logged is lost; the next claim takes the turn."""
        self.now = None

    @rule(text=st.sampled_from(["", "Let me see."]))
    @precondition(lambda self: self.now is not None)
    def call_a_tool(self, text: str) -> None:
        self._with(lambda run: run.step(text, final=False))

    @rule(done=st.booleans(), call=st.sampled_from(["a", "b"]))
    @precondition(lambda self: self.now is not None and self.now.calls_tools)
    def show_tool(self, done: bool, call: str) -> None:
        self._with(lambda run: run.show_tool(call, done=done))

    @rule()
    @precondition(lambda self: self.now is not None)
    def finish(self) -> None:
        self._with(lambda run: run.step("That is all.", final=True))
        self.now = None

    @rule()
    @precondition(lambda self: self.now is not None)
    def fail(self) -> None:
        self._with(Run.fail)
        self.now = None

    @rule(which=st.integers(0, 20))
    @precondition(lambda self: self.runs)
    def write_late(self, which: int) -> None:
        """Let an attempt that was fenced off try to write: nothing comes of it."""
        run = self.runs[which % len(self.runs)]
        before = self._conversation()
        if before.epoch != run.request.epoch:
            with pytest.raises(errors.Fenced):
                run.say()
            assert self._conversation().last_seq == before.last_seq

    # What pages do.

    @rule(replay_failure=st.booleans())
    def begin_to_load(self, replay_failure: bool) -> None:
        seq = services.snapshot_seq(self._conversation(), replay_failure=replay_failure)
        self.snapshots.append(Snapshot(seq))

    @rule()
    def go_on_loading(self) -> None:
        for snapshot in self.snapshots:
            if snapshot.items is None:
                snapshot.items = self._items()

    @invariant()
    def a_snapshot_and_what_follows_is_a_fresh_load(self) -> None:
        if not hasattr(self, "id"):
            return
        log = self._log()
        if drafts.unfinished_items(log):  # a draft stands elsewhere than where it will be stored
            assert self._turns().filter(status="running").exists(), "a draft without a run"
            return
        self.go_on_loading()
        fresh = comparable(self._items())
        for snapshot in [Snapshot(0, []), *self.snapshots]:
            following = [json.loads(event.payload) for event in log if event.seq > snapshot.seq]
            items = snapshot.items or []
            assert comparable(fold(items, following)) == fresh, f"loaded at {snapshot.seq}"
            assert comparable(self.element.fold(items, following)) == fresh, f"a page of {snapshot.seq}"

    def teardown(self) -> None:
        for run in self.runs:
            run.close()

    # Helpers.

    def _with(self, act: Callable[[Run], None]) -> None:
        assert self.now is not None
        act(self.now)

    def _turns(self) -> Any:
        return Turn.objects.filter(conversation_id=self.id).order_by("number")

    def _conversation(self) -> Conversation:
        return Conversation.objects.get(pk=self.id)

    def _items(self) -> list[Json]:
        return list(
            Item.objects.filter(conversation_id=self.id)
            .order_by("position")
            .values_list("payload", flat=True)
        )

    def _log(self) -> list[LoggedEvent]:
        found: list[LoggedEvent] = []
        while page := events.read_after(self.id, found[-1].seq if found else 0):
            found += page
        assert [event.seq for event in found] == list(range(1, len(found) + 1))
        return found


@pytest.mark.django_db(transaction=True)
def test_the_log_tells_what_a_load_shows(make_user: Any, settings: Any) -> None:
    settings.CHAT_RATE_PER_MINUTE = 0
    LogMachine.make_user = staticmethod(make_user)

    with running_element() as LogMachine.element:
        run_state_machine_as_test(seed(int(os.environ["FAULT_SEED"]))(LogMachine), settings=HOW_MUCH)


HOW_MUCH = settings(
    max_examples=500 if FULL else 25,
    stateful_step_count=25,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
