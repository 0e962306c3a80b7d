"""Where the staff writes articles."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from conversations.admin import display

from .models import Article


class _Published(admin.BooleanFieldListFilter):
    """Django's, under a word instead of a column's name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "published"


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's own takes no parameter
    list_display = ("title", "slug", "published", "changed")
    list_filter = (("is_published", _Published),)
    ordering = ("title", "pk")
    search_fields = ("title", "slug", "body")
    fields = ("title", "slug", "body", "is_published")
    prepopulated_fields = {"slug": ("title",)}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        lines = {name: forms.TextInput(attrs={"class": "vTextField"}) for name in ("title", "slug")}
        return super().get_form(request, obj, change, widgets=lines, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Articles", **(extra_context or {})})

    @admin.display(description="Published", boolean=True, ordering="is_published")
    def published(self, article: Article) -> bool:
        return article.is_published

    @admin.display(description="Last change", ordering="updated_at")
    def changed(self, article: Article) -> str:
        return display.moment(article.updated_at)

    def view_on_site(self, obj: Article) -> str:
        return f"/help/{obj.slug}"
