"""Conversations that are long already, written straight into the tables."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg

from agents_app.providers.practice.brain import make_filler


def seed(connection: psycopg.Connection[tuple[Any, ...]], door: str, user_id: str, messages: int) -> str:
    """Store a conversation with so many messages, half of them replies; return its id."""
    conversation_id = f"conv_{uuid.uuid4()}"
    values = {
        "id": conversation_id,
        "user": user_id,
        "turns": messages // 2,
        "messages": messages // 2 * 2,
        "said": "And how is it now, up there above the clouds?",
        "reply": make_filler(60),
    }
    with connection.transaction():
        for statement in _REFERENCE if door == "reference" else _PRODUCT:
            connection.execute(statement, values)
    return conversation_id


_PRODUCT = (
    """
    insert into conversations_conversation (id, user_id, title, status, status_reason, handled_by,
        next_position, message_count, turn_count)
    values (%(id)s, %(user)s, 'Long', 'open', '', 'assistant', %(messages)s, %(messages)s, %(turns)s)
    """,
    """
    insert into conversations_turn (id, conversation_id, user_id, number, status, attempt, request_digest,
        before_seq, steps, model, queued_at, started_at, finished_at)
    select %(id)s || '_' || n, %(id)s, %(user)s, n, 'completed', 1, '', 0, '[]', '', long_ago, long_ago, long_ago
    from generate_series(1, %(turns)s) as n, lateral (select now() - interval '1 day') as past(long_ago)
    """,
    """
    insert into conversations_item (conversation_id, item_id, position, kind, role, sequence, text, payload,
        turn_id, turn_number)
    select %(id)s, %(id)s || '_' || n, n, case n %% 2 when 0 then 'user_message' else 'assistant_message' end,
        case n %% 2 when 0 then 'user' else 'assistant' end, n,
        case n %% 2 when 0 then %(said)s else %(reply)s end, '{}', %(id)s || '_' || (n / 2 + 1), n / 2 + 1
    from generate_series(0, %(messages)s - 1) as n
    """,
)
_REFERENCE = (
    "insert into conversation (id, user_id, title, created_at) values (%(id)s, %(user)s, 'Long', now())",
    """
    insert into message (conversation_id, role, content, created_at)
    select %(id)s, case n %% 2 when 0 then 'user' else 'assistant' end,
        case n %% 2 when 0 then %(said)s else %(reply)s end, now()
    from generate_series(0, %(messages)s - 1) as n order by n
    """,
)
