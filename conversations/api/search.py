"""Looking for words in all of one's own messages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Query

from conversations import answers, errors
from conversations.models import Item
from conversations.schemas import CONVERSATION, MESSAGE, FoundPage

router = Router(tags=["Messages"])


@router.get(
    "/search",
    response=FoundPage,
    summary="Search one's own messages, newest first",
    operation_id="searchMessages",
    description="By full text: every word, “phrases” in quotation marks, `or`, `-without`. "
    "Of the last word the beginning is enough.",
    openapi_extra={"x-errors": ["not_found"]},
)
def search_messages(
    request: HttpRequest,
    q: str = Query(..., max_length=200, pattern=r"\S", description="What to look for.", example="open"),
    limit: int = Query(20, ge=1, le=100, description="At most this many.", example=20),
    after: str | None = Query(
        None, description="The `after` of the page before.", example=f"{CONVERSATION}/{MESSAGE}"
    ),
) -> dict[str, Any]:
    own = Item.objects.visible_to(request.auth)  # type: ignore[attr-defined]
    found = own.saying(q).select_related("conversation")
    if after is not None:
        conversation_id, _, item_id = after.rpartition("/")
        last = own.filter(conversation_id=conversation_id, item_id=item_id).first()
        if last is None:
            raise errors.NotFound()
        found = found.filter(pk__lt=last.pk)
    page = list(found[: limit + 1])
    has_more = len(page) > limit
    page = page[:limit]
    return {
        "data": [answers.found_answer(each) for each in page],
        "has_more": has_more,
        "after": f"{page[-1].conversation_id}/{page[-1].item_id}" if has_more else None,
    }
