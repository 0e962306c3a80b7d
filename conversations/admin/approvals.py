"""What waits for a yes or no, and the staff's part of it to decide."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from conversations import errors, services
from conversations.admin import display
from conversations.admin.read_only import ReadOnlyAdmin, date_filter
from conversations.admin.records import transcript_link
from conversations.models import Approval


@admin.register(Approval)
class ApprovalAdmin(ReadOnlyAdmin):
    list_display = ("asked_at", "title", "text", "state", "decided_by", "customer", "decided")
    list_filter = ("status", "decided_by", ("created_at", date_filter("time asked")))
    list_select_related = ("tool_call__turn__user", "decider")
    ordering = ("-created_at", "-pk")
    search_fields = ("=id", "tool_call__turn__user__username", "=tool_call__turn__conversation__id")
    search_help_text = "A user name, or a conversation’s id"
    sortable_by = ("asked_at",)
    fields = ("title", "text", "state", "decided_by", "customer", "transcript", "arguments_block")
    readonly_fields = fields
    actions = ("approve", "decline")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Whether the staff member may decide: whoever may change approvals."""
        return request.user.has_perm("conversations.change_approval")

    @admin.action(description="Approve the selected: the assistant goes on at once", permissions=["decide"])
    def approve(self, request: HttpRequest, approvals: QuerySet[Approval]) -> None:
        self._decide(request, approvals, approve=True)

    @admin.action(description="Decline the selected: the assistant says so", permissions=["decide"])
    def decline(self, request: HttpRequest, approvals: QuerySet[Approval]) -> None:
        self._decide(request, approvals, approve=False)

    def _decide(self, request: HttpRequest, approvals: QuerySet[Approval], *, approve: bool) -> None:
        past = "approved" if approve else "declined"
        for approval in approvals.select_related("tool_call__turn__conversation"):
            title = approval.question.get("title", approval.tool_call.tool)
            try:
                with transaction.atomic():
                    services.decide_as_staff(staff=request.user, approval_id=approval.pk, approve=approve)
                    _note(request.user, approval, f"{past.capitalize()}: {title}")
            except errors.AppError as refusal:
                messages.warning(request, f"{title} was left as it is. {refusal.detail}")
            else:
                messages.success(request, f"You {past}: {title}.")

    @admin.display(description="Asked", ordering="created_at")
    def asked_at(self, approval: Approval) -> str:
        return display.moment(approval.created_at)

    @admin.display(description="What")
    def title(self, approval: Approval) -> str:
        return str(approval.question.get("title", approval.tool_call.tool))

    @admin.display(description="Details")
    def text(self, approval: Approval) -> str:
        return str(approval.question.get("text", ""))

    @admin.display(description="Status", ordering="status")
    def state(self, approval: Approval) -> SafeString:
        return display.chip(approval.get_status_display(), display.TONES.get(approval.status, ""))

    @admin.display(description="Customer")
    def customer(self, approval: Approval) -> str:
        return display.name_of(approval.tool_call.turn.user)

    @admin.display(description="Decision")
    def decided(self, approval: Approval) -> str:
        if approval.decided_at is None:
            return ""
        who = f", {display.name_of(approval.decider)}" if approval.decider else ""
        return f"{display.moment(approval.decided_at)}{who}"

    @admin.display(description="Conversation")
    def transcript(self, approval: Approval) -> SafeString:
        return transcript_link(approval.tool_call.turn.conversation)

    @admin.display(description="Arguments")
    def arguments_block(self, approval: Approval) -> SafeString:
        return display.json_block(approval.arguments)


def _note(staff: Any, approval: Approval, words: str) -> None:
    """Note a decision where the transcript shows what the staff did."""
    talk = approval.tool_call.turn.conversation
    LogEntry.objects.log_actions(staff.pk, [talk], CHANGE, change_message=words, single_object=True)
