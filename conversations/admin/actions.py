"""What the staff does to conversations: each an operation of the domain, said in words before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.utils.text import capfirst

from conversations import services
from conversations.models import Conversation

STAFF = Conversation.HandledBy.STAFF
OPEN, LOCKED, CLOSED = Conversation.Status.OPEN, Conversation.Status.LOCKED, Conversation.Status.CLOSED


@dataclass(frozen=True, slots=True)
class Action:
    """One operation: its button, what it means for the customer, and what it is called when done."""

    name: str
    label: str
    past: str
    consequence: str
    applies: Callable[[Conversation], bool]
    operate: Callable[[Any, str, str], object]
    refusal: str
    takes_reason: bool = False

    def run(self, staff: Any, conversation: Conversation, reason: str = "") -> None:
        """Do it and note it in the admin's log, which the transcript shows."""
        note = f"{capfirst(self.past)}: {reason}" if reason else capfirst(self.past)
        with transaction.atomic():
            self.operate(staff, conversation.pk, reason)
            LogEntry.objects.log_actions(
                staff.pk, [conversation], CHANGE, change_message=note, single_object=True
            )


def _set_status(status: Conversation.Status) -> Callable[[Any, str, str], object]:
    def operate(staff: Any, conversation_id: str, reason: str) -> object:
        return services.set_status(staff=staff, conversation_id=conversation_id, status=status, reason=reason)

    return operate


TAKE_OVER = Action(
    name="take_over",
    label="Take over",
    past="took over",
    consequence="The assistant stops at once, also in the middle of a reply. What the customer writes waits for you.",
    applies=lambda conversation: conversation.handled_by != STAFF,
    operate=lambda staff, id, _: services.take_over(staff=staff, conversation_id=id),
    refusal="with the staff already",
)
HAND_BACK = Action(
    name="hand_back",
    label="Hand back",
    past="handed back",
    consequence="The assistant answers again when the customer writes the next message.",
    applies=lambda conversation: conversation.handled_by == STAFF,
    operate=lambda staff, id, _: services.hand_back(staff=staff, conversation_id=id),
    refusal="with the assistant already",
)
LOCK = Action(
    name="lock",
    label="Lock",
    past="locked",
    consequence="The customer can read but not write here until you reopen it.",
    applies=lambda conversation: conversation.status == OPEN,
    operate=_set_status(LOCKED),
    refusal="not open",
    takes_reason=True,
)
CLOSE = Action(
    name="close",
    label="Close",
    past="closed",
    consequence="The customer can read but not write here any more. A new conversation can be started at any time.",
    applies=lambda conversation: conversation.status != CLOSED,
    operate=_set_status(CLOSED),
    refusal="closed already",
    takes_reason=True,
)
REOPEN = Action(
    name="reopen",
    label="Reopen",
    past="reopened",
    consequence="The customer can write here again.",
    applies=lambda conversation: conversation.status != OPEN,
    operate=_set_status(OPEN),
    refusal="open already",
)
ACTIONS = {action.name: action for action in (TAKE_OVER, HAND_BACK, LOCK, CLOSE, REOPEN)}


def run_on_all(
    action: Action, staff: Any, conversations: Iterable[Conversation], reason: str
) -> tuple[int, int]:
    """Run an action where it applies; return how many were changed and how many were left alone."""
    done = left = 0
    for conversation in conversations:
        if action.applies(conversation):
            action.run(staff, conversation, reason)
            done += 1
        else:
            left += 1
    return done, left
