"""The admin as a site of ours: its name, its order, and a limit to signing in."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse

from conversations.errors import RateLimited

# Rows of tokens that still open an account, and of jobs, whose pages need inline styles and which `turns` tell better.
HIDDEN_APPS = ("token_blacklist", "procrastinate")
SECTIONS = ("conversations", "agents_app", "accounts", "auth")


class StaffSiteConfig(AdminConfig):
    default = False
    default_site = "chatsite.staff_site.StaffSite"


class StaffSite(AdminSite):
    site_header = "Linnet Air Staff"
    site_title = "Linnet Air Staff"
    index_title = "Administration"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register what isn't hidden: other apps offer their tables of their own accord."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        shown = [model for model in models if model._meta.app_label not in HIDDEN_APPS]
        super().register(shown, admin_class, **options)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign in as everywhere: so many attempts a minute from one address."""
        # Imported late: this module is loaded before the apps are.
        from chatsite import problems
        from chatsite.accounts import limits

        if request.method == "POST":
            try:
                limits.count_attempt(request)
            except RateLimited as refusal:
                return problems.answer(request, refusal)
        return super().login(request, extra_context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """List what the work is about first; what only runs the site comes last."""
        apps = super().get_app_list(request, app_label)
        return sorted(apps, key=lambda app: _place(app["app_label"]))


def _place(app_label: str) -> int:
    return SECTIONS.index(app_label) if app_label in SECTIONS else len(SECTIONS)
