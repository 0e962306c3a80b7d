"""A conversation is summed up by one process at a time, and not again at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from conversations import services
from conversations.models import Conversation, Summary

BEGIN: dict[str, Any] = {"until_turn": 7, "pause_seconds": 60.0}


def begin(conversation: Conversation, **changes: Any) -> bool:
    try:
        return services.begin_summary(conversation_id=conversation.pk, **{**BEGIN, **changes})
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_of_many_that_begin_at_once_one_does(
    make_conversation: Callable[..., Conversation], alice: Any
) -> None:
    conversation = make_conversation(user=alice)

    with ThreadPoolExecutor(4) as threads:
        begun = list(threads.map(lambda turn: begin(conversation, until_turn=turn), [7, 7, 8, 9]))

    assert sorted(begun) == [False, False, False, True]


@pytest.mark.django_db
def test_one_that_came_to_nothing_is_begun_again_after_the_pause(
    make_conversation: Callable[..., Conversation], alice: Any
) -> None:
    conversation = make_conversation(user=alice)
    begun = [
        services.begin_summary(conversation_id=conversation.pk, until_turn=7, pause_seconds=pause)
        for pause in (60, 60, 0)
    ]

    assert begun == [True, False, True]
    Summary.objects.update(text="What was said.")
    assert not services.begin_summary(conversation_id=conversation.pk, until_turn=7, pause_seconds=0)
    assert services.begin_summary(conversation_id=conversation.pk, until_turn=8, pause_seconds=0)
    assert not services.begin_summary(conversation_id="conv_gone", until_turn=8, pause_seconds=0)
