"""A turn's life after it was queued: claimed by a job, step by step, to its end."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext_noop
from procrastinate.contrib.django import app as jobs

from conversations import errors, events, rows, watching
from conversations.models import Conversation, Event, Turn
from conversations.responder import (
    HistoryImage,
    HistoryMessage,
    HistoryToolCall,
    Role,
    Spent,
    Step,
    TurnRequest,
)
from conversations.services import ending, items, usage
from conversations.services.attachments import read_images
from conversations.services.locking import lock_conversation, log
from conversations.tokens import estimate_tokens

MAX_ATTEMPTS = 10
HISTORY_MESSAGES = 200
#: The latest pictures of a conversation that the assistant sees again; of older ones it is told the names.
IMAGES_SEEN = 5


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
    conversation = lock_conversation(id=request.conversation_id, epoch=request.epoch)
    turn = _own_turn(request)
    for payload in new_items:
        items.store_item(conversation, payload, turn=turn)
    turn.steps.append({"response": events.clean_json(step.response), "calls": list(step.calls)})
    for call in (*spent, Spent(step.model, step.usage)):
        usage.charge(turn, call)
    turn.expected_tokens = step.usage.input_tokens + step.usage.output_tokens
    turn.first_token_at = turn.first_token_at or first_token_at
    if step.final:
        turn.status, turn.finished_at = Turn.Status.COMPLETED, timezone.now()
        conversation.updated_at = turn.finished_at
    rows.update(turn, *_STEP_COLUMNS)
    # Before the hint of it, which ends a completed run wherever it stands.
    transaction.on_commit(functools.partial(watching.step_stored, request, step))
    shown = ending.in_stored_order(conversation, turn, payloads)
    if step.final:
        shown.append(events.TURN_ENDED)
    log(conversation, turn.pk, shown, "next_position", "message_count", "updated_at")
    return conversation.turn_count > turn.number


_STEP_COLUMNS = (
    *("steps", "expected_tokens", *usage.USAGE_COLUMNS),
    *("first_token_at", "status", "finished_at"),
)


def _own_turn(request: TurnRequest) -> Turn:
    (turn,) = rows.select(Turn, "id = %s", [request.turn_id])
    return turn


@transaction.atomic
def fail_turn(
    *,
    request: TurnRequest,
    error: errors.AssistantError,
    pending: Sequence[dict[str, Any]],
    spent: Sequence[Spent] = (),
) -> None:
    """End the run's turn as failed, with its reason; what was shown stays. Raises Fenced."""
    conversation = lock_conversation(id=request.conversation_id, epoch=request.epoch)
    turn = _own_turn(request)
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
    request = begin_turn(conversation, turn, job_id)
    log(conversation, turn.pk, drafts, "epoch")
    rows.update(turn, *STARTED_COLUMNS, *usage.USAGE_COLUMNS)
    return request


def begin_turn(conversation: Conversation, turn: Turn, job_id: int) -> TurnRequest:
    """Give a turn to a job: raise the fence and note the attempt, for the caller to store; return what to answer."""
    conversation.epoch += 1
    summary, history = _history(conversation, turn)
    if not turn.steps:
        turn.expected_tokens = estimate_tokens(summary) + sum(map(_tokens_of, history))
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
        history=history,
        summary=summary,
        chosen_model=turn.chosen_model,
        language=turn.language,
        steps=[step["response"] for step in turn.steps],
        shown_calls=_shown_calls(turn.steps),
        queued_at=None if queued_again else turn.queued_at,
        trace_parent=turn.trace_parent,
    )


STARTED_COLUMNS = ("attempt", "status", "job_id", "started_at", "expected_tokens")


def _tokens_of(entry: HistoryMessage | HistoryToolCall) -> int:
    if isinstance(entry, HistoryMessage):
        return estimate_tokens(entry.text)
    return estimate_tokens(f"{entry.arguments}{entry.result}")


def _shown_calls(steps: list[dict[str, Any]]) -> frozenset[str]:
    """Return the calls that the thread shows: the last step's too, as far as it did before the turn waited."""
    shown = [call for step in steps[:-1] for call in step["calls"]]
    return frozenset(shown + steps[-1].get("shown", []) if steps else ())


def _history(conversation: Conversation, turn: Turn) -> tuple[str, list[HistoryMessage | HistoryToolCall]]:
    """Load what was said before the turn, by turn and not by arrival, with the tool calls of those turns.

    Turns that were summed up are left out: their summary comes first.
    """
    place: dict[str, Any] = {"conversation": conversation.pk, "number": turn.number, "turn": turn.pk}
    # A turn that has no steps may have lost them (StateLost): what its tools did then is told as history.
    own = turn.pk if turn.steps else None
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY, {**place, "own": own, "most": HISTORY_MESSAGES})
        found = cursor.fetchall()
    summary = found.pop(0)[3] if found and found[0][2] == "summary" else ""
    # Only a message's attachments stand where a call's arguments do.
    brought = {id_: json.loads(data) for _, id_, role, _, _, _, data in found if role and data}
    images = _images(brought, conversation.user_id) if brought else {}
    return summary, [
        HistoryMessage(
            id_, cast("Role", role), _with_quote(text, quoted_text), number, images=images.get(id_, ())
        )
        if role
        else HistoryToolCall(id_, tool, json.loads(arguments), text, number)
        for number, id_, role, text, quoted_text, tool, arguments in found
    ]


_HISTORY = """
with summary as (
    select until_turn, text from conversations_summary
    where conversation_id = %(conversation)s and until_turn < %(number)s and text <> ''
    order by until_turn desc limit 1
), messages as (
    select turn_number, position, item_id, role, text, payload ->> 'quoted_text' as quoted_text, turn_id,
        nullif(payload -> 'attachments', '[]')::text as attachments
    from conversations_item
    where conversation_id = %(conversation)s and role is not null and turn_number <= %(number)s
        and turn_number > coalesce((select until_turn from summary), -1)
        and (turn_id, role) is distinct from (%(turn)s, 'assistant')
    order by turn_number desc, position desc limit %(most)s
), calls as (
    select turn.number, call.position, call.call_id, call.result, call.tool, call.arguments
    from conversations_toolcall as call join conversations_turn as turn on turn.id = call.turn_id
    where call.turn_id in (select turn_id from messages) and call.turn_id is distinct from %(own)s
)
select turn_number, id, role, text, quoted_text, tool, arguments from (
    select until_turn as turn_number, -1 as position, '' as id, 'summary' as role, text, null as quoted_text,
        null as tool, null as arguments
    from summary
    union all
    select turn_number, position, item_id, role, text, quoted_text, null, attachments from messages
    union all
    select number, position, call_id, null, result, null, tool, arguments::text from calls
) as said order by turn_number, position
"""


def _images(brought: dict[str, list[dict[str, Any]]], user_id: str) -> dict[str, tuple[HistoryImage, ...]]:
    """Return the pictures that messages brought; the latest ones with their bytes."""
    in_order = [attachment["id"] for attachments in brought.values() for attachment in attachments]
    loaded = read_images(attachment_ids=in_order[-IMAGES_SEEN:], user_id=user_id)
    return {
        item_id: tuple(
            loaded.get(each["id"]) or HistoryImage(each.get("name", ""), each.get("mime_type", ""))
            for each in attachments
        )
        for item_id, attachments in brought.items()
    }


def _with_quote(text: str, quoted_text: str | None) -> str:
    """Put what a customer quoted before what he says of it, as Markdown."""
    if not quoted_text:
        return text
    return "\n".join(f"> {line}" for line in quoted_text.splitlines()) + f"\n\n{text}"
