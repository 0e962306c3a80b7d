"""A conversation to take home."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponseBase
from ninja import Router
from ninja.params.functions import Query

from conversations import errors, exports
from conversations.models import Conversation
from conversations.schemas import ConversationExport
from conversations.threads import in_database

router = Router(tags=["Conversations"])

_MARKDOWN_EXAMPLE = """\
# When do you open on Saturday?

### You · 21 November 2026, 09:30 UTC

> When do you open on Saturday?
"""
_FORMATS = {
    "json": (exports.json_file, "json", "application/json"),
    "markdown": (exports.markdown_file, "md", "text/markdown; charset=utf-8"),
}


@router.get(
    "/conversations/{conversation_id}/export",
    response=ConversationExport,
    summary="Download a conversation",
    operation_id="exportConversation",
    description=(
        "The whole conversation as a file, whatever its length: as JSON in the API's own names, or as Markdown for a "
        "person to read. It is sent while it is read. Should the conversation be deleted meanwhile, it ends too early: "
        "the JSON isn't closed, the Markdown lacks its last line."
    ),
    openapi_extra={
        "responses": {
            "200": {
                "content": {
                    "text/markdown; charset=utf-8": {
                        "schema": {"type": "string"},
                        "example": _MARKDOWN_EXAMPLE,
                    }
                }
            }
        },
    },
)
async def export_conversation(
    request: HttpRequest,
    conversation_id: str,
    format: Literal["json", "markdown"] = Query("json", description="What kind of file.", example="json"),
) -> HttpResponseBase:
    user = request.auth  # type: ignore[attr-defined]
    conversation = await in_database(_find, user, conversation_id)
    write, ending, content_type = _FORMATS[format]
    name = exports.attachment_name(
        f"{conversation.created_at:%Y-%m-%d}", conversation.title or "Conversation", ending=ending
    )
    return exports.download(write(user=user, conversation=conversation), name=name, content_type=content_type)


def _find(user: object, conversation_id: str) -> Conversation:
    found = Conversation.objects.visible_to(user).with_last_message().filter(pk=conversation_id).first()
    if found is None:
        raise errors.NotFound()
    return found
