"""Conversations: made, named, closed, taken over and asked to be, deleted."""

from __future__ import annotations

import functools
import re
from typing import Any

from django.db import transaction
from django.utils import timezone

from conversations import errors, events, rows
from conversations.models import Conversation, Turn
from conversations.services import allowance, attachments, ending, items, joining, usage
from conversations.services.access import forget_in_staff_log
from conversations.services.locking import announce, lock_conversation, log

TITLE_CHARS = 60
MAX_TITLE_CHARS = 200


def title_from(text: str) -> str:
    """Make a title of a first message: its first line, cut at a word."""
    line = re.sub(r"\s+", " ", text.strip().split("\n", 1)[0]).strip(" #*_>`")
    if len(line) <= TITLE_CHARS:
        return line
    cut = line[:TITLE_CHARS]
    return (cut.rsplit(" ", 1)[0] if " " in cut[TITLE_CHARS // 2 :] else cut).rstrip(" ,;:.-") + "…"


def thread_payload(conversation: Conversation) -> dict[str, Any]:
    """Return a conversation as ChatKit's thread, without its metadata, which no client may see."""
    status: dict[str, Any] = {"type": "active" if conversation.status == "open" else conversation.status}
    if conversation.status != Conversation.Status.OPEN and conversation.status_reason:
        status["reason"] = conversation.status_reason
    thread = {
        "id": conversation.pk,
        "created_at": conversation.thread.get("created_at") or items.time_text(conversation.created_at),
        "status": status,
        "items": {"data": [], "has_more": False},
    }
    if conversation.title:
        thread["title"] = conversation.title
    if "allowed_image_domains" in conversation.thread:
        thread["allowed_image_domains"] = conversation.thread["allowed_image_domains"]
    return thread


@transaction.atomic
def rename_conversation(*, user: Any, conversation_id: str, title: str) -> Conversation:
    """Give the user's conversation a title of 1 to 200 characters."""
    title = " ".join(title.split())
    if not title or len(title) > MAX_TITLE_CHARS:
        problem = f"must have 1 to {MAX_TITLE_CHARS} characters"
        raise errors.Invalid(errors=[{"field": "title", "message": problem}])
    conversation = lock_conversation(user=user, id=conversation_id)
    conversation.title = title
    conversation.save(update_fields=["title"])
    _log_thread(conversation)
    return conversation


@transaction.atomic
def delete_conversation(*, user: Any, conversation_id: str) -> None:
    """Delete the user's conversation with all that belongs to it; a run that goes on there finds itself fenced off."""
    conversation = lock_conversation(user=user, id=conversation_id)
    announce(conversation)  # before its id is gone
    for turn in conversation.turns.filter(status=Turn.Status.RUNNING):
        ending.take_back_drafts(turn)  # what it used so far is charged
        rows.update(turn, *usage.USAGE_COLUMNS)
    allowance.keep_counting(conversation_ids=[conversation.pk])
    forget_in_staff_log(Conversation, [conversation.pk])
    attachments.delete_attachments_of([conversation.pk])
    conversation.delete()
    transaction.on_commit(functools.partial(events.publish_deleted, conversation_id))


@transaction.atomic
def set_status(*, staff: Any, conversation_id: str, status: str, reason: str = "") -> Conversation:
    """Open, lock or close a conversation; a running reply is left to end."""
    conversation = lock_conversation(id=conversation_id)
    conversation.status = Conversation.Status(status)
    conversation.status_reason = reason
    if conversation.status == Conversation.Status.CLOSED:
        conversation.staff_asked_at = None
    conversation.save(update_fields=["status", "status_reason", "staff_asked_at"])
    _log_thread(conversation)
    return conversation


@transaction.atomic
def ask_for_staff(*, user: Any, conversation_id: str) -> None:
    """Ask for a person of the staff, who finds the conversation marked; until one comes, the assistant answers.

    Asking again, or where a person has the conversation, changes nothing. Raises NotFound, ConversationClosed.
    """
    conversation = lock_conversation(user=user, id=conversation_id)
    if conversation.status != Conversation.Status.OPEN:
        raise errors.ConversationClosed()
    if conversation.staff_asked_at or conversation.handled_by == Conversation.HandledBy.STAFF:
        return
    conversation.staff_asked_at = timezone.now()
    conversation.save(update_fields=["staff_asked_at"])
    joining.note_presence(conversation, staff=None, event="asked")
    announce(conversation)


@transaction.atomic
def take_over(*, staff: Any, conversation_id: str) -> Conversation:
    """Hand a conversation to the staff: its running turn is cancelled, those that wait go to a person."""
    conversation = lock_conversation(id=conversation_id)
    for turn in conversation.turns.unfinished().order_by("number"):
        if turn.status == Turn.Status.QUEUED:
            ending.end_turn(conversation, turn, Turn.Status.WITH_STAFF)
        else:
            ending.end_turn(conversation, turn, Turn.Status.CANCELLED)
    is_new = conversation.handled_by != Conversation.HandledBy.STAFF
    conversation.handled_by = Conversation.HandledBy.STAFF
    conversation.staff_asked_at = None
    conversation.epoch += 1
    conversation.save(update_fields=["handled_by", "staff_asked_at", "epoch"])
    if is_new:
        joining.note_presence(conversation, staff=staff, event="joined")
    announce(conversation)
    return conversation


@transaction.atomic
def hand_back(*, staff: Any, conversation_id: str) -> Conversation:
    """Give a conversation back to the assistant, which answers when the customer writes again."""
    conversation = lock_conversation(id=conversation_id)
    is_new = conversation.handled_by != Conversation.HandledBy.ASSISTANT
    conversation.handled_by = Conversation.HandledBy.ASSISTANT
    conversation.save(update_fields=["handled_by"])
    if is_new:
        joining.note_presence(conversation, staff=staff, event="left")
    announce(conversation)
    return conversation


def _log_thread(conversation: Conversation) -> None:
    log(conversation, None, [events.thread_updated(thread_payload(conversation))])
