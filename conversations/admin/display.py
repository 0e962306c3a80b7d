"""How single values read in the admin."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.dateformat import format as date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from conversations.models import Approval, Conversation, Dictation, ToolCall, Turn

TONES: dict[str, str] = {
    Conversation.Status.LOCKED: "warning",
    Conversation.HandledBy.STAFF: "accent",
    Turn.Status.RUNNING: "accent",
    Turn.Status.WAITING_APPROVAL: "warning",
    Turn.Status.COMPLETED: "good",
    Turn.Status.FAILED: "danger",
    Turn.Status.WITH_STAFF: "accent",
    ToolCall.Status.UNKNOWN: "warning",
    ToolCall.Status.WAITING: "warning",
    Approval.Status.PENDING: "warning",
    Approval.Status.APPROVED: "good",
}


def chip(label: str, tone: str = "") -> SafeString:
    """Show a short state; its words say what its colour says."""
    return format_html('<span class="chip{}">{}</span>', f" chip--{tone}" if tone else "", label)


def status_chip(record: Conversation | Turn | ToolCall) -> SafeString:
    return chip(record.get_status_display().capitalize(), TONES.get(record.status, ""))


def handler_chip(conversation: Conversation) -> SafeString:
    if conversation.staff_asked_at:
        return chip("Asked for a person", "accent")
    return chip(conversation.get_handled_by_display(), TONES.get(conversation.handled_by, ""))


def name_of(user: Any) -> str:
    """Name a person: by the full name where there is one; guests by the end of what they are called."""
    if user is None:
        return "Somebody who is gone"
    if user.is_guest:
        return f"Guest {user.get_username()[-4:]}"
    return str(user.get_full_name() or user.get_username())


def initials_of(user: Any) -> str:
    words = name_of(user).replace("-", " ").split() or ["?"]
    return "".join(word[0] for word in [words[0], *words[1:][-1:]]).upper()


def moment(at: datetime | None) -> str:
    """Write a time shortly; the pages say once that it is UTC."""
    return date_format(at, "j M Y, H:i") if at else ""


def table(rows: Iterable[tuple[str, Any]]) -> SafeString:
    """Show names with their values, leaving out what is not there."""
    lines = format_html_join("", "<dt>{}</dt><dd>{}</dd>", ((name, value) for name, value in rows if value))
    return format_html('<dl class="pairs">{}</dl>', lines)


def json_block(value: Any) -> SafeString:
    return format_html('<pre class="json">{}</pre>', json.dumps(value, ensure_ascii=False, indent=2))


def arguments_of(arguments: Any) -> str:
    """Write a tool's arguments as a person would: `day: Saturday, shop: Harbour`."""
    if not isinstance(arguments, dict):
        return json.dumps(arguments, ensure_ascii=False)
    return ", ".join(f"{name}: {_plain(value)}" for name, value in arguments.items()) or "nothing"


def seconds_between(start: datetime | None, end: datetime | None) -> str:
    if start is None or end is None:
        return ""
    seconds = max((end - start).total_seconds(), 0)
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def tokens_of(turn: Turn | Dictation) -> str:
    if not turn.input_tokens and not turn.output_tokens:
        return ""
    about = "about " if turn.usage_is_estimated else ""
    return f"{about}{turn.input_tokens:,} in, {turn.output_tokens:,} out"


def cost_of(turn: Turn | Dictation) -> str:
    """Write what a turn or a dictation cost; a dash says that its model's price isn't known."""
    if turn.cost is None:
        return "—" if turn.input_tokens or turn.output_tokens else ""
    return f"${turn.cost:.4f}"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
