"""What was said in a conversation before a turn, as its responder is told it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from conversations import rows
from conversations.models import Conversation, Item, Turn
from conversations.responder import HistoryImage, HistoryMessage, HistoryToolCall, Role
from conversations.services.attachments import read_images
from conversations.tokens import estimate_tokens

HISTORY_MESSAGES = 200
#: The latest pictures of a conversation that the assistant sees again; of older ones it is told the names.
IMAGES_SEEN = 5


@dataclass(frozen=True, slots=True)
class Past:
    """The history of a turn, in order; its last entry is the message to answer.

    `unfinished` are the states of the turns before it that are not over. Turns that were summed up are left out of the
    history: their summary comes first.
    """

    unfinished: Sequence[str]
    summary: str
    history: list[HistoryMessage | HistoryToolCall]

    def count_tokens(self) -> int:
        """Estimate how many tokens it has."""
        return estimate_tokens(self.summary) + sum(map(_tokens_of, self.history))


def read_past(conversation: Conversation, turn: Turn, message: Item | None = None) -> Past:
    """Read what was said, by turn and not by arrival, with the tool calls of those turns.

    `message` is the turn's own, where it is not stored yet.
    """
    is_first = message is not None and message.position == 0
    found = [] if is_first else _read(conversation, turn, HISTORY_MESSAGES - (message is not None))
    unfinished = [state for _, _, kind, state, *_ in found if kind == "unfinished"]
    summary = next((text for _, _, kind, text, *_ in found if kind == "summary"), "")
    said = [row for row in found if row[2] not in ("unfinished", "summary")]
    if message is not None:
        said.append(_row_of(message))
    # Only a message's attachments stand where a call's arguments do.
    brought = {id_: json.loads(data) for _, id_, role, _, _, _, data in said if role and data}
    images = _images(brought, conversation.user_id) if brought else {}
    history = [
        HistoryMessage(
            id_, cast("Role", role), _with_quote(text, quoted_text), number, images=images.get(id_, ())
        )
        if role
        else HistoryToolCall(id_, tool, json.loads(arguments), text, number)
        for number, id_, role, text, quoted_text, tool, arguments in said
    ]
    return Past(unfinished, summary, history)


def _read(conversation: Conversation, turn: Turn, most: int) -> list[tuple[Any, ...]]:
    place: dict[str, Any] = {"conversation": conversation.pk, "number": turn.number, "turn": turn.pk}
    # A turn that has no steps may have lost them (StateLost): what its tools did then is told as history.
    own = turn.pk if turn.steps else None
    return rows.run(_PAST, {**place, "own": own, "most": most})


def _row_of(message: Item) -> tuple[Any, ...]:
    attachments = message.payload.get("attachments")
    quoted_text = message.payload.get("quoted_text")
    brought = json.dumps(attachments) if attachments else None
    return message.turn_number, message.item_id, message.role, message.text, quoted_text, None, brought


_PAST = """
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
    select number, -1, id, 'unfinished', status, null, null, null from conversations_turn
    where conversation_id = %(conversation)s and number < %(number)s
        and status in ('queued', 'running', 'waiting_approval')
    union all
    select turn_number, position, item_id, role, text, quoted_text, null, attachments from messages
    union all
    select number, position, call_id, null, result, null, tool, arguments::text from calls
) as said order by turn_number, position
"""


def _tokens_of(entry: HistoryMessage | HistoryToolCall) -> int:
    if isinstance(entry, HistoryMessage):
        return estimate_tokens(entry.text)
    return estimate_tokens(f"{entry.arguments}{entry.result}")


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
