"""What was said in a conversation, and thumbs for it."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Query

from conversations import answers, errors, services
from conversations.schemas import MESSAGE, FeedbackIn, MessagePage

router = Router(tags=["Messages"])


@router.get(
    "/conversations/{conversation_id}/messages",
    response=MessagePage,
    summary="List a conversation's messages",
    operation_id="listMessages",
)
def list_messages(
    request: HttpRequest,
    conversation_id: str,
    limit: int = Query(20, ge=1, le=100, description="At most this many.", example=20),
    after: str | None = Query(None, description="The `after` of the page before.", example=MESSAGE),
    order: Literal["asc", "desc"] = Query("asc", description="Oldest or newest first.", example="asc"),
) -> dict[str, Any]:
    user = request.auth  # type: ignore[attr-defined]
    messages = services.get_conversation(user=user, id=conversation_id).items.messages()
    if after is not None:
        position = messages.filter(item_id=after).values_list("position", flat=True).first()
        if position is None:
            raise errors.NotFound()
        messages = messages.filter(**{"position__gt" if order == "asc" else "position__lt": position})
    page = list(messages.order_by("position" if order == "asc" else "-position")[: limit + 1])
    has_more = len(page) > limit
    page = page[:limit]
    return {
        "data": [answers.message_answer(each) for each in page],
        "has_more": has_more,
        "after": page[-1].item_id if has_more else None,
    }


@router.put(
    "/conversations/{conversation_id}/messages/{message_id}/feedback",
    response={204: None},
    summary="Give a message a thumb",
    operation_id="giveFeedback",
)
def give_feedback(
    request: HttpRequest, conversation_id: str, message_id: str, body: FeedbackIn
) -> tuple[int, None]:
    services.give_feedback(
        user=request.auth,  # type: ignore[attr-defined]
        conversation_id=conversation_id,
        item_ids=[message_id],
        kind=body.kind,
    )
    return 204, None
