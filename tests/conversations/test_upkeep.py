"""What grows is cut back, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.utils import timezone

from conversations import errors, events, services
from conversations.models import Conversation, Event, Turn

pytestmark = pytest.mark.django_db


@pytest.fixture
def finished(alice: Any) -> Turn:
    turn = services.send_message(user=alice, text="Hello").turn
    return services.cancel_turn(user=alice, conversation_id=turn.conversation_id, turn_id=turn.pk)


def age(turn: Turn, days: float) -> None:
    past = timezone.now() - timedelta(days=days)
    Turn.objects.filter(pk=turn.pk).update(finished_at=past)
    Event.objects.filter(turn=turn).update(created_at=past)
    Conversation.objects.filter(pk=turn.conversation_id).update(updated_at=past)


def test_events_of_turns_that_ended_more_than_a_day_ago_are_pruned(finished: Turn) -> None:
    last_seq = finished.conversation.events.count()
    age(finished, 1.1)

    assert services.prune_events() == last_seq

    with pytest.raises(errors.Gone):
        events.read_after(finished.conversation_id, 0)
    assert events.read_after(finished.conversation_id, last_seq) == []


def test_events_stay_for_a_day_after_their_turn(finished: Turn) -> None:
    age(finished, 0.9)

    assert services.prune_events() == 0


def test_events_of_an_unfinished_turn_stay(alice: Any) -> None:
    turn = services.send_message(user=alice, text="Hello").turn
    Event.objects.filter(turn=turn).update(created_at=timezone.now() - timedelta(days=9))

    assert services.prune_events() == 0


def test_conversations_are_kept_for_ever_unless_a_setting_says_how_long(
    finished: Turn, settings: Any
) -> None:
    age(finished, 31)
    assert services.delete_expired_conversations() == 0

    settings.CHAT_RETENTION_DAYS = 30

    assert services.delete_expired_conversations() == 1
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("way", ["by its owner", "by its age"])
def test_the_staffs_log_doesnt_name_a_conversation_that_was_deleted(
    way: str, finished: Turn, staff: Any, settings: Any
) -> None:
    talk = finished.conversation
    LogEntry.objects.log_actions(staff.pk, [talk, staff], CHANGE, change_message="Closed: rude")

    if way == "by its age":
        settings.CHAT_RETENTION_DAYS = 30
        age(finished, 31)
        services.delete_expired_conversations()
    else:
        services.delete_conversation(user=talk.user, conversation_id=talk.pk)

    named = LogEntry.objects.order_by("pk").values_list("object_id", "object_repr", "change_message")
    assert list(named) == [(None, "Erased", ""), (staff.pk, "sam", "Closed: rude")]
