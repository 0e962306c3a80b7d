"""Users and guests: found, deactivated, and, by superusers, made staff."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from chatsite.accounts.models import User
from conversations.admin.display import chip, moment

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    """Nobody is deleted here: an account is deactivated, and its conversations stay.

    A member of the staff who isn't a superuser looks after customers only, and can't become them: rights and
    passwords are the superusers'.
    """

    list_display = ("username", "kind", "full_name", "email", "talks", "last_seen")
    list_filter = (
        "is_guest",
        "is_active",
        "is_staff",
        "is_superuser",
        ("date_joined", admin.DateFieldListFilter),
    )
    search_fields = ("username", "first_name", "last_name", "email", "=id")
    search_help_text = "A user name, a name, an email address or an id"
    ordering = ("-date_joined", "-pk")
    list_per_page = 50
    show_full_result_count = False
    actions = ("deactivate", "activate")
    empty_value_display = ""
    fieldsets = (
        (None, {"fields": ("id", "username", "password", "is_guest", "talks")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("May", {"fields": ("is_active", *RIGHTS)}),
        ("When", {"fields": ("last_login", "date_joined")}),
    )

    # --- Who may do what ------------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = bool(super().has_change_permission(request, obj))
        return allowed and (
            request.user.is_superuser or obj is None or not (obj.is_staff or obj.is_superuser)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields: tuple[str, ...] = ("id", "is_guest", "talks", "last_login", "date_joined")
        if not request.user.is_superuser:
            fields += RIGHTS
        elif obj is not None and obj.pk == request.user.pk:
            fields += ("is_active", "is_staff", "is_superuser")  # nobody locks himself out
        return fields

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or request.user.is_superuser:
            return fieldsets
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name != "password"]})
            for title, options in fieldsets
        ]

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    # --- The list -------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows: QuerySet[User] = super().get_queryset(request)
        return rows.annotate(conversation_count=Count("conversations"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": "Users", **(extra_context or {})})

    @admin.display(description="Kind", ordering="is_guest")
    def kind(self, user: User) -> SafeString:
        kinds = (
            ("Superuser", user.is_superuser),
            ("Staff", user.is_staff),
            ("Guest", user.is_guest),
            ("Customer", True),
        )
        word = next(word for word, applies in kinds if applies)
        shown = chip(word, "accent" if user.is_staff else "")
        return shown if user.is_active else format_html("{} {}", shown, chip("Deactivated", "danger"))

    @admin.display(description="Last sign-in", ordering="last_login")
    def last_seen(self, user: User) -> str:
        return moment(user.last_login)

    @admin.display(description="Name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description="Conversations")
    def talks(self, user: User) -> SafeString | str:
        count = getattr(user, "conversation_count", 0)
        address = reverse("admin:conversations_conversation_changelist")
        return (
            format_html('<a href="{}?user__id__exact={}">{}</a>', address, user.pk, count) if count else "0"
        )

    @admin.action(description="Deactivate the selected accounts", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Shut accounts: whoever is signed in with one is out at once, tokens included."""
        self._set_active(request, queryset, active=False)

    @admin.action(description="Activate the selected accounts", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, active=True)

    @transaction.atomic
    def _set_active(self, request: HttpRequest, queryset: QuerySet[User], *, active: bool) -> None:
        past = "activated" if active else "deactivated"
        chosen = list(queryset.exclude(is_active=active))
        changed = [
            user for user in chosen if user != request.user and self.has_change_permission(request, user)
        ]
        User.objects.filter(pk__in=[user.pk for user in changed]).update(is_active=active)
        if changed:
            LogEntry.objects.log_actions(
                str(request.user.pk), changed, CHANGE, change_message=past.capitalize()
            )
            words = ngettext("You %s %d account.", "You %s %d accounts.", len(changed)) % (past, len(changed))
            messages.success(request, words)
        if left := len(chosen) - len(changed):
            messages.warning(
                request, f"{left} of them you may not change: your own account, or a colleague’s."
            )
