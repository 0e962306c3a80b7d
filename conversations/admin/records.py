"""The records behind the conversations, to search and to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from conversations.admin import display
from conversations.admin.read_only import ReadOnlyAdmin, date_filter
from conversations.models import AccessLog, Conversation, Dictation, ToolCall, Turn


@admin.register(Turn)
class TurnAdmin(ReadOnlyAdmin):
    list_display = (
        "asked_at",
        "state",
        "customer",
        "title",
        "model",
        "tokens",
        "charged",
        "first_word",
        "took",
        "problem",
    )
    list_filter = ("status", ("queued_at", date_filter("time asked")))
    list_select_related = ("user", "conversation")
    ordering = ("-queued_at", "-pk")
    search_fields = (
        "=id",
        "=conversation__id",
        "user__username",
        "conversation__title",
        "model",
        "error__code",
    )
    search_help_text = (
        "A user name, words of a title, a model, an id, or an error’s code such as assistant_failed"
    )
    sortable_by = ("asked_at",)
    fieldsets = (
        (None, {"fields": ("state", "transcript", "customer", "number", "attempt", "problem")}),
        ("What it took", {"fields": ("model", "tokens", "charged", "times")}),
        ("What it did", {"fields": ("calls",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Turn]:
        rows = super().get_queryset(request).defer("steps")
        return rows.select_related("user", "conversation")

    @admin.display(description="Asked", ordering="queued_at")
    def asked_at(self, turn: Turn) -> str:
        return display.moment(turn.queued_at)

    @admin.display(description="Status", ordering="status")
    def state(self, turn: Turn) -> SafeString:
        return display.status_chip(turn)

    @admin.display(description="Customer")
    def customer(self, turn: Turn) -> str:
        return display.name_of(turn.user)

    @admin.display(description="Conversation")
    def title(self, turn: Turn) -> str:
        return turn.conversation.title or "New conversation"

    @admin.display(description="Conversation")
    def transcript(self, turn: Turn) -> SafeString:
        return transcript_link(turn.conversation)

    @admin.display(description="Tokens")
    def tokens(self, turn: Turn) -> str:
        return display.tokens_of(turn)

    @admin.display(description="Cost")
    def charged(self, turn: Turn) -> str:
        return display.cost_of(turn)

    @admin.display(description="First word after")
    def first_word(self, turn: Turn) -> str:
        return display.seconds_between(turn.queued_at, turn.first_token_at)

    @admin.display(description="Ended after")
    def took(self, turn: Turn) -> str:
        return display.seconds_between(turn.queued_at, turn.finished_at) if turn.started_at else ""

    @admin.display(description="Times (UTC)")
    def times(self, turn: Turn) -> SafeString:
        moments = [
            ("Asked", turn.queued_at),
            ("Started", turn.started_at),
            ("First word", turn.first_token_at),
            ("Ended", turn.finished_at),
        ]
        return display.table(
            (name, f"{at:%d %b %Y, %H:%M:%S}, after {display.seconds_between(turn.queued_at, at)}")
            for name, at in moments
            if at
        )

    @admin.display(description="Error")
    def problem(self, turn: Turn) -> str:
        error = turn.error if isinstance(turn.error, dict) else {}
        return f"{error.get('detail', '')} ({error.get('code', '')})" if error else ""

    @admin.display(description="Tool calls")
    def calls(self, turn: Turn) -> SafeString:
        rows = [
            (_address(call), call.tool, display.arguments_of(call.arguments), display.status_chip(call))
            for call in turn.tool_calls.order_by("position")
        ]
        line = '<li><a href="{}">{}</a> <span class="quiet">{}</span> {}</li>'
        return (
            format_html('<ul class="plain">{}</ul>', format_html_join("", line, rows))
            if rows
            else SafeString("")
        )


@admin.register(ToolCall)
class ToolCallAdmin(ReadOnlyAdmin):
    list_display = ("called_at", "tool", "state", "customer", "asked", "got")
    list_filter = ("status", "tool", ("created_at", date_filter("time called")))
    ordering = ("-created_at", "-pk")
    search_fields = (
        "tool",
        "=call_id",
        "=turn__id",
        "=turn__conversation__id",
        "turn__user__username",
        "result",
    )
    search_help_text = "A tool, a user name, words of a result, or an id"
    sortable_by = ("called_at",)
    fields = (
        "tool",
        "state",
        "customer",
        "transcript",
        "created_at",
        "arguments_block",
        "result_block",
        "call_id",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ToolCall]:
        rows = super().get_queryset(request).select_related("turn__user", "turn__conversation")
        return rows.defer("turn__steps")

    @admin.display(description="Called", ordering="created_at")
    def called_at(self, call: ToolCall) -> str:
        return display.moment(call.created_at)

    @admin.display(description="Status", ordering="status")
    def state(self, call: ToolCall) -> SafeString:
        return display.status_chip(call)

    @admin.display(description="Customer")
    def customer(self, call: ToolCall) -> str:
        return display.name_of(call.turn.user)

    @admin.display(description="Conversation")
    def transcript(self, call: ToolCall) -> SafeString:
        return transcript_link(call.turn.conversation)

    @admin.display(description="Asked")
    def asked(self, call: ToolCall) -> str:
        return _cut(display.arguments_of(call.arguments))

    @admin.display(description="Got")
    def got(self, call: ToolCall) -> str:
        return _cut(call.result or "")

    @admin.display(description="Asked")
    def arguments_block(self, call: ToolCall) -> SafeString:
        return display.json_block(call.arguments)

    @admin.display(description="Got")
    def result_block(self, call: ToolCall) -> SafeString:
        return format_html('<pre class="json">{}</pre>', call.result or "Nothing yet")


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnlyAdmin):
    list_display = ("when", "reader", "title", "customer")
    list_display_links = None
    list_filter = (("opened_at", date_filter("time opened")), ("staff", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("staff", "conversation__user")
    ordering = ("-opened_at", "-pk")
    search_fields = (
        "staff__username",
        "=conversation__id",
        "conversation__title",
        "conversation__user__username",
    )
    search_help_text = "A user name, words of a title, or a conversation’s id"
    sortable_by = ("when",)
    fields = ("opened_at", "reader", "title", "customer")

    @admin.display(description="Opened", ordering="opened_at")
    def when(self, row: AccessLog) -> str:
        return display.moment(row.opened_at)

    @admin.display(description="Opened by")
    def reader(self, row: AccessLog) -> str:
        return display.name_of(row.staff)

    @admin.display(description="Conversation")
    def title(self, row: AccessLog) -> SafeString:
        return transcript_link(row.conversation)

    @admin.display(description="Customer")
    def customer(self, row: AccessLog) -> str:
        return display.name_of(row.conversation.user)


@admin.register(Dictation)
class DictationAdmin(ReadOnlyAdmin):
    list_display = ("when", "customer", "length", "model", "tokens", "charged")
    list_display_links = None
    list_filter = (("created_at", date_filter("time dictated")),)
    list_select_related = ("user",)
    ordering = ("-created_at", "-pk")
    search_fields = ("user__username", "model")
    search_help_text = "A user name, or a model"
    sortable_by = ("when",)
    fields = ("created_at", "customer", "length", "model", "tokens", "charged")

    @admin.display(description="Dictated", ordering="created_at")
    def when(self, dictation: Dictation) -> str:
        return display.moment(dictation.created_at)

    @admin.display(description="Customer")
    def customer(self, dictation: Dictation) -> str:
        return display.name_of(dictation.user)

    @admin.display(description="Length")
    def length(self, dictation: Dictation) -> str:
        about = "about " if dictation.usage_is_estimated else ""
        return f"{about}{dictation.seconds:.0f} s" if dictation.seconds else ""

    @admin.display(description="Tokens")
    def tokens(self, dictation: Dictation) -> str:
        return display.tokens_of(dictation)

    @admin.display(description="Cost")
    def charged(self, dictation: Dictation) -> str:
        return display.cost_of(dictation)


def transcript_link(conversation: Conversation) -> SafeString:
    address = reverse("admin:conversations_conversation_change", args=[quote(conversation.pk)])
    return format_html('<a href="{}">{}</a>', address, conversation.title or "New conversation")


def _address(record: Any) -> str:
    return reverse(
        f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[quote(record.pk)]
    )


def _cut(text: str, limit: int = 100) -> str:
    return text if len(text) <= limit else text[:limit].rstrip() + "…"
