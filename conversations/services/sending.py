"""Sending: one transaction for the user's message, its turn and its job, or nothing."""

from __future__ import annotations

import functools
import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop
from procrastinate.contrib.django import app as jobs

from conversations import at_hand, errors, events, rows, watching
from conversations.models import Conversation, Item, Turn
from conversations.responder import TurnRequest
from conversations.services import approvals, ending, items, turnstile
from conversations.services.allowance import check_rate, count_retry
from conversations.services.attachments import bring_attachments
from conversations.services.conversations import thread_payload, title_from
from conversations.services.locking import lock_conversation, log
from conversations.services.past import Past, read_past
from conversations.services.turns import begin_turn, get_turn


@dataclass(frozen=True, slots=True)
class Sent:
    """What a send led to, with the first events of its turn. `replayed`: it came before, and this is its turn."""

    turn: Turn
    logged: Sequence[events.LoggedEvent] = ()
    replayed: bool = False

    @property
    def conversation_id(self) -> str:
        return self.turn.conversation_id


def send_message(
    *,
    user: Any,
    text: str,
    conversation_id: str | None = None,
    idempotency_key: str | None = None,
    client_timestamp: datetime | None = None,
    extra: dict[str, Any] | None = None,
    attachment_ids: Sequence[str] = (),
    language: str = "",
) -> Sent:
    """Store a message and queue its turn; without a conversation, start one.

    `extra` are further fields of ChatKit's user message; `language` is the page's, for words of ours. Raises
    NotFound, ConversationClosed, Conflict for a key used for something else, Invalid, RateLimited.
    """
    idempotency_key = idempotency_key or None  # an empty one is none, not everybody's same
    if text or not attachment_ids:
        check_text(text)
    digest = _digest(text, attachment_ids)
    new = _New(text, digest, idempotency_key, client_timestamp, extra or {}, attachment_ids, language)
    with turnstile.pass_alone(user.pk):
        if known := _replay(user, idempotency_key, digest, conversation_id):
            return known
        check_rate(user_id=user.pk)
        try:
            return _send(user, conversation_id, new)
        except IntegrityError:
            # The same send at the same time: the other one was first.
            if known := _replay(user, idempotency_key, digest, conversation_id):
                return known
            raise


def check_text(text: str) -> None:
    """Raise Invalid unless a message can be stored and answered."""
    problem = ""
    if _is_blank(text):
        problem = "must not be empty"
    elif len(text) > settings.CHAT_MAX_MESSAGE_CHARS:
        problem = f"must have at most {settings.CHAT_MAX_MESSAGE_CHARS} characters"
    elif text != events.clean(text):
        problem = "must not contain NUL or lone surrogate characters"
    if problem:
        raise errors.Invalid(errors=[{"field": "message", "message": problem}])


def _is_blank(text: str) -> bool:
    """Say whether nothing of it can be seen: a zero-width space is no word, either."""
    return all(unicodedata.category(character) in _INVISIBLE for character in text)


_INVISIBLE = ("Zs", "Zl", "Zp", "Cc", "Cf")


@transaction.atomic
def retry_turn(*, user: Any, conversation_id: str, turn_id: str) -> Turn:
    """Queue a conversation's last turn again: its completed steps stay, its unfinished text goes."""
    conversation = lock_conversation(user=user, id=conversation_id)
    turn = get_turn(conversation=conversation, turn_id=turn_id)
    if turn.number != conversation.turn_count or turn.status not in (
        Turn.Status.FAILED,
        Turn.Status.CANCELLED,
    ):
        raise errors.Conflict(
            gettext_noop("Only a conversation's last turn can be retried, when it failed or was cancelled.")
        )
    if conversation.handled_by == Conversation.HandledBy.STAFF:
        raise errors.Conflict(gettext_noop("A person of the staff handles this conversation now."))
    _check_open(conversation)
    check_rate(user_id=user.pk)
    approvals.forget_expired(turn)
    partial = list(turn.items.filter(is_partial=True))
    items.remove_items(conversation, partial)
    turn.status, turn.error, turn.finished_at, turn.attempt, turn.job_id = (
        Turn.Status.QUEUED,
        None,
        None,
        0,
        None,
    )
    count_retry(user_id=user.pk)
    turn.before_seq, turn.trace_parent = conversation.last_seq, watching.trace_parent()
    rows.update(turn, "status", "error", "finished_at", "attempt", "job_id", "before_seq", "trace_parent")
    _queue(conversation, turn, [events.item_removed(item.item_id) for item in partial])
    return turn


@transaction.atomic
def retry_after_item(*, user: Any, conversation_id: str, item_id: str, language: str = "") -> Turn:
    """Answer an earlier message anew: what follows it goes, waiting turns are cancelled, a new turn starts."""
    conversation = lock_conversation(user=user, id=conversation_id)
    item = Item.objects.filter(conversation=conversation, item_id=item_id, role=Item.Role.USER).first()
    if item is None:
        raise errors.NotFound()
    _check_open(conversation)
    check_rate(user_id=user.pk)
    for turn in conversation.turns.unfinished().order_by("number"):
        ending.end_turn(conversation, turn, Turn.Status.CANCELLED)
    later = list(
        Item.objects.filter(conversation=conversation, position__gt=item.position).order_by("position")
    )
    items.remove_items(conversation, later)
    turn = _make_turn(
        conversation,
        user,
        before_seq=conversation.last_seq,
        chosen_model=chosen_model(item.payload),
        language=language,
    )
    rows.insert(turn)
    item.turn, item.turn_number = turn, turn.number
    item.save(update_fields=["turn", "turn_number"])
    _queue(conversation, turn, [events.item_removed(each.item_id) for each in later])
    return turn


