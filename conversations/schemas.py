"""What the API takes and gives."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import AwareDatetime, BeforeValidator, PlainSerializer, StrictBool
from pydantic_core import PydanticCustomError

CONVERSATION = "conv_01936b1f-6c1c-7b7e-a1b5-2f1c0a4d9e10"
MESSAGE = "msg_01936b1f-7a3e-7d52-8c0e-5f0f6f2b8a31"
TURN = "turn_01936b1f-6c2a-7e11-b6a4-90c4f3c1d7aa"
TIME = "2026-11-21T09:30:00Z"


def _read_time(value: Any) -> datetime:
    """Read a time as RFC 3339 writes it; Pydantic alone would take numbers, dates and times without a zone too."""
    try:
        if not _TIME.fullmatch(value):
            raise ValueError
        # PostgreSQL stores UTC, where the ends of the calendar have no room for an offset.
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise PydanticCustomError("datetime_parsing", "not a time") from None


_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

ClientTime = Annotated[AwareDatetime, BeforeValidator(_read_time)]
Moment = Annotated[
    AwareDatetime,
    PlainSerializer(
        lambda moment: moment.astimezone(UTC).isoformat().replace("+00:00", "Z"), return_type=str
    ),
]
Role = Literal["user", "assistant", "staff"]
TurnStatus = Literal[
    "queued", "running", "waiting_approval", "completed", "failed", "cancelled", "with_staff"
]


class ChatIn(Schema):
    message: str = Field(
        ...,
        min_length=1,
        description="What the customer says; at most CHAT_MAX_MESSAGE_CHARS characters, not all of them blank.",
        examples=["When do you open on Saturday?"],
    )
    conversation_id: str | None = Field(
        None,
        description="The conversation to go on with; without it a new one starts.",
        examples=[CONVERSATION],
    )
    timestamp: ClientTime | None = Field(
        None,
        description="The client's own time (RFC 3339 with an offset): stored, not used for order.",
        examples=[TIME],
    )
    client_message_id: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="Makes a repeated send safe: the same id gives the same message, turn and answer.",
        examples=["7d0f6d2c"],
    )
    stream: StrictBool = Field(False, description="Answer with server-sent events.", examples=[False])


class ToolCallOut(Schema):
    name: str = Field(..., examples=["find_opening_hours"])
    arguments: dict[str, Any] = Field(..., examples=[{}])
    status: Literal["waiting", "running", "completed", "failed", "unknown"] = Field(
        ..., examples=["completed"]
    )


class UsageOut(Schema):
    input_tokens: int = Field(..., examples=[412])
    output_tokens: int = Field(..., examples=[58])


class ChatOut(Schema):
    conversation_id: str = Field(..., examples=[CONVERSATION])
    response: str | None = Field(
        ..., description="All of the turn's text.", examples=["We open at **10:00**."]
    )
    message_id: str | None = Field(..., examples=[MESSAGE])
    timestamp: Moment | None = Field(..., examples=[TIME])
    turn_id: str = Field(..., examples=[TURN])
    status: TurnStatus = Field(..., examples=["completed"])
    sequence: int | None = Field(
        ..., description="The reply's place in the conversation, from 0.", examples=[1]
    )
    tool_calls: list[ToolCallOut]
    usage: UsageOut


class ConversationOut(Schema):
    id: str = Field(..., examples=[CONVERSATION])
    title: str = Field(..., examples=["When do you open on Saturday?"])
    status: Literal["open", "locked", "closed"] = Field(..., examples=["open"])
    handled_by: Literal["assistant", "staff"] = Field(..., examples=["assistant"])
    created_at: Moment = Field(..., examples=[TIME])
    updated_at: Moment = Field(..., examples=[TIME])
    last_message: str | None = Field(..., examples=["We open at **10:00**."])


class ConversationPage(Schema):
    data: list[ConversationOut]
    has_more: bool = Field(..., examples=[False])
    after: str | None = Field(
        ..., description="Give it as `after` for the next page.", examples=[CONVERSATION]
    )


class ConversationIn(Schema):
    title: str = Field(..., examples=["Opening hours"])


class MessageOut(Schema):
    id: str = Field(..., examples=[MESSAGE])
    role: Role = Field(..., examples=["assistant"])
    content: str = Field(..., examples=["We open at **10:00**."])
    sequence: int = Field(..., examples=[1])
    timestamp: Moment = Field(..., examples=[TIME])
    turn_id: str | None = Field(..., examples=[TURN])


class MessagePage(Schema):
    data: list[MessageOut]
    has_more: bool = Field(..., examples=[False])
    after: str | None = Field(..., description="Give it as `after` for the next page.", examples=[MESSAGE])


class FoundMessage(MessageOut):
    conversation_id: str = Field(..., examples=[CONVERSATION])
    title: str = Field(..., description="The conversation's.", examples=["When do you open on Saturday?"])
    snippet: str = Field(
        ...,
        description="Where the words stand: HTML without any element but `mark`, the rest of it escaped.",
        examples=["We <mark>open</mark> at **10:00**."],
    )


class FoundPage(Schema):
    data: list[FoundMessage]
    has_more: bool = Field(..., examples=[False])
    after: str | None = Field(
        ..., description="Give it as `after` for the next page.", examples=[f"{CONVERSATION}/{MESSAGE}"]
    )


class TurnError(Schema):
    code: Literal["assistant_failed", "assistant_unavailable", "assistant_timeout"] = Field(
        ..., examples=["assistant_unavailable"]
    )
    detail: str = Field(
        ..., examples=["The assistant can't be reached right now. Your message is saved; try again."]
    )


class ApprovalOut(Schema):
    id: str = Field(..., examples=["apv_01936b1f-8d10-7c3a-9e55-0b6a1f2e3d4c"])
    tool: str = Field(..., examples=["cancel_appointment"])
    arguments: dict[str, Any] = Field(..., examples=[{}])
    decided_by: Literal["customer", "staff"] = Field(..., examples=["customer"])
    status: Literal["pending", "approved", "refused", "expired"] = Field(..., examples=["pending"])
    expires_at: Moment | None = Field(..., examples=[TIME])


class TurnOut(Schema):
    id: str = Field(..., examples=[TURN])
    status: TurnStatus = Field(..., examples=["completed"])
    error: TurnError | None = Field(..., examples=[None])
    usage: UsageOut
    approvals: list[ApprovalOut] = Field(..., examples=[[]])
    queued_at: Moment = Field(..., examples=[TIME])
    started_at: Moment | None = Field(..., examples=[TIME])
    first_token_at: Moment | None = Field(..., examples=[TIME])
    finished_at: Moment | None = Field(..., examples=[TIME])


class ExportedAttachment(Schema):
    id: str = Field(..., examples=["atc_01936b1f-7b51-7f0c-8d11-3c5e7a9b1d2f"])
    name: str = Field(..., examples=["passport.png"])
    media_type: str = Field(..., examples=["image/png"])


class ExportedSource(Schema):
    title: str = Field(..., examples=["Opening hours"])
    url: str | None = Field(..., examples=["https://example.com/help/opening-hours"])


class ExportedMessage(MessageOut):
    author: str | None = Field(..., description="The name of a person of the staff.", examples=[None])
    is_partial: bool = Field(..., description="The reply broke off here.", examples=[False])
    attachments: list[ExportedAttachment]
    sources: list[ExportedSource]
    feedback: Literal["positive", "negative"] | None = Field(..., examples=["positive"])
    client_timestamp: Moment | None = Field(..., examples=[None])


class ExportedTurn(TurnOut):
    tool_calls: list[ToolCallOut]


class ConversationExport(Schema):
    conversation: ConversationOut
    messages: list[ExportedMessage]
    turns: list[ExportedTurn]
    items: list[dict[str, Any]] = Field(
        ...,
        description="All that the thread shows, cards and steps too, as ChatKit's clients get it.",
        examples=[[]],
    )


class ApprovalIn(Schema):
    approve: StrictBool = Field(..., examples=[True])
    reason: str = Field("", max_length=2000, examples=["Changed my mind."])


class FeedbackIn(Schema):
    kind: Literal["positive", "negative"] = Field(..., examples=["positive"])
