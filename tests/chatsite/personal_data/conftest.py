"""A customer with a row in every table that can have one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import SESSION_KEY
from django.utils import timezone

from agents_app.airline import services as airline
from agents_app.airline.models import FlightSearch
from agents_app.airline.refunds import Refund
from chatsite.accounts import tokens
from chatsite.accounts.models import User
from conversations import services
from conversations.models import (
    AccessLog,
    Approval,
    Attachment,
    Charge,
    Conversation,
    Dictation,
    Feedback,
    Item,
    Summary,
    ToolCall,
    Turn,
    Upload,
)

#: Nobody else's word.
MARK = "quokka"
PICTURE = b"\x89PNG\r\n\x1a\n" + MARK.encode()


@pytest.fixture
def make_life(staff: User) -> Callable[[User], Conversation]:
    """Give a user a row in every table; return the conversation."""

    def make(user: User) -> Conversation:
        User.objects.filter(pk=user.pk).update(first_name=MARK, email=f"{MARK}@example.com")
        talk = _talk(user, staff)
        _use(user)
        _trip(user)
        _doings_of_staff(user, staff, talk)
        tokens.revoke(tokens.issue(user).refresh)
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY] = user.pk
        session.create()
        return talk

    return make


def _talk(user: User, staff: User) -> Conversation:
    talk = Conversation.objects.create(
        user=user, title=f"The {MARK}", next_position=10, message_count=2, turn_count=1
    )
    turn = Turn.objects.create(
        conversation=talk, user=user, number=1, status="completed", input_tokens=7, finished_at=timezone.now()
    )
    attachment = Attachment.objects.create(
        user=user,
        attachment_id="atc_1",
        payload={"id": "atc_1", "name": f"{MARK}.png", "mime_type": "image/png", "metadata": "for us"},
    )
    Upload.objects.create(attachment=attachment, conversation=talk, media_type="image/png", data=PICTURE)
    said = [
        ("user_message", "user", f"Where is my {MARK}?", {"attachments": [attachment.payload]}),
        ("assistant_message", "assistant", f"Here is your **{MARK}**.", {}),
    ]
    for position, (kind, role, text, more) in enumerate(said):
        part = {"type": "text", "text": text, "annotations": []}
        item = Item.objects.create(
            conversation=talk,
            item_id=f"msg_{position}",
            position=position,
            kind=kind,
            role=role,
            sequence=position,
            text=text,
            payload={"id": f"msg_{position}", "type": kind, "content": [part], **more},
            turn=turn,
        )
    Feedback.objects.create(item=item, kind="positive")
    Item.objects.create(
        conversation=talk,
        item_id="hidden",
        position=9,
        kind="hidden_context_item",
        payload={"content": "kept from customers"},
    )
    call = ToolCall.objects.create(
        turn=turn, call_id="call_1", position=1, tool="find_animal", arguments={"name": MARK}
    )
    Approval.objects.create(
        tool_call=call,
        arguments={"name": MARK},
        decided_by="staff",
        status="approved",
        decider=staff,
        decided_at=timezone.now(),
    )
    Summary.objects.create(conversation=talk, until_turn=1, text=f"Lost a {MARK}")
    return talk


def _use(user: User) -> None:
    Dictation.objects.create(user=user, seconds=4, input_tokens=11, cost=2)
    Charge.objects.create(user=user, tokens=13, cost=1)


def _trip(user: User) -> None:
    profile = airline.get_trip(user_id=user.pk)
    airline.request_assistance(user_id=user.pk, text=MARK)
    Refund.objects.create(profile=profile, amount=5, reason=MARK)
    FlightSearch.objects.create(
        profile=profile,
        origin="BER",
        destination="LIS",
        departs_on=date.today() + timedelta(days=9),
        cabin="economy",
        options=[{"id": MARK}],
    )


def _doings_of_staff(user: User, staff: User, talk: Conversation) -> None:
    AccessLog.objects.create(conversation=talk, staff=staff)
    for about in (user, talk, airline.get_trip(user_id=user.pk)):
        LogEntry.objects.log_actions(staff.pk, [about], CHANGE, change_message=f"Looked after {MARK}")
    services.take_over(staff=staff, conversation_id=talk.pk)
    services.reply_as_staff(staff=staff, conversation_id=talk.pk, text=f"I know the {MARK}.")
