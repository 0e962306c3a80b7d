"""ChatKit's Store over the conversations: a thread is a conversation, with the same id.

Any `ChatKitServer` works on it. Of the context it needs only `user_id`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC
from typing import Any, ParamSpec, TypeVar

from chatkit.store import NotFoundError, Store, StoreItemType
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata
from django.db.models import Model, QuerySet
from pydantic import BaseModel, TypeAdapter

from conversations import errors, services
from conversations.events import clean
from conversations.ids import new_id
from conversations.models import Attachment as AttachmentRow
from conversations.models import Conversation, Item
from conversations.threads import in_database

MAX_PAGE_SIZE = 1000
_STATUSES = {"active": "open", "locked": "locked", "closed": "closed"}
_PREFIXES: dict[StoreItemType, str] = {
    "thread": "thr",
    "message": "msg",
    "tool_call": "tc",
    "workflow": "wf",
    "task": "tsk",
    "attachment": "atc",
    "sdk_hidden_context": "shcx",
}
_P = ParamSpec("_P")
_T = TypeVar("_T")
_Row = TypeVar("_Row", bound=Model)
_items: TypeAdapter[ThreadItem] = TypeAdapter(ThreadItem)
_attachments: TypeAdapter[Attachment] = TypeAdapter(Attachment)


class ConversationStore(Store[Any]):
    """Threads, items and attachments in PostgreSQL, each user's apart from everybody else's."""

    # The prefixes are ChatKit's own; threads that our services start are `conv_`.

    def generate_thread_id(self, context: Any) -> str:
        return new_id(_PREFIXES["thread"])

    def generate_item_id(self, item_type: StoreItemType, thread: ThreadMetadata, context: Any) -> str:
        return new_id(_PREFIXES[item_type])

    async def load_thread(self, thread_id: str, context: Any) -> ThreadMetadata:
        return await _run(_load_thread, _user_id(context), thread_id)

    async def save_thread(self, thread: ThreadMetadata, context: Any) -> None:
        await _run(_save_thread, _user_id(context), thread)

    async def load_threads(
        self, limit: int, after: str | None, order: str, context: Any
    ) -> Page[ThreadMetadata]:
        return await _run(_load_threads, _user_id(context), limit, after, order)

    async def delete_thread(self, thread_id: str, context: Any) -> None:
        await _run(_delete_thread, _user_id(context), thread_id)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Any
    ) -> Page[ThreadItem]:
        return await _run(_load_items, _user_id(context), thread_id, after, limit, order)

    async def load_item(self, thread_id: str, item_id: str, context: Any) -> ThreadItem:
        return await _run(_load_item, _user_id(context), thread_id, item_id)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        await _run(_write_item, services.add_item, _user_id(context), thread_id, item)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        await _run(_write_item, services.save_item, _user_id(context), thread_id, item)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Any) -> None:
        await _run(_delete_item, _user_id(context), thread_id, item_id)

    async def save_attachment(self, attachment: Attachment, context: Any) -> None:
        await _run(services.save_attachment, user_id=_user_id(context), payload=_payload(attachment))

    async def load_attachment(self, attachment_id: str, context: Any) -> Attachment:
        return await _run(_load_attachment, _user_id(context), attachment_id)

    async def delete_attachment(self, attachment_id: str, context: Any) -> None:
        await _run(services.delete_attachment, user=_user_id(context), attachment_id=clean(attachment_id))


async def _run(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Cross to the database, once."""
    result: _T = await in_database(work, *args, **kwargs)
    return result


def _load_thread(user_id: str, thread_id: str) -> ThreadMetadata:
    with _thread_not_found(thread_id):
        return _metadata(services.get_conversation(user=user_id, id=clean(thread_id)))


def _save_thread(user_id: str, thread: ThreadMetadata) -> None:
    # A new thread comes as a whole `Thread`: its items are not the head's business.
    head = _storable(thread.model_dump(mode="json", include={"id", "title", "status", *_IN_JSON}))
    with _thread_not_found(thread.id):
        services.save_conversation(
            user_id=user_id,
            conversation_id=head["id"],
            title=head["title"] or "",
            status=_STATUSES[thread.status.type],
            status_reason=head["status"].get("reason") or "",
            thread={name: head[name] for name in _IN_JSON if head[name] is not None},
            created_at=thread.created_at.astimezone(UTC),
        )


