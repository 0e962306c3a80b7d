"""The log of a conversation as server-sent events, resumable."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from ninja import Router
from ninja.params.functions import Header, Query

from conversations import errors, events, services, streams
from conversations.threads import in_database

router = Router(tags=["Events"])


@router.get(
    "/conversations/{conversation_id}/events",
    response={200: None},
    summary="Follow a conversation",
    operation_id="followEvents",
    description=(
        "What happened after `after_seq` (omitted: from the start of the running turn), then live. `id:` is the seq, "
        "so a reader that reconnects with `Last-Event-ID` misses nothing. It ends after a quarter of an hour, for a "
        "reader to come back with a fresh token."
    ),
    openapi_extra={
        "x-errors": ["gone"],
        "responses": {
            "200": {
                "content": {
                    "text/event-stream": {
                        "schema": {"type": "string"},
                        "example": 'id: 7\ndata: {"type":"thread.item.removed","item_id":"msg_…"}\n\n',
                    }
                }
            }
        },
    },
)
async def follow_events(
    request: HttpRequest,
    conversation_id: str,
    after_seq: int | None = Query(
        None, ge=0, le=2**63 - 1, description="The last seq that you have.", example=6
    ),
    last_event_id: str = Header("", alias="Last-Event-ID", example="6"),
) -> HttpResponseBase:
    if last_event_id:
        after_seq = _seq(last_event_id)
    seq = await in_database(_start, request.auth, conversation_id, after_seq)  # type: ignore[attr-defined]
    following = events.follow(conversation_id, seq, idle=streams.KEEP_ALIVE_SECONDS)
    return streams.stream(following, streams.sse, seconds=streams.READING_SECONDS)


def _seq(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise errors.Invalid(errors=[{"field": "Last-Event-ID", "message": "must be the seq of an event"}])
    return int(text)


def _start(user: object, conversation_id: str, after_seq: int | None) -> int:
    conversation = services.get_conversation(user=user, id=conversation_id)
    if after_seq is None:
        return services.snapshot_seq(conversation)
    # Refuse with a status while there still is one: a stream that has begun can only break off.
    events.read_after(conversation_id, after_seq, limit=1)
    return after_seq