@dataclass(frozen=True, slots=True)
class _New:
    """A message that is to be stored."""

    text: str
    digest: str
    key: str | None
    client_timestamp: datetime | None
    extra: dict[str, Any]
    attachment_ids: Sequence[str]
    language: str


def _replay(user: Any, key: str | None, digest: str, conversation_id: str | None) -> Sent | None:
    turn = rows.first(Turn, "user_id = %s and idempotency_key = %s", [user.pk, key]) if key else None
    if turn is None:
        return None
    same_place = turn.conversation_id == conversation_id if conversation_id else turn.number == 1
    if turn.request_digest != digest or not same_place:
        raise errors.Conflict(
            "This idempotency key was used for another message. Use a new key for each message."
        )
    return Sent(turn, replayed=True)


def _digest(text: str, attachment_ids: Sequence[str]) -> str:
    return hashlib.sha256("\0".join([text, *attachment_ids]).encode()).hexdigest()


@transaction.atomic
def _send(user: Any, conversation_id: str | None, new: _New) -> Sent:
    if conversation_id is None:
        conversation = Conversation(
            user=user, title=title_from(new.text), created_at=timezone.now(), updated_at=timezone.now()
        )
        rows.insert(conversation)
        payloads = [events.thread_created(thread_payload(conversation))]
    else:
        conversation, payloads = lock_conversation(user=user, id=conversation_id), []
    _check_open(conversation)
    turn = _make_turn(
        conversation,
        user,
        before_seq=conversation.last_seq,
        idempotency_key=new.key,
        request_digest=new.digest,
        chosen_model=chosen_model(new.extra),
        language=new.language,
    )
    extra = new.extra
    if new.attachment_ids:
        brought = bring_attachments(user=user, conversation=conversation, attachment_ids=new.attachment_ids)
        extra = {**extra, "attachments": brought}
    message = items.user_message(conversation.pk, new.text, **extra)
    item = items.make_item(conversation, message, turn=turn, client_timestamp=new.client_timestamp)
    past = read_past(conversation, turn, item)
    if past.unfinished:
        if Turn.Status.WAITING_APPROVAL in past.unfinished:
            approvals.refuse_pending(conversation, user)
        # Who replays the log moves the replies before it (ending.in_stored_order): so the message moves as well.
        payloads.append(events.item_removed(message["id"]))
    payloads.append(events.item_done(message))
    if not conversation.title:
        conversation.title = title_from(new.text)
        payloads.append(events.thread_updated(thread_payload(conversation)))
    request = None if past.unfinished else _begin_here(conversation, turn, past)
    along = [rows.inserting(item), rows.inserting(turn)]
    return Sent(turn, _queue(conversation, turn, payloads, request, along))


def chosen_model(message: dict[str, Any]) -> str:
    """Return the model that a message asks for, where it is offered."""
    chosen = (message.get("inference_options") or {}).get("model")
    return next((model.id for model in settings.CHAT_MODELS if model.id == chosen), "")


def _make_turn(conversation: Conversation, user: Any, **fields: Any) -> Turn:
    conversation.turn_count += 1
    with_staff = conversation.handled_by == Conversation.HandledBy.STAFF
    return Turn(
        conversation=conversation,
        user=user,
        number=conversation.turn_count,
        status=Turn.Status.WITH_STAFF if with_staff else Turn.Status.QUEUED,
        queued_at=timezone.now(),
        finished_at=timezone.now() if with_staff else None,
        trace_parent=watching.trace_parent(),
        **fields,
    )


def _begin_here(conversation: Conversation, turn: Turn, past: Past) -> TurnRequest | None:
    """Give a turn that nothing is before to this process's worker, if there is one that can take it."""
    worker = at_hand.find()
    if worker is None or turn.status != Turn.Status.QUEUED:
        return None
    job_id = at_hand.store_taken_job(worker, conversation.pk)
    if job_id is None:
        return None
    turn.started_at = turn.queued_at
    request = begin_turn(conversation, turn, job_id, past)
    transaction.on_commit(functools.partial(worker.take, job_id, request))
    return request


def _queue(
    conversation: Conversation,
    turn: Turn,
    payloads: list[dict[str, Any]],
    begun: TurnRequest | None = None,
    along: Sequence[rows.Write] = (),
) -> list[events.LoggedEvent]:
    """Log what was sent, and let a worker hear of it unless the turn has begun. Returns what was logged."""
    ended = turn.status == Turn.Status.WITH_STAFF
    conversation.updated_at = timezone.now()
    changed = ("title", "next_position", "message_count", "turn_count", "updated_at", "epoch")
    marked = [*payloads, events.TURN_ENDED if ended else events.TURN_STARTED]
    logged = log(conversation, turn.pk, marked, *changed, along=along)
    transaction.on_commit(watching.sent)
    if ended:
        transaction.on_commit(functools.partial(watching.ended, turn.pk, turn.status))
    elif begun is None:
        jobs.configure_task(at_hand.TASK).defer(conversation_id=conversation.pk)
    return logged


def _check_open(conversation: Conversation) -> None:
    if conversation.status != Conversation.Status.OPEN:
        raise errors.ConversationClosed()
