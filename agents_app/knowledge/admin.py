"""Where the staff writes articles."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from .models import Article


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's own takes no parameter
    list_display = ("title", "slug", "is_published", "updated_at")
    list_filter = ("is_published",)
    ordering = ("title", "pk")
    search_fields = ("title", "slug", "body")
    fields = ("title", "slug", "body", "is_published")
    prepopulated_fields = {"slug": ("title",)}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        lines = {name: forms.TextInput(attrs={"class": "vTextField"}) for name in ("title", "slug")}
        return super().get_form(request, obj, change, widgets=lines, **kwargs)

    def view_on_site(self, obj: Article) -> str:
        return f"/help/{obj.slug}"
