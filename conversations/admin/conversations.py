"""Conversations: found, read, and handled by the staff."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left
from django.forms import CharField, Form, HiddenInput, Textarea
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst, smart_split, unescape_string_literal
from django.utils.translation import ngettext

from conversations import errors, ids, services
from conversations.admin import display
from conversations.admin.actions import ACTIONS, CLOSE, HAND_BACK, LOCK, REOPEN, TAKE_OVER, Action, run_on_all
from conversations.admin.confirming import confirm, is_confirmed, read_reason
from conversations.admin.read_only import ReadOnlyAdmin, date_filter
from conversations.admin.transcript import Transcript
from conversations.models import Conversation, Item, ToolCall, Turn

CUT = 120
READERS_SHOWN = 5
LISTED_BEFORE_ACTION = 20
_REFERENCE = re.compile(r"[0-9a-f]{8}", re.IGNORECASE)


class ReplyForm(Form):
    """A message by a member of the staff. Its id is made with the form: sent twice, it is one message."""

    message_id = CharField(widget=HiddenInput, max_length=100)
    text = CharField(
        label="Reply to the customer",
        label_suffix="",
        max_length=settings.CHAT_MAX_MESSAGE_CHARS,
        strip=False,
        widget=Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write something first."},
    )


class AskedForStaffFilter(admin.SimpleListFilter):
    title = "wish for a person"
    parameter_name = "asked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Asked for a person")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        return queryset.filter(staff_asked_at__isnull=False) if self.value() == "yes" else queryset


class FailedTurnsFilter(admin.SimpleListFilter):
    title = "failed replies"
    parameter_name = "failed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "With a failed reply"), ("last", "The last reply failed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        failed = Turn.objects.filter(conversation=OuterRef("pk"), status=Turn.Status.FAILED)
        if self.value() == "yes":
            return queryset.filter(Exists(failed))
        if self.value() == "last":
            return queryset.filter(Exists(failed.filter(number=OuterRef("turn_count"))))
        return queryset


def _had_turn(reference: str) -> Q:
    """Keep the conversation of a failed reply, by the end of its turn's id, which the customer was shown."""
    if not _REFERENCE.fullmatch(reference):
        return Q()
    return Q(Exists(Turn.objects.filter(conversation=OuterRef("pk"), pk__endswith=reference.lower())))


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ("name", "customer", "last_words", "state", "handler", "failures", "said", "changed")
    list_display_links = ("name",)
    list_filter = (
        AskedForStaffFilter,
        "status",
        "handled_by",
        ("updated_at", date_filter("last change")),
        FailedTurnsFilter,
    )
    ordering = ("-updated_at", "-pk")
    search_fields = ("title",)  # shows the field; get_search_results searches
    search_help_text = (
        "Words of the title or of a message, a user name, an email address, an id or a reference"
    )
    sortable_by = ("said", "changed")

    # --- Who may do what ------------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the staff member may act on conversations; their history nobody changes."""
        return request.user.has_perm("conversations.change_conversation")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    # --- The list -------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        newest = Item.objects.messages().filter(conversation=OuterRef("pk")).order_by("-sequence")
        failed = Turn.objects.filter(conversation=OuterRef("pk"), status=Turn.Status.FAILED).order_by()
        rows: QuerySet[Conversation] = super().get_queryset(request).select_related("user")
        return rows.annotate(
            last_message_start=Subquery(newest.annotate(start=Left("text", CUT + 1)).values("start")[:1]),
            failed_turns=Subquery(failed.values("conversation").annotate(n=Count("pk")).values("n")),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Conversation], search_term: str
    ) -> tuple[QuerySet[Conversation], bool]:
        """Keep conversations that hold every word, or every “quoted phrase”, somewhere."""
        for bit in smart_split(search_term):
            words = unescape_string_literal(bit) if bit[0] in "\"'" and bit[0] == bit[-1] and bit[1:] else bit
            said = Item.objects.messages().filter(conversation=OuterRef("pk"), text__icontains=words)
            queryset = queryset.filter(
                Q(title__icontains=words)
                | Q(user__username__icontains=words)
                | Q(user__email__icontains=words)
                | Q(pk=words)
                | Q(user_id=words)
                | Exists(said)
                | _had_turn(words)
            )
        return queryset, False

    @admin.display(description="Conversation", ordering="title")
    def name(self, conversation: Conversation) -> str:
        return conversation.title or "New conversation"

    @admin.display(description="Customer", ordering="user__username")
    def customer(self, conversation: Conversation) -> str:
        return display.name_of(conversation.user)

    @admin.display(description="Status", ordering="status")
    def state(self, conversation: Conversation) -> SafeString:
        return display.status_chip(conversation)

    @admin.display(description="Handled by", ordering="handled_by")
    def handler(self, conversation: Conversation) -> SafeString:
        return display.handler_chip(conversation)

    @admin.display(description="Messages", ordering="message_count")
    def said(self, conversation: Conversation) -> str:
        return f"{conversation.message_count:,}"

    @admin.display(description="Last change", ordering="updated_at")
    def changed(self, conversation: Conversation) -> str:
        return display.moment(conversation.updated_at)

    @admin.display(description="Last message")
    def last_words(self, conversation: Conversation) -> str:
        start = getattr(conversation, "last_message_start", "") or ""
        return start if len(start) <= CUT else start[:CUT].rstrip() + "…"

    @admin.display(description="Failed")
    def failures(self, conversation: Conversation) -> str:
        count = getattr(conversation, "failed_turns", 0) or 0
        words = "Failed" if count == 1 else f"Failed {count} times"
        return display.chip(words, "danger") if count else ""

    # --- What the staff does --------------------------------------------------------------------------------

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        offered: dict[str, Any] = {}
        if self.has_change_permission(request):
            for action in ACTIONS.values():
                offered[action.name] = (
                    _list_action(action),
                    action.name,
                    f"{action.label} the selected conversations",
                )
        if self.has_delete_permission(request):
            offered["delete_selected"] = self.get_action("delete_selected")
        return offered

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<path:object_id>/do/<str:name>/", view(self.act_view), name="conversations_conversation_act"
            ),
            path("<path:object_id>/reply/", view(self.reply_view), name="conversations_conversation_reply"),
            *super().get_urls(),
        ]

    def act_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Ask whether it is meant, saying what follows; do it when posted."""
        conversation = self._get_for_change(request, object_id)
        action = ACTIONS.get(name)
        if action is None:
            raise Http404
        if not action.applies(conversation):
            messages.warning(request, f"Nothing was changed: the conversation is {action.refusal}.")
            return HttpResponseRedirect(_address(conversation))
        if request.method != "POST":
            return self._confirm(request, action, [conversation], 1)
        try:
            action.run(request.user, conversation, read_reason(request))
        except errors.NotFound as gone:
            raise Http404 from gone
        messages.success(request, f"You {action.past} this conversation.")
        return HttpResponseRedirect(_address(conversation))

    def reply_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        conversation = self._get_for_change(request, object_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = ReplyForm(request.POST)
        if form.is_valid():
            try:
                services.reply_as_staff(
                    staff=request.user, conversation_id=conversation.pk, **form.cleaned_data
                )
            except errors.AppError as refusal:
                for problem in refusal.errors or [{"message": refusal.detail}]:
                    form.add_error("text", capfirst(problem["message"]))
            else:
                return HttpResponseRedirect(_address(conversation) + "#reply")
        return self._page(request, conversation, form)

    def act_on_all(
        self, request: HttpRequest, action: Action, conversations: QuerySet[Conversation]
    ) -> HttpResponse | None:
        """The list's way: what follows is said first, then it is done for every one that it applies to."""
        if not is_confirmed(request):
            return self._confirm(request, action, conversations[:LISTED_BEFORE_ACTION], conversations.count())
        done, left = run_on_all(action, request.user, conversations, read_reason(request))
        if done:
            words = ngettext("You %s %d conversation.", "You %s %d conversations.", done) % (
                action.past,
                done,
            )
            messages.success(request, words)
        if left:
            verb = ngettext("%d was", "%d were", left) % left
            messages.warning(request, f"{verb} {action.refusal} and left as before.")
        return None

    # --- Reading --------------------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        conversation = self._get(request, object_id)
        if conversation is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]
        if not self.has_view_permission(request, conversation):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self._page(request, conversation, ReplyForm(initial={"message_id": ids.new_id("msg")}))

    def _page(self, request: HttpRequest, conversation: Conversation, form: ReplyForm) -> HttpResponse:
        services.record_access(staff=request.user, conversation_id=conversation.pk)
        may_change = self.has_change_permission(request, conversation)
        with_staff = conversation.handled_by == Conversation.HandledBy.STAFF
        is_closed = conversation.status == Conversation.Status.CLOSED
        baton = HAND_BACK if with_staff else TAKE_OVER
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": conversation.title or "New conversation",
            "subtitle": "",
            "original": conversation,
            "transcript": Transcript(conversation, request.GET.get("page")),
            "status": display.status_chip(conversation),
            "handler": display.handler_chip(conversation),
            "customer": _Customer(request, conversation.user),
            "readers": _readers(conversation),
            "status_actions": [action for action in (REOPEN, LOCK, CLOSE) if action.applies(conversation)],
            "baton": baton if may_change else None,
            "form": form if may_change and with_staff and not is_closed else None,
            "may_change": may_change,
            "may_delete": self.has_delete_permission(request, conversation),
            "address": _address(conversation),
        }
        request.current_app = self.admin_site.name
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/conversations/transcript.html", context, status=status)

    def _confirm(self, request: HttpRequest, action: Action, listed: Any, count: int) -> HttpResponse:
        what = "this conversation" if count == 1 else f"{count} conversations"
        back = _address(listed[0]) if request.method != "POST" else request.get_full_path()
        names = [(self.name(each), self.customer(each)) for each in listed]
        return confirm(self, request, action, what=what, listed=names, count=count, back=back)

    def _get(self, request: HttpRequest, object_id: str) -> Conversation | None:
        rows = Conversation.objects.select_related("user")
        return rows.filter(pk=unquote(object_id)).first()

    def _get_for_change(self, request: HttpRequest, object_id: str) -> Conversation:
        """Return a conversation to one who may act on it; to others its existence is not told."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        conversation = self._get(request, object_id)
        if conversation is None:
            raise Http404
        return conversation

    # --- Deleting, by the service ---------------------------------------------------------------------------

    def delete_model(self, request: HttpRequest, obj: Conversation) -> None:
        services.delete_conversation(user=obj.user, conversation_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        for conversation in queryset:
            self.delete_model(request, conversation)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[Any, dict[str, int], set[str], list[Any]]:
        """Say what goes, by counts: Django's own way would load every item, and refuse as history is read-only."""
        conversations = list(objs)
        counts = {
            "conversations": len(conversations),
            "items": Item.objects.filter(conversation__in=conversations).count(),
            "turns": Turn.objects.filter(conversation__in=conversations).count(),
            "tool calls": ToolCall.objects.filter(turn__conversation__in=conversations).count(),
        }
        return [str(conversation) for conversation in conversations], counts, set(), []


