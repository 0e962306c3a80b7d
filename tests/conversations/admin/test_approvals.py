"""The staff decides what is theirs to decide, by an action of the list."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from chatsite.accounts.models import User
from conversations import services
from conversations.models import Approval, Conversation
from conversations.responder import Step
from conversations.services import Question
from tests.conversations.admin.making import address, ask, begin, grant

LIST = reverse("admin:conversations_approval_changelist")


@pytest.fixture
def approval(alice: User) -> Approval:
    """A refund that waits for the staff."""
    request = begin(ask(alice, "80 € back, please"))
    step = Step(response={}, text="", final=False, calls=("call_1",))
    services.commit_step(request=request, step=step, payloads=[], new_items=[], first_token_at=None)
    with pytest.raises(services.ApprovalPending):
        services.run_tool_once(
            turn_id=request.turn_id,
            epoch=request.epoch,
            call_id="call_1",
            tool="refund",
            arguments={"amount": 80},
            effect=lambda: "Done",
            ask=lambda: Question(title="Refund of 80 €", text="Late bag", decided_by="staff"),
        )
    services.wait_for_decision(request=request, payloads=[], new_items=[], shown_calls=())
    return Approval.objects.get()


@pytest.mark.parametrize(("action", "status"), [("approve", "approved"), ("decline", "refused")])
def test_the_staff_decides(desk: Client, staff: User, approval: Approval, action: str, status: str) -> None:
    assert "Refund of 80 €" in desk.get(LIST).content.decode()
    page = desk.get(reverse("admin:conversations_approval_change", args=[approval.pk])).content.decode()
    assert "Late bag" in page
    assert address(Conversation.objects.get()) in page

    done = desk.post(LIST, {"action": action, "_selected_action": approval.pk})

    approval.refresh_from_db()
    assert (approval.status, approval.decider) == (status, staff)
    assert approval.tool_call.turn.status == "queued"
    (said,) = [str(message) for message in get_messages(done.wsgi_request)]
    assert "Refund of 80 €" in said
    conversation = Conversation.objects.get()
    assert "refund of 80 €" in desk.get(address(conversation)).content.decode().lower()


def test_a_second_decision_changes_nothing(desk: Client, approval: Approval) -> None:
    desk.post(LIST, {"action": "approve", "_selected_action": approval.pk})

    done = desk.post(LIST, {"action": "decline", "_selected_action": approval.pk})

    approval.refresh_from_db()
    assert approval.status == "approved"
    assert "decided before" in str([*get_messages(done.wsgi_request)][-1])


def test_a_reader_sees_and_decides_nothing(browser_of: Any, make_user: Any, approval: Approval) -> None:
    client = browser_of(grant(make_user("reader", is_staff=True), "view_approval"))

    assert "Refund of 80 €" in client.get(LIST).content.decode()
    client.post(LIST, {"action": "approve", "_selected_action": approval.pk})

    approval.refresh_from_db()
    assert approval.status == "pending"


def test_a_stranger_sees_nothing(client: Client, mallory: User, approval: Approval) -> None:
    client.force_login(mallory)

    assert client.get(LIST).status_code == 302
