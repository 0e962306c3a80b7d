"""The staff handles conversations through the services, and is told what follows."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.test import Client

from chatsite.accounts.models import User
from conversations import ids, services
from conversations.models import Conversation, Item, Turn
from tests.conversations.admin.making import LIST, address, ask, grant


class TestActing:
    @pytest.mark.parametrize(
        ("name", "before", "after"),
        [
            ("close", ("open", "assistant"), ("closed", "assistant")),
            ("lock", ("open", "assistant"), ("locked", "assistant")),
            ("reopen", ("closed", "assistant"), ("open", "assistant")),
            ("take_over", ("open", "assistant"), ("open", "staff")),
            ("hand_back", ("open", "staff"), ("open", "assistant")),
        ],
    )
    def test_asks_says_what_follows_and_does_it(
        self, desk: Client, make_conversation: Any, name: str, before: tuple[str, str], after: tuple[str, str]
    ) -> None:
        conversation = make_conversation(title="A seat", status=before[0], handled_by=before[1])

        question = desk.get(address(conversation, "act", name)).content.decode()
        conversation.refresh_from_db()
        assert (conversation.status, conversation.handled_by) == before
        done = desk.post(address(conversation, "act", name))

        conversation.refresh_from_db()
        assert "A seat" in question
        assert (conversation.status, conversation.handled_by) == after
        assert done["Location"] == address(conversation)
        assert said_to(done) == [f"You {LogEntry.objects.get().change_message.lower()} this conversation."]
        assert (
            f"sam {LogEntry.objects.get().change_message.lower()}"
            in desk.get(address(conversation)).content.decode()
        )

    def test_the_reason_reaches_the_customer(self, desk: Client, talk: Conversation) -> None:
        desk.post(address(talk, "act", "lock"), {"reason": "Handled by phone"})

        talk.refresh_from_db()
        assert services.thread_payload(talk)["status"] == {"type": "locked", "reason": "Handled by phone"}

    def test_taking_over_leaves_what_waits_to_a_person(self, desk: Client, alice: User) -> None:
        conversation = ask(alice, "Are you there?")

        desk.post(address(conversation, "act", "take_over"))

        assert conversation.turns.get().status == Turn.Status.WITH_STAFF

    def test_what_does_not_apply_is_said(self, desk: Client, talk: Conversation) -> None:
        answered = desk.post(address(talk, "act", "hand_back"))

        assert said_to(answered) == ["Nothing was changed: the conversation is with the assistant already."]
        assert desk.post(address(talk, "act", "explode")).status_code == 404

    def test_the_list_asks_first_and_leaves_the_others(self, desk: Client, make_conversation: Any) -> None:
        open_one, closed_one = make_conversation(title="Mine"), make_conversation(status="closed")
        chosen = {"action": "close", "_selected_action": [open_one.pk, closed_one.pk], "index": "0"}

        question = desk.post(LIST, chosen).content.decode()
        open_one.refresh_from_db()
        assert (open_one.status, "Close 2 conversations" in question) == ("open", True)
        assert f'name="_selected_action" value="{open_one.pk}"' in question
        done = desk.post(LIST, {**chosen, "confirmed": "yes", "reason": "All said"})

        open_one.refresh_from_db()
        assert (open_one.status, open_one.status_reason) == ("closed", "All said")
        assert said_to(done) == ["You closed 1 conversation.", "1 was closed already and left as before."]

    def test_only_superusers_delete_and_by_the_service(
        self, browser_of: Any, make_user: Any, staff: User, talk: Conversation
    ) -> None:
        everything = ["view_conversation", "change_conversation", "delete_conversation"]
        agent = browser_of(grant(make_user("agent", is_staff=True), *everything))
        assert agent.post(address(talk, "delete"), {"post": "yes"}).status_code == 403

        administrator = browser_of(staff)
        question = administrator.get(address(talk, "delete")).content.decode()
        administrator.post(address(talk, "delete"), {"post": "yes"})

        assert "Tool calls: 1" in question
        assert not Conversation.objects.filter(pk=talk.pk).exists()
        assert not Item.objects.exists()

    def test_a_list_of_them_is_deleted_too(self, desk: Client, talk: Conversation) -> None:
        desk.post(LIST, {"action": "delete_selected", "_selected_action": talk.pk, "post": "yes"})

        assert not Conversation.objects.exists()


class TestReplying:
    @pytest.fixture
    def taken(self, staff: User, talk: Conversation) -> Conversation:
        return services.take_over(staff=staff, conversation_id=talk.pk)

    def test_the_customer_gets_it(self, desk: Client, staff: User, taken: Conversation) -> None:
        message = {"text": "Hello, this is Sam.", "message_id": ids.new_id("msg")}

        first, again = (
            desk.post(address(taken, "reply"), message),
            desk.post(address(taken, "reply"), message),
        )

        item = Item.objects.get(conversation=taken, role=Item.Role.STAFF)
        assert (item.text, item.author, item.item_id) == ("Hello, this is Sam.", staff, message["message_id"])
        assert first["Location"] == again["Location"] == address(taken) + "#reply"
        assert "Hello, this is Sam." in desk.get(address(taken)).content.decode()

    def test_only_with_the_conversation_in_hand(self, desk: Client, talk: Conversation) -> None:
        page = desk.get(address(talk)).content.decode()
        refused = desk.post(address(talk, "reply"), {"text": "Hello", "message_id": "msg_1"})

        assert "Send reply" not in page
        assert refused.status_code == 422
        assert not Item.objects.filter(role=Item.Role.STAFF).exists()

    @pytest.mark.parametrize(
        ("text", "problem"),
        [("", "Write something first."), (" \n ", "Must not be empty"), ("x" * 40_000, "at most")],
    )
    def test_says_what_is_wrong_and_keeps_the_text(
        self, desk: Client, taken: Conversation, text: str, problem: str
    ) -> None:
        refused = desk.post(address(taken, "reply"), {"text": text, "message_id": "msg_1"})

        assert refused.status_code == 422
        assert problem in refused.content.decode()
        assert text.strip() in refused.content.decode()

    def test_it_is_not_reached_by_get(self, desk: Client, taken: Conversation) -> None:
        assert desk.get(address(taken, "reply")).status_code == 405


def said_to(reply: Any) -> list[str]:
    """Return the messages that the next page will show."""
    return [str(message) for message in get_messages(reply.wsgi_request)]
