"""Every table with rows of a person: how they are found, what they are called, and what of them the person gets.

A test walks all models: one that leads to a user has to be named here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import BinaryField, Field, GeneratedField, Model, QuerySet
from pydantic_core import to_jsonable_python


@dataclass(frozen=True, slots=True)
class Holding:
    """One table. `name` is what its rows are called where they are counted."""

    label: str
    name: str
    #: From a row to the user.
    owner: str
    #: Where the archive has the rows, as JSON; empty where they are told in another file.
    file: str = ""
    #: Columns that stay here.
    without: tuple[str, ...] = ()
    #: Methods whose answers are told, too.
    told: tuple[str, ...] = ()
    #: Rows outlive the user, as nobody's.
    is_kept: bool = False
    #: There is one at most, and the file is it.
    is_one: bool = False

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.label)

    def rows_of(self, user: Any) -> QuerySet[Any]:
        return self.model._default_manager.filter(**{self.owner: user.pk})

    def entry(self, row: Model) -> dict[str, Any]:
        """Return a row as the archive tells it."""
        columns = {field.attname: getattr(row, field.attname) for field in self._fields}
        said = {name: getattr(row, name)() for name in self.told}
        entry: dict[str, Any] = to_jsonable_python({**columns, **said})
        return entry

    @property
    def unread(self) -> list[str]:
        """Columns that needn't be read."""
        return [
            field.attname
            for field in self.model._meta.concrete_fields
            if field not in self._fields and not field.primary_key
        ]

    @property
    def _fields(self) -> list[Field[Any, Any]]:
        return [
            field
            for field in self.model._meta.concrete_fields
            if not isinstance(field, BinaryField | GeneratedField) and field.attname not in self.without
        ]


_TALK = "conversation__user"

HOLDINGS = (
    Holding("accounts.User", "accounts", "pk", "account.json", ("password",), is_one=True),
    Holding(
        "token_blacklist.OutstandingToken",
        "sign_ins",
        "user",
        "sign-ins.json",
        ("id", "user_id", "jti", "token"),
    ),
    Holding("conversations.Conversation", "conversations", "user"),
    Holding("conversations.Item", "items", _TALK),
    Holding("conversations.Turn", "turns", _TALK),
    Holding("conversations.ToolCall", "tool_calls", f"turn__{_TALK}"),
    Holding("conversations.Approval", "approvals", f"tool_call__turn__{_TALK}"),
    Holding("conversations.Feedback", "feedback", f"item__{_TALK}"),
    Holding("conversations.Summary", "summaries", _TALK, "summaries.json", ("id", "model")),
    Holding("conversations.Event", "events", _TALK),
    Holding("conversations.Attachment", "attachments", "user"),
    Holding("conversations.Upload", "uploads", "attachment__user"),
    Holding("conversations.AccessLog", "accesses", _TALK, "accesses-by-staff.json", ("id", "staff_id")),
    Holding("conversations.Dictation", "dictations", "user", "dictations.json", ("id", "user_id", "cost")),
    Holding(
        "conversations.Charge", "charges", "user", "charges.json", ("id", "user_id", "cost"), is_kept=True
    ),
    Holding("agents_app.Profile", "trips", "user", "airline/profile.json", ("id",), is_one=True),
    Holding("agents_app.Flight", "flights", "profile__user", "airline/flights.json", ("id", "profile_id")),
    Holding(
        "agents_app.TimelineEntry",
        "timeline_entries",
        "profile__user",
        "airline/timeline.json",
        ("id", "profile_id", "text", "values"),
        told=("words",),
    ),
    Holding(
        "agents_app.FlightSearch",
        "flight_searches",
        "profile__user",
        "airline/searches.json",
        ("profile_id",),
    ),
    Holding("agents_app.Refund", "refunds", "profile__user", "airline/refunds.json", ("id", "profile_id")),
)

#: Tables whose rows aren't in the archive, though they lead to a user, and why.
NOT_EXPORTED = {
    "conversations.Event": "how pages are told of what the items say; kept for a day",
    "token_blacklist.BlacklistedToken": "marks of tokens that count no more; the sign-ins tell when there was one",
    "admin.LogEntry": "what the staff did in the administration: about others",
    "accounts.User_groups": "the rights of staff",
    "accounts.User_user_permissions": "the rights of staff",
}
