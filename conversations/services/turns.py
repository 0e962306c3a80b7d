"""A turn's life after it was queued: claimed by a job, step by step, to its end."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext_noop
from procrastinate.contrib.django import app as jobs

from conversations import errors, events, rows, watching
from conversations.models import Conversation, Event, Turn
from conversations.responder import Spent, Step, TurnRequest
from conversations.services import ending, items, usage
from conversations.services.locking import lock_conversation, lock_run, log
from conversations.services.past import Past, read_past

MAX_ATTEMPTS = 10


@transaction.atomic
def claim_turn(*, conversation_id: str, job_id: int, resume: bool) -> TurnRequest | None:
    """Give the job the conversation's next turn, or None when there is nothing for it.

    A running turn goes only to the job that ran it, when that job starts again (`resume`): then that attempt is
    dead, and its drafts are withdrawn. Or to any job, when its own is gone. Other jobs may leave: the running one
    comes back for what waits.
    """
    try:
        conversation = lock_conversation(id=conversation_id)
    except errors.NotFound:
        return None
    turn = _next_turn(conversation, job_id, resume)
    while turn is not None and turn.attempt >= MAX_ATTEMPTS:
        worn_out = errors.AssistantFailed(
            gettext_noop("The assistant kept failing on this message. It is saved; try again.")
        )
        ending.end_turn(conversation, turn, Turn.Status.FAILED, error=worn_out)
        turn = _next_turn(conversation, job_id, resume)
    return None if turn is None else _start(conversation, turn, job_id)


@transaction.atomic
def commit_step(
    *,
    request: TurnRequest,
    step: Step,
    payloads: Sequence[dict[str, Any]],
    new_items: Sequence[dict[str, Any]],
    first_token_at: datetime | None,
    spent: Sequence[Spent] = (),
) -> bool:
    """Store a complete response with what was shown of it; a final one completes the turn.

    `spent` are calls before it that came to nothing. Returns whether later turns were sent. Raises Fenced.
    """
    conversation, turn = _lock_run(request)
    along = [rows.inserting(items.make_item(conversation, payload, turn=turn)) for payload in new_items]
    turn.steps.append({"response": events.clean_json(step.response), "calls": list(step.calls)})
    for call in (*spent, Spent(step.model, step.usage)):
        usage.charge(turn, call)
    turn.expected_tokens = step.usage.input_tokens + step.usage.output_tokens
    turn.first_token_at = turn.first_token_at or first_token_at
    if step.final:
        turn.status, turn.finished_at = Turn.Status.COMPLETED, timezone.now()
        conversation.updated_at = turn.finished_at
    along.append(rows.updating(turn, *_STEP_COLUMNS))
    # Before the hint of it, which ends a completed run wherever it stands.
    transaction.on_commit(functools.partial(watching.step_stored, request, step))
    shown = ending.in_stored_order(conversation, turn, payloads)
    if step.final:
        shown.append(events.TURN_ENDED)
    log(conversation, turn.pk, shown, "next_position", "message_count", "updated_at", along=along)
    return conversation.turn_count > turn.number


_STEP_COLUMNS = (
    *("steps", "expected_tokens", *usage.USAGE_COLUMNS),
    *("first_token_at", "status", "finished_at"),
)


def _lock_run(request: TurnRequest) -> tuple[Conversation, Turn]:
    return lock_run(conversation_id=request.conversation_id, turn_id=request.turn_id, epoch=request.epoch)


@transaction.atomic
def fail_turn(
    *,
    request: TurnRequest,
    error: errors.AssistantError,
    pending: Sequence[dict[str, Any]],
    spent: Sequence[Spent] = (),
) -> None:
    """End the run's turn as failed, with its reason; what was shown stays. Raises Fenced."""
    conversation, turn = _lock_run(request)
    log(conversation, turn.pk, list(pending))
    for call in spent:
        usage.charge(turn, call)
    ending.end_turn(conversation, turn, Turn.Status.FAILED, error=error)


@transaction.atomic
def cancel_turn(*, user: Any, conversation_id: str, turn_id: str) -> Turn:
    """Stop the user's turn and keep the text so far; a finished one stays as it is."""
    conversation = lock_conversation(user=user, id=conversation_id)
    turn = get_turn(conversation=conversation, turn_id=turn_id)
    if not turn.is_finished:
        ending.end_turn(conversation, turn, Turn.Status.CANCELLED)
    return turn


def get_turn(*, conversation: Conversation, turn_id: str) -> Turn:
    """Return a conversation's turn or raise NotFound."""
    turn: Turn | None = conversation.turns.filter(pk=turn_id).first()
    if turn is None:
        raise errors.NotFound()
    return turn


