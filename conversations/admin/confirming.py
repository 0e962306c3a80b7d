"""Asking the staff whether it is meant, saying what follows, and why where somebody will read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from django.contrib.admin import ModelAdmin
from django.forms import CharField, Form
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

MOST_REASON_CHARS = 200


class Confirmed(Protocol):
    """What is asked about: its button, what it means for the customer, whether it takes a reason."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def consequence(self) -> str: ...
    @property
    def takes_reason(self) -> bool: ...


class ReasonForm(Form):
    """Why something was locked, closed or declined, for the customer to read."""

    reason = CharField(max_length=MOST_REASON_CHARS, required=False)


def read_reason(request: HttpRequest) -> str:
    """Return the reason that was given; what can't be one is none."""
    form = ReasonForm({"reason": request.POST.get("reason", "")[:MOST_REASON_CHARS]})
    return str(form.cleaned_data["reason"]) if form.is_valid() else ""


def confirm(
    admin: ModelAdmin[Any],
    request: HttpRequest,
    action: Confirmed,
    *,
    what: str,
    listed: Sequence[tuple[str, str]],
    count: int,
    back: str,
) -> HttpResponse:
    """Ask on a page of its own; `listed` are titles and whose they are. Its yes sends again what came."""
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": f"{action.label} {what}?",
        "action": action,
        "listed": listed,
        "more": count - len(listed),
        "count": count,
        "repeated": _repeated(request),
        "back": back,
    }
    return TemplateResponse(request, "admin/conversations/confirm.html", context)


def is_confirmed(request: HttpRequest) -> bool:
    """Whether a list's action comes from that page."""
    return "confirmed" in request.POST


def _repeated(request: HttpRequest) -> list[tuple[str, str]]:
    if request.method != "POST":
        return []
    names = ("action", "select_across", "index", "_selected_action")
    return [("confirmed", "yes"), *((name, value) for name in names for value in request.POST.getlist(name))]
