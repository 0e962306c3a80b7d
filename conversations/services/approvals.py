"""A yes or no that a turn waits for: asked, shown as a card, decided once, or let lapse."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from procrastinate.contrib.django import app as jobs

from conversations import errors, events, rows
from conversations.models import Approval, Conversation, Item, ToolCall, Turn
from conversations.responder import TurnRequest
from conversations.services import items
from conversations.services.locking import lock_conversation, log

#: What a card's buttons send: `{turn_id, approval_id, approve}`.
ACTION = "approval.decide"
DAYS_TO_DECIDE = 7

SAID_NO = "Not done: the answer was no."
WROTE_ON = "Not done: the customer wrote another message instead of deciding."
TOO_LATE = "Not done: nobody decided in time."
ENDED_FIRST = "Not done: the reply was stopped before anybody decided."


@dataclass(frozen=True, slots=True)
class Question:
    """What a tool asks before it does something, in words for the one who decides.

    `text` says it all in a sentence or two; a card that has facts shows those instead, by name and value, with an
    amount of money and what it is, and a consequence before the buttons.
    """

    title: str
    text: str
    decided_by: Literal["customer", "staff"] = "customer"
    amount: tuple[str, str] | None = None
    facts: tuple[tuple[str, str], ...] = ()
    consequence: str = ""
    confirm: str = gettext_noop("Yes, go on")
    cancel: str = gettext_noop("No")


class ApprovalPending(Exception):
    """A tool call waits for a yes or no: nothing was done yet."""


# --- Asking -------------------------------------------------------------------------------------------------


def ask(call: ToolCall, question: Question, for_staff: Question) -> Approval:
    """Freeze a tool call until somebody decides. The caller holds the conversation's lock.

    The customer's card asks in their language, the administration in its own.
    """
    words = dataclasses.asdict(question)
    del words["decided_by"]
    return Approval.objects.create(
        tool_call=call,
        arguments=call.arguments,
        decided_by=question.decided_by,
        question={**words, "for_staff": {"title": for_staff.title, "text": for_staff.text}},
        expires_at=timezone.now() + timedelta(days=DAYS_TO_DECIDE),
    )


@transaction.atomic
def wait_for_decision(
    *,
    request: TurnRequest,
    payloads: Sequence[dict[str, Any]],
    new_items: Sequence[dict[str, Any]],
    shown_calls: Iterable[str],
) -> bool:
    """Let a run's turn wait for what its tools asked, and show the cards; say whether there is more to run now.

    There is where everything was decided meanwhile, or where the customer wrote on before the question came:
    that refuses it, as a message does which comes later. Raises Fenced.
    """
    conversation = lock_conversation(id=request.conversation_id, epoch=request.epoch)
    turn = Turn.objects.get(pk=request.turn_id)
    for payload in new_items:
        items.store_item(conversation, payload, turn=turn)
    if turn.steps:
        turn.steps[-1]["shown"] = list(shown_calls)
    if conversation.turn_count > turn.number:
        _refuse_all(turn, turn.user)
    pending = _pending(turn)
    cards = [_show_card(conversation, turn, approval) for approval in pending]
    # A turn that needn't wait goes on for those who follow it: only one that waits ends for them.
    turn.status = Turn.Status.WAITING_APPROVAL if pending else Turn.Status.QUEUED
    turn.attempt, turn.job_id = 0, None
    turn.save(update_fields=["steps", "status", "attempt", "job_id"])
    end = [events.TURN_ENDED] if pending else []
    log(conversation, turn.pk, [*payloads, *cards, *end], "next_position", "message_count")
    return not pending


# --- Deciding -----------------------------------------------------------------------------------------------


@transaction.atomic
def decide_approval(
    *, user: Any, conversation_id: str, turn_id: str, approval_id: str, approve: bool, reason: str = ""
) -> Turn:
    """Decide the customer's own approval; its turn goes on. Raises NotFound, Forbidden, Conflict."""
    conversation = lock_conversation(user=user, id=conversation_id)
    if conversation.status != Conversation.Status.OPEN:
        raise errors.ConversationClosed()
    turn = conversation.turns.filter(pk=turn_id).first()
    approval = Approval.objects.filter(pk=approval_id, tool_call__turn=turn).first() if turn else None
    if approval is None:
        raise errors.NotFound()
    if approval.decided_by == Approval.DecidedBy.STAFF:
        raise errors.Forbidden(gettext_noop("A member of the staff must decide this."))
    return _decide(conversation, approval, user, approve, reason)


@transaction.atomic
def decide_as_staff(*, staff: Any, approval_id: str, approve: bool, reason: str = "") -> Turn:
    """Decide an approval that the staff must give; its turn goes on. Raises NotFound, Forbidden, Conflict."""
    approval = Approval.objects.select_related("tool_call__turn").filter(pk=approval_id).first()
    if approval is None:
        raise errors.NotFound()
    if approval.decided_by != Approval.DecidedBy.STAFF:
        raise errors.Forbidden("The customer must decide this.")
    conversation = lock_conversation(id=approval.tool_call.turn.conversation_id)
    approval.refresh_from_db()
    return _decide(conversation, approval, staff, approve, reason)


