"""Who may see the staff's pages, and what nobody may do there."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from chatsite.accounts.models import User
from conversations.models import AccessLog, Conversation, ToolCall, Turn
from tests.conversations.admin.making import LIST, address, grant


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
        "/admin/conversations/approval/",
        "/admin/conversations/dictation/",
        "/admin/agents_app/article/",
        "/admin/agents_app/article/add/",
        "/admin/agents_app/profile/",
        "/admin/accounts/user/",
        address(talk.user),
    ]
