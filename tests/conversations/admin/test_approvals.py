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


def test_the_staff_approves(desk: Client, staff: User, approval: Approval) -> None:
    conversation = Conversation.objects.get()
    assert "What it waits for" in desk.get(address(conversation)).content.decode()
    assert "Refund of 80 €" in desk.get(LIST, {"q": conversation.pk}).content.decode()
    page = desk.get(address(approval)).content.decode()
    assert "Late bag" in page
    assert address(conversation) in page
    assert address(approval, "decide", "approve") in page

    done = desk.post(LIST, {"action": "approve", "_selected_action": approval.pk})

    approval.refresh_from_db()
    assert (approval.status, approval.decider) == ("approved", staff)
    assert approval.tool_call.turn.status == "queued"
    (said,) = [str(message) for message in get_messages(done.wsgi_request)]
    assert "Refund of 80 €" in said
    assert "refund of 80 €" in desk.get(address(conversation)).content.decode().lower()
    assert "decide/" not in desk.get(address(approval)).content.decode()


@pytest.mark.parametrize("way", ["list", "page"])
def test_the_staff_declines_with_a_reason_for_the_customer(
    desk: Client, approval: Approval, way: str
) -> None:
    place = LIST if way == "list" else address(approval, "decide", "decline")
    chosen = {"action": "decline", "_selected_action": approval.pk}

    asked = desk.post(place, chosen) if way == "list" else desk.get(place)
    assert "Reason" in asked.content.decode()
    approval.refresh_from_db()
    assert approval.status == "pending"
    desk.post(place, {**chosen, "confirmed": "yes", "reason": "The bag came <b>in time</b>."})

    approval.refresh_from_db()
    assert (approval.status, approval.reason) == ("refused", "The bag came <b>in time</b>.")
    assert "The bag came <b>in time</b>." in (approval.tool_call.result or "")  # what the model is told
    card = Conversation.objects.get().items.get(kind="widget").payload["widget"]
    assert "Reason: The bag came <b>in time</b>." in str(card)
    assert "&lt;b&gt;in time" in desk.get(address(approval)).content.decode()


def test_a_second_decision_changes_nothing(desk: Client, approval: Approval) -> None:
    desk.post(LIST, {"action": "approve", "_selected_action": approval.pk})

    done = desk.post(LIST, {"action": "decline", "_selected_action": approval.pk, "confirmed": "yes"})

    approval.refresh_from_db()
    assert approval.status == "approved"
    assert "decided before" in str([*get_messages(done.wsgi_request)][-1])


def test_a_reader_sees_and_decides_nothing(browser_of: Any, make_user: Any, approval: Approval) -> None:
    client = browser_of(grant(make_user("reader", is_staff=True), "view_approval"))

    assert "Refund of 80 €" in client.get(LIST).content.decode()
    client.post(LIST, {"action": "approve", "_selected_action": approval.pk})
    for decision in ("approve", "decline"):
        assert client.get(address(approval, "decide", decision)).status_code == 403
        assert client.post(address(approval, "decide", decision)).status_code == 403
    assert "decide/" not in client.get(address(approval)).content.decode()

    approval.refresh_from_db()
    assert approval.status == "pending"


def test_what_is_the_customers_to_decide_stays_theirs(desk: Client, approval: Approval) -> None:
    Approval.objects.update(decided_by="customer")

    assert "decide/" not in desk.get(address(approval)).content.decode()
    done = desk.post(address(approval, "decide", "approve"))

    assert "customer must decide" in str([*get_messages(done.wsgi_request)][-1])
    approval.refresh_from_db()
    assert approval.status == "pending"
    assert desk.post(address(approval, "decide", "perhaps")).status_code == 404


def test_a_stranger_sees_nothing(client: Client, mallory: User, approval: Approval) -> None:
    client.force_login(mallory)

    for page in (LIST, address(approval), address(approval, "decide", "approve")):
        assert client.post(page).status_code == 302
    approval.refresh_from_db()
    assert approval.status == "pending"