def refuse_pending(conversation: Conversation, user: Any) -> None:
    """Take a new message for a no to what waits. The caller holds the lock and queues the conversation's job."""
    for turn in conversation.turns.filter(status=Turn.Status.WAITING_APPROVAL):
        _resume(conversation, turn, _refuse_all(turn, user))


def expire_waiting(turn: Turn) -> list[dict[str, Any]]:
    """Close what waits or was never done in a turn that ends; return its cards' events."""
    undone = Approval.objects.filter(tool_call__turn=turn, tool_call__status=ToolCall.Status.WAITING)
    return [
        card
        for approval in undone.select_related("tool_call__turn")
        for card in _settle(approval, Approval.Status.EXPIRED, ENDED_FIRST)
    ]


def forget_expired(turn: Turn) -> None:
    """Let a turn that is tried again ask anew what nobody decided."""
    turn.tool_calls.filter(approval__status=Approval.Status.EXPIRED).delete()


def expire_overdue() -> int:
    """Let turns go on whose time to decide is over: the model says so. Return how many approvals lapsed."""
    overdue = Approval.objects.filter(status=Approval.Status.PENDING, expires_at__lte=timezone.now())
    found = list(overdue.values_list("pk", "tool_call__turn__conversation_id"))
    return sum(_expire(approval_id, conversation_id) for approval_id, conversation_id in found)


@transaction.atomic
def _expire(approval_id: str, conversation_id: str) -> bool:
    try:
        conversation = lock_conversation(id=conversation_id)
    except errors.NotFound:
        return False
    approval = Approval.objects.filter(pk=approval_id, status=Approval.Status.PENDING).first()
    if approval is None:
        return False
    _go_on(conversation, approval, _settle(approval, Approval.Status.EXPIRED, TOO_LATE))
    return True


def _refuse_all(turn: Turn, user: Any) -> list[dict[str, Any]]:
    return [
        card
        for approval in _pending(turn)
        for card in _settle(approval, Approval.Status.REFUSED, WROTE_ON, decider=user)
    ]


def _decide(conversation: Conversation, approval: Approval, decider: Any, approve: bool, reason: str) -> Turn:
    late = approval.expires_at is not None and approval.expires_at <= timezone.now()
    if approval.status != Approval.Status.PENDING or late:
        raise errors.Conflict(gettext_noop("This was decided before, or its time is over."))
    status = Approval.Status.APPROVED if approve else Approval.Status.REFUSED
    told = f"{SAID_NO} The reason given: {reason}" if reason else SAID_NO
    return _go_on(conversation, approval, _settle(approval, status, told, decider=decider, reason=reason))


def _settle(
    approval: Approval, status: Approval.Status, told: str, *, decider: Any = None, reason: str = ""
) -> list[dict[str, Any]]:
    """Store a decision and what the model is told of a no; return its card's event."""
    approval.status, approval.decider, approval.reason = status, decider, reason
    approval.decided_at = timezone.now()
    approval.save(update_fields=["status", "decider", "reason", "decided_at"])
    if status != Approval.Status.APPROVED:
        approval.tool_call.status, approval.tool_call.result = ToolCall.Status.FAILED, events.clean(told)
        approval.tool_call.save(update_fields=["status", "result"])
    return _replace_card(approval)


def _go_on(conversation: Conversation, approval: Approval, card: list[dict[str, Any]]) -> Turn:
    """Queue the turn once nothing of it waits any more."""
    turn: Turn = conversation.turns.get(pk=approval.tool_call.turn_id)
    if turn.status != Turn.Status.WAITING_APPROVAL or _pending(turn):
        log(conversation, turn.pk, card)
    else:
        _resume(conversation, turn, card)
        jobs.configure_task("conversations.run_turns").defer(conversation_id=conversation.pk)
    return turn


def _resume(conversation: Conversation, turn: Turn, cards: Sequence[dict[str, Any]] = ()) -> None:
    """Queue a turn that waited, as new: its attempts, and what a reader of it gets, count from here."""
    turn.status, turn.attempt, turn.job_id = Turn.Status.QUEUED, 0, None
    turn.before_seq = conversation.last_seq
    rows.update(turn, "status", "attempt", "job_id", "before_seq")
    log(conversation, turn.pk, [events.TURN_STARTED, *cards])


def _pending(turn: Turn) -> list[Approval]:
    waiting = Approval.objects.filter(tool_call__turn=turn, status=Approval.Status.PENDING)
    return list(waiting.select_related("tool_call__turn").order_by("id"))


# --- The card -----------------------------------------------------------------------------------------------


