"""The admin as a site of ours: its name, its order, and a limit to signing in."""

from __future__ import annotations

from functools import wraps
from itertools import chain
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation

from conversations.errors import RateLimited

# Rows of tokens that still open an account, and of jobs, whose pages need inline styles and which `turns` tell better.
HIDDEN_APPS = ("token_blacklist", "procrastinate")
FIRST_APPS = ("conversations", "agents_app", "accounts")
FIRST_MODELS = ("Conversation", "Approval", "Turn", "ToolCall")


class StaffSiteConfig(AdminConfig):
    default = False
    default_site = "chatsite.staff_site.StaffSite"


class StaffSite(AdminSite):
    site_header = site_title = f"{settings.SITE_NAME} Staff"
    index_title = "Administration"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register what isn't hidden: other apps offer their tables of their own accord."""
        models: Any = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        shown = [model for model in models if model._meta.app_label not in HIDDEN_APPS]
        super().register(shown, admin_class, **options)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Refuse NUL in an address, which the database can't even compare; speak the language of our own words."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            values = [request.path, *chain(*(values for _, values in request.GET.lists()))]
            if any("\x00" in value for value in [*values, *request.POST.getlist("_selected_action")]):
                raise Http404
            translation.activate(settings.LANGUAGE_CODE)
            return inner(request, *args, **kwargs)

        return checked

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign in as everywhere: so many attempts a minute from one address."""
        # Imported late: this module is loaded before the apps are.
        from chatsite import problems
        from chatsite.accounts import limits

        translation.activate(settings.LANGUAGE_CODE)
        if request.method == "POST":
            try:
                limits.count_attempt(request)
            except RateLimited as refusal:
                return problems.answer(request, refusal)
        return super().login(request, extra_context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """List what the work is about first, and groups with the people that they are of."""
        apps = {app["app_label"]: app for app in super().get_app_list(request, app_label)}
        if "accounts" in apps:
            apps["accounts"]["models"] += apps.pop("auth", {"models": []})["models"]
        for app in apps.values():
            app["models"].sort(key=lambda model: _place(model["object_name"], FIRST_MODELS))
        return sorted(apps.values(), key=lambda app: _place(app["app_label"], FIRST_APPS))


def _place(name: str, first: tuple[str, ...]) -> int:
    return first.index(name) if name in first else len(first)
