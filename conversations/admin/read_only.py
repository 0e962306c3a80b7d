"""History that may be read and never written."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's own takes no parameter
    """Base of the pages of history: no add, change or delete for anybody."""

    actions = None
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        return super().get_object(request, storable(object_id), from_field)


def storable(object_id: str) -> str:
    """Return an id from an address as PostgreSQL can compare it: no row's id holds NUL."""
    return object_id.replace("\x00", "\N{REPLACEMENT CHARACTER}")