def snapshot_seq(conversation: Conversation, *, replay_failure: bool = False) -> int:
    """Return the seq that a snapshot of the conversation stands for: what follows it replays unfinished turns.

    With `replay_failure` a last turn that failed is replayed too, while its events are kept: a page that is loaded
    again shows why the reply broke off, and offers to try again. Ask before reading the items. One statement sees
    one moment: with two, a turn that ends between them would leave its last deltas without their beginning.
    """
    turns = Turn.objects.filter(conversation=OuterRef("pk")).order_by("number")
    kept = Event.objects.filter(conversation=OuterRef("conversation"), seq=OuterRef("before_seq") + 1)
    failed = turns.filter(Exists(kept), number=OuterRef("turn_count"), status=Turn.Status.FAILED)
    standing = Conversation.objects.filter(pk=conversation.pk).annotate(
        unfinished=Subquery(turns.unfinished().values("before_seq")[:1]),
        failed=Subquery(failed.values("before_seq")[:1]),
    )
    found = standing.values_list("last_seq", "unfinished", "failed").first()
    last_seq, before_unfinished, before_failed = found or (conversation.last_seq, None, None)
    replayed = [before_unfinished, before_failed if replay_failure else None]
    seq: int = next((before for before in replayed if before is not None), last_seq)
    return seq


@transaction.atomic
def queue_orphans() -> int:
    """Queue the conversations whose turns wait or run without a job that will see to them; return how many.

    That happens when a process that only seemed dead ends the job that another one took over.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ORPHANS)
        orphans = [row[0] for row in cursor.fetchall()]
    for conversation_id in orphans:
        jobs.configure_task("conversations.run_turns").defer(conversation_id=conversation_id)
    return len(orphans)


_ORPHANS = """
select distinct conversation_id from conversations_turn as turn
where status in ('queued', 'running') and not exists (
    select from procrastinate_jobs
    where status in ('todo', 'doing') and args ->> 'conversation_id' = turn.conversation_id
)
"""


def _next_turn(conversation: Conversation, job_id: int, resume: bool) -> Turn | None:
    # “running” comes before “queued” in descending order.
    where = "conversation_id = %s and status in ('queued', 'running') order by status desc, number"
    turn = rows.first(Turn, where, [conversation.pk])
    if turn is None or turn.status == Turn.Status.QUEUED:
        return turn
    own = turn.job_id == job_id
    return turn if (resume if own else not _is_live(turn.job_id)) else None


def _is_live(job_id: int | None) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select from procrastinate_jobs where id = %s and status in ('todo', 'doing')", [job_id]
        )
        return cursor.fetchone() is not None


def _start(conversation: Conversation, turn: Turn, job_id: int) -> TurnRequest:
    drafts = ending.take_back_drafts(turn)
    request = begin_turn(conversation, turn, job_id, read_past(conversation, turn))
    log(conversation, turn.pk, drafts, "epoch")
    rows.update(turn, *STARTED_COLUMNS, *usage.USAGE_COLUMNS)
    return request


def begin_turn(conversation: Conversation, turn: Turn, job_id: int, past: Past) -> TurnRequest:
    """Give a turn to a job: raise the fence and note the attempt, for the caller to store; return what to answer."""
    conversation.epoch += 1
    if not turn.steps:
        turn.expected_tokens = past.count_tokens()
    queued_again = turn.attempt == 0 and turn.started_at not in (None, turn.queued_at)
    turn.attempt += 1
    turn.status = Turn.Status.RUNNING
    turn.job_id = job_id
    turn.started_at = turn.started_at or timezone.now()
    return TurnRequest(
        conversation_id=conversation.pk,
        turn_id=turn.pk,
        user_id=conversation.user_id,
        epoch=conversation.epoch,
        attempt=turn.attempt,
        history=past.history,
        summary=past.summary,
        chosen_model=turn.chosen_model,
        language=turn.language,
        steps=[step["response"] for step in turn.steps],
        shown_calls=_shown_calls(turn.steps),
        queued_at=None if queued_again else turn.queued_at,
        trace_parent=turn.trace_parent,
    )


STARTED_COLUMNS = ("attempt", "status", "job_id", "started_at", "expected_tokens")


def _shown_calls(steps: list[dict[str, Any]]) -> frozenset[str]:
    """Return the calls that the thread shows: the last step's too, as far as it did before the turn waited."""
    shown = [call for step in steps[:-1] for call in step["calls"]]
    return frozenset(shown + steps[-1].get("shown", []) if steps else ())
