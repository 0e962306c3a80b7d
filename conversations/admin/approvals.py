"""What waits for a yes or no, and the staff's part of it to decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from conversations import errors, services
from conversations.admin import display
from conversations.admin.confirming import confirm, is_confirmed, read_reason
from conversations.admin.read_only import ReadOnlyAdmin, date_filter
from conversations.admin.records import transcript_link
from conversations.models import Approval

LISTED = 20


@dataclass(frozen=True, slots=True)
class Decision:
    """A yes or a no: its button, and what it means for the customer."""

    name: str
    label: str
    past: str
    consequence: str
    takes_reason: bool = False


APPROVE = Decision("approve", "Approve", "approved", "The assistant does it at once, and tells the customer.")
DECLINE = Decision(
    "decline",
    "Decline",
    "declined",
    "Nothing is done. The assistant tells the customer, with the reason where you give one.",
    takes_reason=True,
)
DECISIONS = {decision.name: decision for decision in (APPROVE, DECLINE)}


@admin.register(Approval)
class ApprovalAdmin(ReadOnlyAdmin):
    list_display = ("title", "text", "state", "decided_by", "customer", "asked_at")
    list_filter = ("status", "decided_by", ("created_at", date_filter("time asked")))
    list_select_related = ("tool_call__turn__user", "decider")
    ordering = ("-created_at", "-pk")
    search_fields = ("=id", "tool_call__turn__user__username", "=tool_call__turn__conversation__id")
    search_help_text = "A user name, or a conversation’s id"
    sortable_by = ("asked_at",)
    readonly_fields = (
        *("text", "state", "decided_by", "decided", "reason", "customer", "transcript"),
        *("asked_at", "lapses_at", "arguments_block"),
    )
    actions = ("approve", "decline")
    change_form_template = "admin/conversations/approval.html"

    # --- Deciding -------------------------------------------------------------------------------------------

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Whether the staff member may decide: whoever may change approvals."""
        return request.user.has_perm("conversations.change_approval")

    @admin.action(description="Approve the selected: the assistant goes on at once", permissions=["decide"])
    def approve(self, request: HttpRequest, approvals: QuerySet[Approval]) -> None:
        self._decide_all(request, approvals, APPROVE)

    @admin.action(description="Decline the selected: the assistant says so", permissions=["decide"])
    def decline(self, request: HttpRequest, approvals: QuerySet[Approval]) -> HttpResponse | None:
        if not is_confirmed(request):
            count, listed = approvals.count(), approvals.select_related("tool_call__turn__user")[:LISTED]
            return self._confirm(request, DECLINE, listed, count, back=request.get_full_path())
        self._decide_all(request, approvals, DECLINE)
        return None

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.decide_view)
        address = path("<path:object_id>/decide/<str:name>/", view, name="conversations_approval_decide")
        return [address, *super().get_urls()]

    def decide_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Ask whether it is meant, and decide when posted."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        approval = self.get_queryset(request).filter(pk=unquote(object_id)).first()
        decision = DECISIONS.get(name)
        if approval is None or decision is None:
            raise Http404
        if request.method != "POST":
            return self._confirm(request, decision, [approval], 1, back=_address(approval))
        self._decide(request, approval, decision)
        return HttpResponseRedirect(_address(approval))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        approval = self.get_queryset(request).filter(pk=unquote(object_id)).first()
        is_open = approval is not None and approval.status == Approval.Status.PENDING
        own = is_open and approval is not None and approval.decided_by == Approval.DecidedBy.STAFF
        decisions = DECISIONS.values() if own and self.has_decide_permission(request) else ()
        title = self.title(approval) if approval else "Approval"
        context = {"decisions": decisions, "title": title, "subtitle": "", **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def get_fields(self, request: HttpRequest, obj: Approval | None = None) -> Any:
        """Leave out what an open question doesn't have yet, and a decided one not any more."""
        is_open = obj is not None and obj.status == Approval.Status.PENDING
        reason = () if obj is None or obj.reason else ("reason",)
        left_out = ("decided", "reason") if is_open else ("lapses_at", *reason)
        return [field for field in self.readonly_fields if field not in left_out]

    def _confirm(
        self, request: HttpRequest, decision: Decision, approvals: Any, count: int, *, back: str
    ) -> HttpResponse:
        listed = [(self.title(each), f"{self.text(each)} · {self.customer(each)}") for each in approvals]
        what = f"“{self.title(approvals[0])}”" if count == 1 else f"{count} requests"
        return confirm(self, request, decision, what=what, listed=listed, count=count, back=back)

    def _decide_all(self, request: HttpRequest, approvals: QuerySet[Approval], decision: Decision) -> None:
        for approval in approvals.select_related("tool_call__turn__conversation"):
            self._decide(request, approval, decision)

    def _decide(self, request: HttpRequest, approval: Approval, decision: Decision) -> None:
        title, reason = self.title(approval), read_reason(request) if decision.takes_reason else ""
        note = f"{decision.past.capitalize()}: {title}" + (f" ({reason})" if reason else "")
        try:
            with transaction.atomic():
                services.decide_as_staff(
                    staff=request.user,
                    approval_id=approval.pk,
                    approve=decision is APPROVE,
                    reason=reason,
                )
                _note(request.user, approval, note)
        except errors.AppError as refusal:
            messages.warning(request, f"{title} was left as it is. {refusal.detail}")
        else:
            messages.success(request, f"You {decision.past}: {title}.")

    # --- Reading --------------------------------------------------------------------------------------------

    @admin.display(description="Asked", ordering="created_at")
    def asked_at(self, approval: Approval) -> str:
        return display.moment(approval.created_at)

    @admin.display(description="Open until")
    def lapses_at(self, approval: Approval) -> str:
        return display.moment(approval.expires_at) if approval.expires_at else ""

    @admin.display(description="What")
    def title(self, approval: Approval) -> str:
        return _words(approval, "title") or approval.tool_call.tool

    @admin.display(description="Details")
    def text(self, approval: Approval) -> str:
        return _words(approval, "text")

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


def _words(approval: Approval, name: str) -> str:
    """Return a question's words in the administration's language; of an earlier version in the customer's."""
    return str(approval.question.get("for_staff", approval.question).get(name, ""))


def _address(approval: Approval) -> str:
    return reverse("admin:conversations_approval_change", args=[quote(approval.pk)])


def _note(staff: Any, approval: Approval, words: str) -> None:
    """Note a decision where the transcript shows what the staff did."""
    talk = approval.tool_call.turn.conversation
    LogEntry.objects.log_actions(staff.pk, [talk], CHANGE, change_message=words, single_object=True)