_IN_JSON = ("created_at", "allowed_image_domains", "metadata")


def _metadata(conversation: Conversation) -> ThreadMetadata:
    return ThreadMetadata.model_validate(
        {**services.thread_payload(conversation), "metadata": conversation.thread.get("metadata", {})}
    )


def _load_threads(user_id: str, limit: int, after: str | None, order: str) -> Page[ThreadMetadata]:
    found = Conversation.objects.visible_to(user_id)
    if after:
        with _thread_not_found(after):
            found = found.created_after(services.get_conversation(user=user_id, id=clean(after)), order)
    sign = "" if order == "asc" else "-"
    rows, has_more = _page(found.order_by(f"{sign}created_at", f"{sign}id"), limit)
    return Page[ThreadMetadata](
        data=[_metadata(row) for row in rows], has_more=has_more, after=rows[-1].pk if has_more else None
    )


def _delete_thread(user_id: str, thread_id: str) -> None:
    with _thread_not_found(thread_id):
        services.delete_conversation(user=user_id, conversation_id=clean(thread_id))


def _load_items(user_id: str, thread_id: str, after: str | None, limit: int, order: str) -> Page[ThreadItem]:
    found = Item.objects.visible_to(user_id).filter(conversation_id=clean(thread_id))
    if after:
        position = found.filter(item_id=clean(after)).values_list("position", flat=True).first()
        if position is None:
            raise NotFoundError(f"Item {after} not found")
        found = found.filter(**{"position__gt" if order == "asc" else "position__lt": position})
    rows, has_more = _page(found.order_by("position" if order == "asc" else "-position"), limit)
    return Page[ThreadItem](
        data=[_items.validate_python(row.payload) for row in rows],
        has_more=has_more,
        after=rows[-1].item_id if has_more else None,
    )


def _load_item(user_id: str, thread_id: str, item_id: str) -> ThreadItem:
    found = Item.objects.visible_to(user_id).filter(conversation_id=clean(thread_id), item_id=clean(item_id))
    item = found.first()
    if item is None:
        raise NotFoundError(f"Item {item_id} not found in thread {thread_id}")
    return _items.validate_python(item.payload)


def _write_item(write: Callable[..., Item], user_id: str, thread_id: str, item: ThreadItem) -> None:
    with _thread_not_found(thread_id):
        write(
            user=user_id,
            conversation_id=clean(thread_id),
            payload=_payload(item),
            shown=_storable(
                item.model_dump(mode="json", exclude_none=True, context={"exclude_metadata": True})
            ),
            created_at=item.created_at.astimezone(UTC),
        )


def _delete_item(user_id: str, thread_id: str, item_id: str) -> None:
    with _thread_not_found(thread_id):
        services.delete_item(user=user_id, conversation_id=clean(thread_id), item_id=clean(item_id))


def _load_attachment(user_id: str, attachment_id: str) -> Attachment:
    found = AttachmentRow.objects.visible_to(user_id).filter(attachment_id=clean(attachment_id)).first()
    if found is None:
        raise NotFoundError(f"Attachment {attachment_id} not found")
    return _attachments.validate_python(found.payload)


def _user_id(context: Any) -> str:
    user_id = context["user_id"] if isinstance(context, dict) else context.user_id
    return clean(str(user_id))


def _payload(model: BaseModel) -> dict[str, Any]:
    payload: dict[str, Any] = _storable(model.model_dump(mode="json"))
    return payload


def _storable(value: Any) -> Any:
    """Return JSON without what PostgreSQL refuses, at any depth."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(key): _storable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _page(rows: QuerySet[_Row], limit: int) -> tuple[list[_Row], bool]:
    limit = max(1, min(limit, MAX_PAGE_SIZE))
    found = list(rows[: limit + 1])
    return found[:limit], len(found) > limit


@contextmanager
def _thread_not_found(thread_id: str) -> Iterator[None]:
    """Say it in ChatKit's words."""
    try:
        yield
    except errors.NotFound:
        raise NotFoundError(f"Thread {thread_id} not found") from None
