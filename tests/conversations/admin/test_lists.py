"""Conversations and their records are found."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chatsite.accounts.models import User
from conversations import services
from conversations.models import Conversation, Dictation
from tests.conversations.admin.making import LIST, address, answer, ask, begin


class TestList:
    def test_shows_who_what_and_how_it_stands(self, desk: Client, talk: Conversation) -> None:
        page = desk.get(LIST).content.decode()

        for words in ("Which seat do I have?", "alice", "Open", "Assistant", "And a bag?", "Failed"):
            assert words in page

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("seat", True),
            ("ALICE", True),
            ("14C", True),
            ("14C alice", True),
            ('"have? <b>14A"', True),
            ("14C mallory", False),
            ('"14A have"', False),
            ("'", True),
            ('"', False),
        ],
    )
    def test_finds_titles_names_and_messages(
        self, desk: Client, talk: Conversation, words: str, found: bool
    ) -> None:
        Conversation.objects.filter(pk=talk.pk).update(title="Alice’s seat 'n bag")

        results = desk.get(LIST, {"q": words}).context["cl"].result_list

        assert [each.pk for each in results] == ([talk.pk] if found else [])

    def test_finds_an_id(self, desk: Client, talk: Conversation, make_conversation: Any) -> None:
        make_conversation()

        results = desk.get(LIST, {"q": talk.pk}).context["cl"].result_list

        assert [each.pk for each in results] == [talk.pk]

    @pytest.mark.parametrize(
        "query", [{"q": "a\x00b"}, {"status__exact": "\x00"}, {"user__id__exact": "\x00"}]
    )
    def test_refuses_nul_and_says_nothing_of_databases(self, desk: Client, query: dict[str, str]) -> None:
        assert desk.get(LIST, query).status_code == 404

    def test_finds_the_reference_of_a_failed_reply(self, desk: Client, talk: Conversation, bob: User) -> None:
        ask(bob, "Mine waits")
        turn = talk.turns.order_by("number").last()
        assert turn is not None

        for reference, found in ((turn.pk[-8:], [talk.pk]), ("0" * 8, []), (turn.pk[-7:], [])):
            results = desk.get(LIST, {"q": reference}).context["cl"].result_list
            assert [each.pk for each in results] == found

    def test_filters_who_asked_for_a_person(self, desk: Client, talk: Conversation, bob: User) -> None:
        ask(bob, "Mine waits")
        services.ask_for_staff(user=talk.user, conversation_id=talk.pk)

        page = desk.get(LIST, {"asked": "yes"})

        assert [each.pk for each in page.context["cl"].result_list] == [talk.pk]
        assert '<span class="chip chip--accent">Asked for a person</span>' in page.content.decode()

    def test_filters_what_failed(self, desk: Client, talk: Conversation, bob: User) -> None:
        ask(bob, "Mine waits")

        assert [each.pk for each in desk.get(LIST, {"failed": "last"}).context["cl"].result_list] == [talk.pk]
        answer(begin(ask(talk.user, "Once more", talk)), "Here")
        assert not desk.get(LIST, {"failed": "last"}).context["cl"].result_list
        assert [each.pk for each in desk.get(LIST, {"failed": "yes"}).context["cl"].result_list] == [talk.pk]

    @pytest.mark.parametrize("query", ["status__exact=open", "handled_by__exact=assistant", "q=seat"])
    def test_costs_the_same_for_one_and_for_many(
        self, desk: Client, talk: Conversation, django_assert_max_num_queries: Any, query: str
    ) -> None:
        for _ in range(30):
            ask(talk.user, "Another seat")

        with django_assert_max_num_queries(8):
            page = desk.get(f"{LIST}?{query}")

        assert len(page.context["cl"].result_list) == 31

    @pytest.mark.parametrize("records", ["turn", "toolcall", "accesslog"])
    def test_records_are_found_and_read(
        self, desk: Client, talk: Conversation, django_assert_max_num_queries: Any, records: str
    ) -> None:
        desk.get(address(talk))

        with django_assert_max_num_queries(10):
            page = desk.get(f"/admin/conversations/{records}/", {"q": "alice"})

        assert page.context["cl"].result_list
        record = page.context["cl"].result_list[0]
        assert "alice" in desk.get(address(record)).content.decode()

    def test_what_things_cost_is_shown(self, desk: Client, talk: Conversation) -> None:
        turn = talk.turns.earliest("number")
        talk.turns.filter(pk=turn.pk).update(cost="0.0123", input_tokens=900)
        Dictation.objects.create(user=talk.user, seconds=12, cost="0.0009", usage_is_estimated=False)

        for page, words in (
            ("/admin/conversations/turn/", "$0.0123"),
            (address(turn), "$0.0123"),
            ("/admin/conversations/dictation/?q=alice", "$0.0009"),
            ("/admin/conversations/dictation/", "12 s"),
        ):
            assert words in desk.get(page).content.decode(), page
