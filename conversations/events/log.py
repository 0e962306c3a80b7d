"""The log in PostgreSQL: gap-free seqs from 1, taken under the conversation's row lock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from conversations import errors, rows
from conversations.events.payloads import TURN_ENDED, dump

READ_LIMIT = 200
MEASURED_EVENTS = 20_000  # of a hundred bytes or more each
READ_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event as every door gives it out: its seq, its turn, and its payload as JSON text."""

    seq: int
    turn_id: str | None
    payload: str

    @property
    def ends_turn(self) -> bool:
        return '"allow_cancel"' in self.payload and json.loads(self.payload) == TURN_ENDED


@dataclass(slots=True)
class Batch:
    """What one run has to log, behind its fence."""

    conversation_id: str
    turn_id: str
    epoch: int
    payloads: list[str]


def append(
    conversation_id: str,
    turn_id: str | None,
    payloads: Sequence[dict[str, Any]],
    columns: Mapping[str, Any] | None = None,
    along: Sequence[rows.Write] = (),
) -> list[LoggedEvent]:
    """Append to one conversation's log inside the caller's transaction, which has compared the epoch.

    Locks the conversation's row, as every writer does; `columns` of it are set along with its last seq, and rows
    `along` with it are written in the same statement.
    """
    texts = [dump(payload) for payload in payloads]
    columns = columns or {}
    found = rows.run(
        _append_statement(tuple(columns), tuple(write.statement for write in along)),
        [
            *(parameter for write in along for parameter in write.parameters),
            *(len(texts), *columns.values(), conversation_id, turn_id, f"[{','.join(texts)}]"),
        ],
    )
    if not found:
        raise errors.NotFound()
    return [LoggedEvent(found[0][0] + n, turn_id, text) for n, text in enumerate(texts)]


@cache
def _append_statement(columns: tuple[str, ...], along: tuple[str, ...]) -> str:
    written = "".join(f"along_{number} as ({statement}), " for number, statement in enumerate(along))
    return _APPEND.replace("<columns>", "".join(f", {name} = %s" for name in columns)).replace(
        "<along>", written
    )


_APPEND = """
with <along>moved as (
    update conversations_conversation set last_seq = last_seq + %s<columns> where id = %s
    returning id, last_seq
), logged as (
    insert into conversations_event (conversation_id, seq, turn_id, payload)
    select moved.id, moved.last_seq - count(*) over () + fresh.n, %s, fresh.payload
    from moved, jsonb_array_elements(%s::jsonb) with ordinality as fresh(payload, n)
    returning seq
)
select min(seq) from logged having count(*) > 0
"""


def append_batches(batches: Iterable[Batch]) -> dict[tuple[str, int], int | None]:
    """Append the batches of many runs in one statement.

    Returns, for each run's conversation and epoch, the seq before its first new event, or None where the epoch has
    moved on: a dead run may still be in the window of the one that took over. A conversation that another writer
    holds, or that is gone, is missing.
    """
    found = rows.run(_APPEND_BATCHES, [f"[{','.join(map(_dump_batch, batches))}]"])
    return {(conversation_id, epoch): before for conversation_id, epoch, before in found}


def _dump_batch(batch: Batch) -> str:
    # One JSON text: psycopg takes longer for an array of texts than all else of the statement.
    head = dump(
        {
            "conversation_id": batch.conversation_id,
            "turn_id": batch.turn_id,
            "epoch": batch.epoch,
        }
    )
    return f'{head[:-1]},"payloads":[{",".join(batch.payloads)}]}}'


# Rows are locked in the order of their ids, so that two processes never wait for each other in a circle; what
# is locked already is skipped and tried again in the next window.
_APPEND_BATCHES = """
with fresh as (
    select batch.conversation_id, batch.epoch, batch.turn_id, each.n, each.payload
    from jsonb_to_recordset(%s::jsonb)
        as batch(conversation_id text, epoch bigint, turn_id text, payloads jsonb),
        jsonb_array_elements(batch.payloads) with ordinality as each(payload, n)
), wanted as (
    select conversation_id, epoch, max(n) as count from fresh group by conversation_id, epoch
), locked as (
    select id, epoch, last_seq from conversations_conversation
    where id in (select conversation_id from wanted)
    order by id for update skip locked
), accepted as (
    select locked.id, locked.last_seq, wanted.count, wanted.epoch
    from locked join wanted on wanted.conversation_id = locked.id and wanted.epoch = locked.epoch
), moved as (
    update conversations_conversation as conversation set last_seq = accepted.last_seq + accepted.count
    from accepted where conversation.id = accepted.id
), logged as (
    insert into conversations_event (conversation_id, seq, turn_id, payload)
    select fresh.conversation_id, accepted.last_seq + fresh.n, fresh.turn_id, fresh.payload
    from fresh join accepted on accepted.id = fresh.conversation_id and accepted.epoch = fresh.epoch
)
select wanted.conversation_id, wanted.epoch, accepted.last_seq
from wanted join locked on locked.id = wanted.conversation_id
    left join accepted on accepted.id = wanted.conversation_id and accepted.epoch = wanted.epoch
"""


def read_after(conversation_id: str, seq: int, limit: int = READ_LIMIT) -> list[LoggedEvent]:
    """Read what was logged after the seq, in pieces that a slow reader may hold; empty at the log's end.

    Raises Gone where the log doesn't hold it.
    """
    found = [LoggedEvent(*row) for row in rows.run(_READ_AFTER, [conversation_id, seq, limit, READ_BYTES])]
    if not found or found[0].seq != seq + 1:
        _check_holds(conversation_id, seq, bool(found))
    return found


_READ_AFTER = """
select seq, turn_id, payload from (
    select *, sum(octet_length(payload)) over (order by seq) - octet_length(payload) as bytes_before from (
        select seq, turn_id, payload::text from conversations_event
        where conversation_id = %s and seq > %s order by seq limit %s
    ) as following
) as measured where bytes_before < %s order by seq
"""


def _check_holds(conversation_id: str, seq: int, found: bool) -> None:
    standing = standings([conversation_id]).get(conversation_id)
    if standing is None:
        raise errors.NotFound()
    if found or seq > standing.last_seq:
        raise errors.Gone()
    # Between the two reads an append may have come; what is missing for good was pruned.
    following = rows.run(_READ_AFTER, [conversation_id, seq, 1, READ_BYTES])
    if (not following and seq < standing.last_seq) or (following and following[0][0] != seq + 1):
        raise errors.Gone()


def bytes_after(conversation_id: str, seq: int) -> int:
    """Return how much was logged after the seq, up to some megabytes."""
    [(found,)] = rows.run(_BYTES_AFTER, [conversation_id, seq, MEASURED_EVENTS])
    return int(found)


_BYTES_AFTER = """
select coalesce(sum(octet_length(payload::text)), 0) from (
    select payload from conversations_event where conversation_id = %s and seq > %s order by seq limit %s
) as following
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a conversation stands: its last seq, its fence, whether anything is on its way."""

    last_seq: int
    epoch: int
    unfinished: bool


def standings(conversation_ids: Sequence[str]) -> dict[str, Standing]:
    """Return where each conversation stands that still exists, in one query."""
    return {row[0]: Standing(*row[1:]) for row in rows.run(_STANDINGS, [list(conversation_ids)])}


_STANDINGS = """
select id, last_seq, epoch, exists (
    select from conversations_turn as turn
    where turn.conversation_id = conversation.id and turn.status in ('queued', 'running')
) from conversations_conversation as conversation where id = any(%s)
"""
