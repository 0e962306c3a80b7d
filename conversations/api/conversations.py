"""A user's conversations: listed, read, renamed, deleted."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.params.functions import Query

from conversations import answers, errors, services
from conversations.models import Conversation
from conversations.schemas import CONVERSATION, ConversationIn, ConversationOut, ConversationPage

router = Router(tags=["Conversations"])


@router.get(
    "/conversations",
    response=ConversationPage,
    summary="List conversations, newest first",
    operation_id="listConversations",
    openapi_extra={"x-errors": ["not_found"]},
)
def list_conversations(
    request: HttpRequest,
    limit: int = Query(20, ge=1, le=100, description="At most this many.", example=20),
    after: str | None = Query(None, description="The `after` of the page before.", example=CONVERSATION),
    q: str = Query("", max_length=200, description="Only those with these words.", example="open"),
) -> dict[str, Any]:
    user = request.auth  # type: ignore[attr-defined]
    found = Conversation.objects.visible_to(user).titled_like(q).with_last_message().newest_first()
    if after is not None:
        found = found.after(services.get_conversation(user=user, id=after))
    page = list(found[: limit + 1])
    has_more = len(page) > limit
    page = page[:limit]
    return {
        "data": [answers.conversation_answer(each) for each in page],
        "has_more": has_more,
        "after": page[-1].pk if has_more else None,
    }


@router.get(
    "/conversations/{conversation_id}",
    response=ConversationOut,
    summary="Get a conversation",
    operation_id="getConversation",
    description="`X-Chat-Seq` is the seq that this snapshot stands for: follow the events after it.",
)
def get_conversation(request: HttpRequest, response: HttpResponse, conversation_id: str) -> dict[str, Any]:
    found = Conversation.objects.visible_to(request.auth).with_last_message()  # type: ignore[attr-defined]
    # Two reads: the seq first, so that what comes between them is seen twice rather than never.
    with transaction.atomic():
        conversation = services.get_conversation(user=request.auth, id=conversation_id)  # type: ignore[attr-defined]
        response["X-Chat-Seq"] = str(services.snapshot_seq(conversation))
        conversation = found.filter(pk=conversation_id).first() or _gone()
    return answers.conversation_answer(conversation)


@router.patch(
    "/conversations/{conversation_id}",
    response=ConversationOut,
    summary="Rename a conversation",
    operation_id="renameConversation",
)
def rename_conversation(request: HttpRequest, conversation_id: str, body: ConversationIn) -> dict[str, Any]:
    user = request.auth  # type: ignore[attr-defined]
    services.rename_conversation(user=user, conversation_id=conversation_id, title=body.title)
    changed = Conversation.objects.visible_to(user).with_last_message().filter(pk=conversation_id).first()
    return answers.conversation_answer(changed or _gone())


@router.delete(
    "/conversations/{conversation_id}",
    response={204: None},
    summary="Delete a conversation",
    operation_id="deleteConversation",
)
def delete_conversation(request: HttpRequest, conversation_id: str) -> tuple[int, None]:
    services.delete_conversation(user=request.auth, conversation_id=conversation_id)  # type: ignore[attr-defined]
    return 204, None


@router.post(
    "/conversations/{conversation_id}/ask-for-staff",
    response={204: None},
    summary="Ask for a person of the staff",
    operation_id="askForStaff",
    description="The staff finds the conversation marked; until somebody takes it over, the assistant answers. "
    "Asking again changes nothing.",
    openapi_extra={"x-errors": ["conversation_closed"]},
)
def ask_for_staff(request: HttpRequest, conversation_id: str) -> tuple[int, None]:
    services.ask_for_staff(user=request.auth, conversation_id=conversation_id)  # type: ignore[attr-defined]
    return 204, None


def _gone() -> Conversation:
    raise errors.NotFound()
