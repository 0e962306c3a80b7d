"""POST /chat: one message, one answer."""

from __future__ import annotations

import asyncio
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.http.request import MediaType
from ninja import Router
from ninja.params.functions import Header

from conversations import answers, errors, log_ids, rows, services, streams
from conversations.languages import read_language
from conversations.models import Turn
from conversations.schemas import ChatIn, ChatOut
from conversations.threads import in_database

router = Router(tags=["Chat"])

_STREAM_EXAMPLE = (
    'id: 2\ndata: {"type":"thread.item.done","item":{"type":"user_message","id":"msg_…","thread_id":"conv_…",…}}\n\n'
    'id: 5\ndata: {"type":"thread.item.updated","item_id":"msg_…","update":'
    '{"type":"assistant_message.content_part.text_delta","content_index":0,"delta":"We open at "}}\n\n'
)


@router.post(
    "/chat",
    response={200: ChatOut, 202: ChatOut},
    summary="Send a message and get the answer",
    operation_id="sendMessage",
    description=(
        "Waits for the reply, at most CHAT_WAIT_SECONDS. With `stream` or `Accept: text/event-stream` the reply comes "
        "as server-sent events; with `Prefer: respond-async` the answer is 202 at once. A client that goes away stops "
        "nothing: the events endpoint has the rest. Streams, and failures of the assistant, name the turn in "
        "`X-Chat-Conversation` and `X-Chat-Turn`: what to cancel or to retry."
    ),
    openapi_extra={
        "x-errors": [
            "not_found",
            "conversation_closed",
            "conflict",
            "gone",
            "rate_limited",
            "assistant_failed",
            "assistant_unavailable",
            "assistant_timeout",
        ],
        "responses": {
            "200": {
                "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _STREAM_EXAMPLE}}
            }
        },
    },
)
async def send_message(
    request: HttpRequest,
    body: ChatIn,
    idempotency_key: str | None = Header(None, alias="Idempotency-Key", max_length=200, example="7d0f6d2c"),
    prefer: str = Header("", alias="Prefer", example="respond-async"),
    accept: str = Header("", alias="Accept", include_in_schema=False),
) -> HttpResponseBase | tuple[int, Any]:
    log_ids.note(body.conversation_id)
    sent = await in_database(
        services.send_message,
        user=request.auth,  # type: ignore[attr-defined]
        text=body.message,
        conversation_id=body.conversation_id,
        idempotency_key=body.client_message_id or idempotency_key,
        client_timestamp=body.timestamp,
        language=read_language(request.headers.get("Accept-Language", "")),
    )
    turn = sent.turn
    log_ids.note(turn.conversation_id, turn.pk)
    if body.stream or _wants_events(accept):
        if sent.replayed:
            await in_database(streams.check_replayable, turn)
        return streams.stream(
            streams.turn_events(turn, idle=streams.KEEP_ALIVE_SECONDS, known=sent.logged),
            streams.sse,
            headers=streams.turn_headers(turn),
        )
    if "respond-async" not in prefer.lower() and not turn.is_finished:
        await _wait(sent)
    answer: tuple[int, Any] = await in_database(_answer, turn)
    return answer


def _wants_events(accept: str) -> bool:
    """Say whether a reply shall come as events: where they are named, and JSON is not liked more."""
    if "event-stream" not in accept.lower():
        return False
    types = [MediaType(each) for each in accept.split(",")]
    liked = {f"{each.main_type}/{each.sub_type}": each.quality for each in types}
    return 0 < liked.get("text/event-stream", 0) >= liked.get("application/json", 0)


async def _wait(sent: services.Sent) -> None:
    try:
        async with asyncio.timeout(settings.CHAT_WAIT_SECONDS):
            await streams.turn_ended(sent.turn, known=sent.logged)
    except TimeoutError:
        pass


def _answer(turn: Turn) -> tuple[int, Any]:
    turn = rows.first(Turn, "id = %s", [turn.pk]) or _gone()
    if turn.status == Turn.Status.FAILED:
        raise answers.failure(turn)
    finished = turn.status in (Turn.Status.COMPLETED, Turn.Status.CANCELLED)
    return (200 if finished else 202), answers.chat_answer(turn)


def _gone() -> Turn:
    raise errors.NotFound()