class _Customer:
    """The customer as the page's facts show him."""

    def __init__(self, request: HttpRequest, user: Any) -> None:
        self.user = user
        self.name = display.name_of(user)
        self.initials = display.initials_of(user)
        self.conversations = Conversation.objects.visible_to(user).count()
        self.list_address = (
            reverse("admin:conversations_conversation_changelist") + f"?user__id__exact={user.pk}"
        )
        if request.user.has_perm("accounts.view_user") or request.user.has_perm("accounts.change_user"):
            self.address = reverse("admin:accounts_user_change", args=[quote(user.pk)])


def _list_action(action: Action) -> Any:
    def run(model_admin: ConversationAdmin, request: HttpRequest, queryset: QuerySet[Conversation]) -> Any:
        return model_admin.act_on_all(request, action, queryset)

    return run


def _readers(conversation: Conversation) -> list[tuple[str, Any]]:
    """Return who opened the transcript, each with the last time."""
    rows = (
        conversation.access_log.values("staff__username", "staff__first_name", "staff__last_name")
        .annotate(last=Max("opened_at"))
        .order_by("-last")[:READERS_SHOWN]
    )
    return [
        (
            f"{row['staff__first_name']} {row['staff__last_name']}".strip() or row["staff__username"],
            row["last"],
        )
        for row in rows
    ]


def _address(conversation: Conversation) -> str:
    return reverse("admin:conversations_conversation_change", args=[quote(conversation.pk)])
