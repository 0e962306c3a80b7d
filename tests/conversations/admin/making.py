"""What the admin's tests need: staff of every kind, and conversations with something in them."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.utils import quote
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from conversations import events, ids, services
from conversations.models import Conversation
from conversations.responder import Step, TurnRequest, Usage
from conversations.services import items

LIST = "/admin/conversations/conversation/"


def grant(user: Any, *names: str) -> Any:
    """Give a user permissions on conversations, such as `change_conversation`."""
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="conversations", codename__in=names)
    )
    return user


def address(record: Any, page: str = "change", *args: str) -> str:
    """Return the address of a record's page."""
    name = f"admin:{record._meta.app_label}_{record._meta.model_name}_{page}"
    return reverse(name, args=[quote(record.pk), *args])


def ask(user: Any, text: str, conversation: Conversation | None = None) -> Conversation:
    """Send a message; its turn waits."""
    sent = services.send_message(
        user=user, text=text, conversation_id=conversation.pk if conversation else None
    )
    return Conversation.objects.get(pk=sent.conversation_id)


def begin(conversation: Conversation) -> TurnRequest:
    """Start the conversation's next turn, as a job would."""
    request = services.claim_turn(conversation_id=conversation.pk, job_id=1, resume=False)
    assert request is not None
    return request


def answer(request: TurnRequest, text: str, *, steps: tuple[str, ...] = (), final: bool = True) -> None:
    """Store a response of the assistant, with lines for what it did before."""
    new_items = [workflow(request.conversation_id, steps)] if steps else []
    new_items.append(items.assistant_message(request.conversation_id, ids.new_id("msg"), text))
    services.commit_step(
        request=request,
        step=Step(response={}, text=text, final=final, usage=Usage(1842, 311), model="practice"),
        payloads=[events.item_done(item) for item in new_items],
        new_items=new_items,
        first_token_at=timezone.now(),
    )


def workflow(conversation_id: str, titles: tuple[str, ...]) -> dict[str, Any]:
    tasks = [{"type": "custom", "title": title, "status_indicator": "complete"} for title in titles]
    return {
        "type": "workflow",
        "id": ids.new_id("wf"),
        "thread_id": conversation_id,
        "created_at": items.now_text(),
        "workflow": {"type": "custom", "tasks": tasks, "expanded": True},
    }
