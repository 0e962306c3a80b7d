"""The staff's pages: who may see what, a transcript that reads as a chat, and acting through the services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import NoReverseMatch, reverse

from chatsite.accounts.models import User
from conversations import errors, ids, services
from conversations.models import AccessLog, Conversation, Item, ToolCall, Turn
from tests.conversations.admin_site import address, answer, ask, begin, grant

LIST = "/admin/conversations/conversation/"


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


def pages_of(talk: Conversation) -> list[str]:
    return [
        LIST,
        address(talk),
        address(talk, "history"),
        address(talk, "delete"),
        address(talk, "act", "close"),
        address(talk, "reply"),
        "/admin/conversations/turn/",
        address(Turn.objects.earliest("number")),
        "/admin/conversations/toolcall/",
        address(ToolCall.objects.get()),
        "/admin/conversations/accesslog/",
        "/admin/accounts/user/",
        address(talk.user),
    ]


class TestWhoMaySee:
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_nobody_who_is_not_staff(
        self, client: Client, talk: Conversation, mallory: User, method: str
    ) -> None:
        for who in (None, talk.user, mallory):
            if who:
                client.force_login(who)
            for page in pages_of(talk):
                reply = getattr(client, method)(page)

                assert (reply.status_code, reply["Location"].partition("?")[0]) == (302, "/admin/login/"), (
                    page
                )

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_staff_without_permission_see_nothing(
        self, browser_of: Any, make_user: Any, talk: Conversation, method: str
    ) -> None:
        client = browser_of(make_user("clerk", is_staff=True))

        assert "don’t have permission" in client.get("/admin/").content.decode()
        for page in pages_of(talk):
            reply = getattr(client, method)(page)

            assert reply.status_code == 403, page
            assert "14C" not in reply.content.decode()
        assert not AccessLog.objects.exists()

    def test_a_reader_reads_and_does_nothing(
        self, browser_of: Any, make_user: Any, talk: Conversation
    ) -> None:
        client = browser_of(grant(make_user("reader", is_staff=True), "view_conversation"))

        page = client.get(address(talk))

        assert "14C" in page.content.decode()
        assert "Take over" not in page.content.decode()
        assert client.post(address(talk), {"title": "Mine"}).status_code == 405
        for forbidden in (address(talk, "act", "close"), address(talk, "reply"), address(talk, "delete")):
            assert client.post(forbidden, {"text": "Hello", "post": "yes"}).status_code == 403
        assert client.post(LIST, {"action": "close", "_selected_action": talk.pk, "confirmed": "yes"})
        talk.refresh_from_db()
        assert (talk.status, talk.handled_by) == ("open", "assistant")

    def test_history_is_read_only_for_everybody(self, desk: Client, talk: Conversation) -> None:
        records = [Turn.objects.earliest("number"), ToolCall.objects.get()]
        desk.get(address(talk))
        records.append(AccessLog.objects.get())

        for record in records:
            name = f"admin:conversations_{record._meta.model_name}"
            assert desk.get(reverse(f"{name}_add")).status_code == 403
            assert desk.post(address(record), {"status": "completed"}).status_code == 403
            assert desk.post(address(record, "delete"), {"post": "yes"}).status_code == 403
        assert desk.get(f"{LIST}add/").status_code == 403
        for hidden in ("item", "event"):
            with pytest.raises(NoReverseMatch):
                reverse(f"admin:conversations_{hidden}_changelist")

    def test_tokens_and_jobs_are_not_shown(self, desk: Client) -> None:
        for hidden in (
            "token_blacklist_outstandingtoken",
            "token_blacklist_blacklistedtoken",
            "procrastinate_procrastinatejob",
        ):
            with pytest.raises(NoReverseMatch):
                reverse(f"admin:{hidden}_changelist")
        assert desk.get("/admin/").status_code == 200

    def test_signing_in_is_limited_as_everywhere(self, client: Client, staff: User, settings: Any) -> None:
        settings.AUTH_RATE_PER_MINUTE = 2
        wrong = {"username": "sam", "password": "wrong"}

        codes = [client.post("/admin/login/", wrong).status_code for _ in range(3)]

        assert codes == [200, 200, 429]


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