def _show_card(conversation: Conversation, turn: Turn, approval: Approval) -> dict[str, Any]:
    card = {
        "type": "widget",
        "id": _card_id(approval),
        "thread_id": conversation.pk,
        "created_at": items.now_text(),
        "widget": _card(approval),
        "copy_text": f"{approval.question['title']}: {approval.question['text']}",
    }
    items.store_item(conversation, card, turn=turn)
    return events.item_done(card)


def _replace_card(approval: Approval) -> list[dict[str, Any]]:
    """Take the buttons from the card, wherever it is shown and after a reload too."""
    turn = approval.tool_call.turn
    item = Item.objects.filter(conversation=turn.conversation_id, item_id=_card_id(approval)).first()
    if item is None:  # it was not shown yet
        return []
    item.payload = {**item.payload, "widget": _card(approval)}
    item.save(update_fields=["payload"])
    return [events.item_replaced(item.payload)]


def _card_id(approval: Approval) -> str:
    return approval.pk.replace("apv_", "wdg_", 1)


def _card(approval: Approval) -> dict[str, Any]:
    with translation.override(approval.tool_call.turn.language or settings.LANGUAGE_CODE):
        return _make_card(approval)


def _make_card(approval: Approval) -> dict[str, Any]:
    is_open = approval.status == Approval.Status.PENDING
    card: dict[str, Any] = {
        "type": "Card",
        "size": "full",
        "status": {"text": _status_words(approval), "icon": _STATUS_ICONS[approval.status]},
        "children": _in_words(approval.question) if is_open else _in_short(approval),
    }
    if not is_open:
        card["collapsed"] = len(card["children"]) == 1  # a reason isn't hidden
    elif approval.decided_by == Approval.DecidedBy.CUSTOMER:
        for name in ("confirm", "cancel"):
            label, approve = approval.question[name], name == "confirm"
            card[name] = {"label": _(label), "action": _action(approval, approve=approve)}
    return card


def _status_words(approval: Approval) -> str:
    is_staffs = approval.decided_by == Approval.DecidedBy.STAFF
    match approval.status:
        case Approval.Status.PENDING:
            return _("A colleague has to approve this") if is_staffs else _("Waiting for your answer")
        case Approval.Status.APPROVED:
            said = _("Approved by a colleague") if is_staffs else _("Approved")
        case Approval.Status.REFUSED:
            is_own = approval.decider_id == approval.tool_call.turn.user_id
            said = _("Declined by a colleague") if is_staffs and not is_own else _("Declined")
        case _:
            said = _("No longer open")
    return f"{approval.question['title']} · {said}"


def _in_words(question: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what an open question says: its facts one by one, where it has some."""
    title = {"type": "Title", "value": question["title"], "size": "md"}
    if not question.get("facts"):
        return [title, {"type": "Text", "value": question["text"]}]
    head = _apart(title, _figure(*question["amount"])) if question.get("amount") else title
    facts = [_fact(name, value) for name, value in question["facts"]]
    shown = [head, {"type": "Col", "gap": 1, "children": facts}]
    if question["consequence"]:
        shown.append({"type": "Caption", "value": question["consequence"], "size": "md"})
    return shown


def _in_short(approval: Approval) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = [{"type": "Text", "value": approval.question["text"]}]
    if approval.reason and approval.decided_by == Approval.DecidedBy.STAFF:
        reason = _("Reason: %(reason)s") % {"reason": approval.reason}
        shown.append({"type": "Text", "value": reason, "size": "sm"})
    return shown


def _fact(name: str, value: str) -> dict[str, Any]:
    told = {"type": "Text", "value": name, "size": "sm", "color": "secondary"}
    # The name keeps its room: a long value goes on in a second line.
    return _apart(
        {"type": "Box", "flex": "none", "children": [told]},
        {"type": "Text", "value": value, "size": "sm", "textAlign": "end"},
    )


def _apart(start: dict[str, Any], end: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Row", "justify": "between", "align": "start", "gap": 4, "children": [start, end]}


def _figure(amount: str, what: str) -> dict[str, Any]:
    figure = {"type": "Title", "value": amount, "size": "xl"}
    return {
        "type": "Col",
        "align": "end",
        "gap": 0,
        "children": [figure, {"type": "Caption", "value": what}],
    }


_STATUS_ICONS: dict[str, str] = {
    Approval.Status.PENDING: "circle-question",
    Approval.Status.APPROVED: "check-circle",
    Approval.Status.REFUSED: "empty-circle",
    Approval.Status.EXPIRED: "calendar",
}


def _action(approval: Approval, *, approve: bool) -> dict[str, Any]:
    payload = {"turn_id": approval.tool_call.turn_id, "approval_id": approval.pk, "approve": approve}
    # The last two are ChatKit's defaults, said: what is loaded afresh has them too.
    return {
        "type": ACTION,
        "payload": payload,
        "handler": "server",
        "loadingBehavior": "auto",
        "streaming": True,
    }
