"""A conversation reads as a chat, whatever is in it and however long it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chatsite.accounts.models import User
from conversations import services
from conversations.models import AccessLog, Conversation, Item, Turn
from tests.conversations.admin.making import LIST, address, answer, ask, begin


class TestTranscript:
    def test_reads_as_a_chat(self, desk: Client, talk: Conversation) -> None:
        page = desk.get(address(talk)).content.decode()

        assert "Which seat do I have? &lt;b&gt;14A?&lt;/b&gt;" in page
        assert "<strong>14C</strong> &lt;script&gt;" in page
        assert page.index("Looked up your trip") < page.index("<strong>14C</strong>")
        assert "booking: K7QX2M" in page
        assert "Seat 14C" in page
        assert "The reply failed." in page
        assert "Out of reach." in page
        assert "assistant_unavailable" in page
        assert "1,842 in, 311 out" in page
        assert "output_text" not in page

    def test_needs_no_inline_style_or_script(self, desk: Client, alice: User) -> None:
        conversation = ask(alice, "A table, please")
        answer(begin(conversation), "| a | b |\n|---|--:|\n| 1 | 2 |\n\n![x](https://example.com/x.png)")

        reply = desk.get(address(conversation))

        assert 'class="align-right"' in reply.content.decode()
        assert "style=" not in reply.content.decode()
        assert "<img" not in reply.content.decode()
        assert "unsafe" not in reply["Content-Security-Policy"]

    @pytest.mark.parametrize("path", ["/admin/", LIST, "/admin/password_change/"])
    def test_speaks_one_language_everywhere(self, desk: Client, path: str) -> None:
        page = desk.get(path, headers={"Accept-Language": "ar"}).content.decode()

        assert 'lang="en" dir="ltr"' in page

    @pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "vbscript:x"])
    def test_links_lead_to_no_scripts(self, desk: Client, alice: User, link: str) -> None:
        conversation = ask(alice, "A link, please")
        answer(begin(conversation), f"[here]({link}) <a href='{link}'>there</a>")

        assert f'href="{link}' not in desk.get(address(conversation)).content.decode()

    def test_shows_what_was_stopped_and_thumbs(self, desk: Client, talk: Conversation) -> None:
        said = Item.objects.get(conversation=talk, role="assistant")
        services.give_feedback(
            user=talk.user, conversation_id=talk.pk, item_ids=[said.item_id], kind="negative"
        )
        ask(talk.user, "Never mind", talk)
        turn = Turn.objects.get(pk=begin(talk).turn_id)
        services.cancel_turn(user=talk.user, conversation_id=talk.pk, turn_id=turn.pk)

        page = desk.get(address(talk)).content.decode()

        assert "Thumb down" in page
        assert "stopped before it was complete" in page

    def test_every_kind_of_item_is_said_in_words(self, desk: Client, make_conversation: Any) -> None:
        conversation = make_conversation()
        kinds = ["widget", "client_tool_call", "task", "hidden_context_item", "end_of_turn", "something_new"]
        for position, kind in enumerate(kinds):
            payload = {
                "type": kind,
                "id": kind,
                "name": "get_place",
                "copy_text": "Three flights",
                "content": "Hint",
            }
            Item.objects.create(
                conversation=conversation, item_id=kind, position=position, kind=kind, payload=payload
            )

        page = desk.get(address(conversation)).content.decode()

        for words in ("Three flights", "get_place", "Worked on it", "Hint", "Something new"):
            assert words in page

    def test_opening_it_is_written_down(self, desk: Client, staff: User, talk: Conversation) -> None:
        page = desk.get(address(talk))

        row = AccessLog.objects.get()
        assert (row.staff, row.conversation) == (staff, talk)
        assert "Who opened this" in page.content.decode()

    def test_long_ones_come_in_pages_and_cost_the_same(
        self, desk: Client, make_conversation: Any, django_assert_max_num_queries: Any
    ) -> None:
        conversation = make_conversation()
        turns = Turn.objects.bulk_create(
            Turn(conversation=conversation, user=conversation.user, number=n, status="completed")
            for n in range(150)
        )
        Item.objects.bulk_create(
            Item(
                conversation=conversation,
                item_id=f"msg_{n}",
                position=n,
                sequence=n,
                kind="user_message" if n % 2 == 0 else "assistant_message",
                role="user" if n % 2 == 0 else "assistant",
                text=f"words {n}.",
                payload={},
                turn=turns[n // 2],
            )
            for n in range(300)
        )

        with django_assert_max_num_queries(16):
            newest = desk.get(address(conversation)).content.decode()
        first = desk.get(address(conversation) + "?page=1").content.decode()

        assert "words 299." in newest
        assert "words 199." not in newest
        assert "words 0." in first
        assert "words 99." in first
        assert "words 100." not in first
        assert "1–100 of 300" in first

    @pytest.mark.parametrize("page", ["0", "-1", "x", "999", ""])
    def test_an_odd_page_is_some_page(self, desk: Client, talk: Conversation, page: str) -> None:
        assert "14C" in desk.get(address(talk) + f"?page={page}").content.decode()

    @pytest.mark.parametrize("id", ["conv_none", "%00", "a%2Fb", "x" * 3000])
    def test_an_unknown_one_is_no_page(self, desk: Client, id: str) -> None:
        assert desk.get(f"{LIST}{id}/change/").status_code in (302, 404)
        assert desk.get(f"{LIST}{id}/do/close/").status_code == 404
        assert desk.post(f"{LIST}{id}/reply/", {"text": "Hello"}).status_code == 404
