"""A person of the staff in the conversation: what the customer and the assistant see of it."""

from __future__ import annotations

from typing import Any

import pytest
from chatkit.types import AssistantMessageItem, EntitySource

from chatsite.accounts.models import User
from conversations import errors, events, services
from conversations.models import AccessLog, Conversation, Item
from conversations.responder import HistoryMessage
from tests.conversations.admin.making import ask, begin


@pytest.fixture
def taken(alice: User, staff: User) -> Conversation:
    return services.take_over(staff=staff, conversation_id=ask(alice, "A person, please").pk)


class TestPresence:
    def test_is_a_line_of_the_thread_and_no_message(self, staff: User, taken: Conversation) -> None:
        User.objects.filter(pk=staff.pk).update(first_name="Sam", last_name="Okoro")
        staff.refresh_from_db()
        services.take_over(staff=staff, conversation_id=taken.pk)  # again: says nothing new
        services.hand_back(staff=staff, conversation_id=taken.pk)
        services.hand_back(staff=staff, conversation_id=taken.pk)

        came, went = Item.objects.filter(conversation=taken, kind="assistant_message").order_by("position")
        sources = [
            AssistantMessageItem.model_validate(item.payload).content[0].annotations[0].source
            for item in (came, went)
        ]
        taken.refresh_from_db()
        logged = "".join(event.payload for event in events.read_after(taken.pk, 0))
        assert [source.data["event"] for source in sources if isinstance(source, EntitySource)] == [
            "joined",
            "left",
        ]
        assert went.text == "Sam Okoro left. The assistant answers again."
        assert (came.role, came.sequence, went.author, taken.message_count) == (None, None, staff, 1)
        assert logged.count('"joined"') == logged.count('"left"') == 1
        assert not Item.objects.saying("answers").exists()


class TestAskForStaff:
    def test_marks_the_conversation_once_and_says_so_in_the_thread(self, alice: User) -> None:
        conversation = ask(alice, "Hello")
        for _ in range(2):
            services.ask_for_staff(user=alice, conversation_id=conversation.pk)

        conversation.refresh_from_db()
        [line] = Item.objects.filter(conversation=conversation, kind="assistant_message")
        source = AssistantMessageItem.model_validate(line.payload).content[0].annotations[0].source
        assert isinstance(source, EntitySource)
        assert source.data == {"author": "staff", "name": "", "event": "asked"}
        assert (line.role, line.author, conversation.message_count) == (None, None, 1)
        assert conversation.staff_asked_at is not None
        assert conversation.handled_by == Conversation.HandledBy.ASSISTANT

    @pytest.mark.parametrize("end", ["taken over", "closed"])
    def test_is_over_when_somebody_comes_or_the_conversation_ends(
        self, alice: User, staff: User, end: str
    ) -> None:
        id = ask(alice, "Hello").pk
        services.ask_for_staff(user=alice, conversation_id=id)
        if end == "closed":
            services.set_status(staff=staff, conversation_id=id, status="closed")
        else:
            services.take_over(staff=staff, conversation_id=id)

        assert Conversation.objects.get(pk=id).staff_asked_at is None

    def test_changes_nothing_where_a_person_has_the_conversation(self, taken: Conversation) -> None:
        services.ask_for_staff(user=taken.user, conversation_id=taken.pk)

        taken.refresh_from_db()
        assert taken.staff_asked_at is None

    def test_is_refused_in_a_closed_one_and_in_a_strangers(self, bob: User, taken: Conversation) -> None:
        with pytest.raises(errors.NotFound):
            services.ask_for_staff(user=bob, conversation_id=taken.pk)
        Conversation.objects.filter(pk=taken.pk).update(status="locked")
        with pytest.raises(errors.ConversationClosed):
            services.ask_for_staff(user=taken.user, conversation_id=taken.pk)


class TestReplyAsStaff:
    def test_is_a_message_in_the_log_and_counts(self, staff: User, taken: Conversation) -> None:
        item = services.reply_as_staff(staff=staff, conversation_id=taken.pk, text="Hello, this is Sam.")

        taken.refresh_from_db()
        last = events.read_after(taken.pk, taken.last_seq - 1)[0]
        assert (item.role, item.author, item.sequence, taken.message_count) == (Item.Role.STAFF, staff, 1, 2)
        assert '"thread.item.done"' in last.payload
        assert "Hello, this is Sam." in last.payload
        assert last.turn_id is None

    def test_names_its_writer_where_chatkit_keeps_it(self, staff: User, taken: Conversation) -> None:
        User.objects.filter(pk=staff.pk).update(first_name="Sam", last_name="Okoro")
        staff.refresh_from_db()

        item = services.reply_as_staff(staff=staff, conversation_id=taken.pk, text="Hello, this is Sam.")

        kept = AssistantMessageItem.model_validate(item.payload).content[0].annotations[0].source
        assert isinstance(kept, EntitySource)
        assert (kept.title, kept.data) == ("Sam Okoro", {"author": "staff", "name": "Sam Okoro"})
        assert staff.username not in str(item.payload)

    def test_is_told_to_the_assistant_when_it_answers_again(self, staff: User, taken: Conversation) -> None:
        services.reply_as_staff(staff=staff, conversation_id=taken.pk, text="I upgraded you.")
        services.hand_back(staff=staff, conversation_id=taken.pk)
        ask(taken.user, "Which seat is it?", taken)

        history = begin(taken).history

        assert [(entry.role, entry.text) for entry in history if isinstance(entry, HistoryMessage)] == [
            ("user", "A person, please"),
            ("staff", "I upgraded you."),
            ("user", "Which seat is it?"),
        ]

    def test_with_the_same_id_is_the_same_message(self, staff: User, taken: Conversation) -> None:
        said = [
            services.reply_as_staff(
                staff=staff, conversation_id=taken.pk, text="Hello", message_id="msg_form"
            )
            for _ in range(2)
        ]

        assert said[0] == said[1]

    @pytest.mark.parametrize("state", [{"handled_by": "assistant"}, {"status": "closed"}])
    def test_is_refused_without_the_conversation_in_hand(
        self, staff: User, taken: Conversation, state: dict[str, Any]
    ) -> None:
        Conversation.objects.filter(pk=taken.pk).update(**state)

        with pytest.raises((errors.Conflict, errors.ConversationClosed)):
            services.reply_as_staff(staff=staff, conversation_id=taken.pk, text="Hello")

    @pytest.mark.parametrize("text", ["", " \n", "a\x00b", "\ud800"])
    def test_is_refused_when_it_says_nothing_or_what_cannot_be_stored(
        self, staff: User, taken: Conversation, text: str
    ) -> None:
        with pytest.raises(errors.Invalid):
            services.reply_as_staff(staff=staff, conversation_id=taken.pk, text=text)

    def test_needs_a_conversation(self, staff: User) -> None:
        with pytest.raises(errors.NotFound):
            services.reply_as_staff(staff=staff, conversation_id="conv_none", text="Hello")


class TestRecordAccess:
    def test_writes_down_who_and_what(self, staff: User, taken: Conversation) -> None:
        row = services.record_access(staff=staff, conversation_id=taken.pk)

        assert (row.staff, row.conversation) == (staff, taken)
        assert AccessLog.objects.get() == row

    def test_needs_a_conversation(self, staff: User) -> None:
        with pytest.raises(errors.NotFound):
            services.record_access(staff=staff, conversation_id="conv_none")
