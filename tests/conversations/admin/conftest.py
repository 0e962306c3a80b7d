"""The administrator's browser, and a conversation to look at."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from chatsite.accounts.models import User
from conversations import errors, services
from conversations.models import Conversation
from tests.conversations.admin.making import answer, ask, begin


@pytest.fixture
def desk(client: Client, staff: User) -> Client:
    """A browser of the administrator."""
    client.force_login(staff)
    return client


@pytest.fixture
def browser_of(client: Client) -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def talk(alice: User) -> Conversation:
    """A conversation with an answer, tool calls, and a turn that failed."""
    conversation = ask(alice, "Which seat do I have? <b>14A?</b>")
    request = begin(conversation)
    services.run_tool_once(
        turn_id=request.turn_id,
        epoch=request.epoch,
        call_id="call_1",
        tool="show_trip",
        arguments={"booking": "K7QX2M"},
        effect=lambda: "Seat 14C",
    )
    answer(request, "You have **14C** <script>alert(1)</script>", steps=("Looked up your trip",))
    ask(alice, "And a bag?", conversation)
    services.fail_turn(
        request=begin(conversation), error=errors.AssistantUnavailable("Out of reach."), pending=[]
    )
    return Conversation.objects.get(pk=conversation.pk)
