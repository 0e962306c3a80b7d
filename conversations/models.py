"""The tables of a conversation and the constraints that always hold."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from conversations import ids, querysets


def conversation_id() -> str:
    return ids.new_id("conv")


def turn_id() -> str:
    return ids.new_id("turn")


def approval_id() -> str:
    return ids.new_id("apv")


class Conversation(models.Model):
    """One person's talk with the assistant. A ChatKit thread is a conversation, with the same id."""

    class Status(models.TextChoices):
        OPEN = "open"
        LOCKED = "locked"
        CLOSED = "closed"

    class HandledBy(models.TextChoices):
        ASSISTANT = "assistant"
        STAFF = "staff"

    id = models.TextField(primary_key=True, default=conversation_id)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="conversations")
    title = models.TextField(blank=True, default="")
    status = models.TextField(choices=Status, default=Status.OPEN)
    status_reason = models.TextField(blank=True, default="")
    handled_by = models.TextField(choices=HandledBy, default=HandledBy.ASSISTANT)
    # The customer wants a person, and none has come yet.
    staff_asked_at = models.DateTimeField(null=True, blank=True)
    # The fence: raised when a turn is claimed, the running one is cancelled, or a person takes over.
    epoch = models.BigIntegerField(default=0, db_default=0)
    last_seq = models.BigIntegerField(default=0, db_default=0)
    next_position = models.BigIntegerField(default=0, db_default=0)
    message_count = models.BigIntegerField(default=0, db_default=0)
    turn_count = models.BigIntegerField(default=0, db_default=0)
    # What ChatKit's Store was given and the columns don't hold: metadata, image domains, the time as text.
    thread = models.JSONField(default=dict, db_default={})
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects = querysets.ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["open", "locked", "closed"]), name="conversation_status"
            ),
            models.CheckConstraint(
                condition=Q(handled_by__in=["assistant", "staff"]), name="conversation_handled_by"
            ),
            models.CheckConstraint(
                condition=Q(epoch__gte=0, last_seq__gte=0, next_position__gte=0, message_count__gte=0),
                name="conversation_counters",
            ),
        ]
        indexes = [
            # visible_to(user).newest_first(), the rail and the API's list
            models.Index(fields=["user", "-updated_at", "-id"], name="conversation_newest"),
            # the admin's list
            models.Index(fields=["-updated_at"], name="conversation_updated"),
        ]

    def __str__(self) -> str:
        return f"{self.title or 'New conversation'} ({self.id})"


class Turn(models.Model):
    """One message's answer: a durable job with its stored steps."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        WAITING_APPROVAL = "waiting_approval"
        COMPLETED = "completed"
        FAILED = "failed"
        CANCELLED = "cancelled"
        WITH_STAFF = "with_staff"

    UNFINISHED = (Status.QUEUED, Status.RUNNING, Status.WAITING_APPROVAL)

    id = models.TextField(primary_key=True, default=turn_id)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="turns")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    number = models.BigIntegerField()
    status = models.TextField(choices=Status, default=Status.QUEUED)
    attempt = models.IntegerField(default=0, db_default=0)
    # The procrastinate job that runs it: only the same job may take a running turn over.
    job_id = models.BigIntegerField(null=True)
    idempotency_key = models.TextField(null=True)
    request_digest = models.TextField(blank=True, default="")
    # A snapshot of the conversation while this turn is unfinished stands for this seq.
    before_seq = models.BigIntegerField(default=0)
    steps = models.JSONField(default=list)
    model = models.TextField(blank=True, default="")
    input_tokens = models.BigIntegerField(default=0, db_default=0)
    output_tokens = models.BigIntegerField(default=0, db_default=0)
    cached_tokens = models.BigIntegerField(default=0, db_default=0)
    # US dollars; null where a model's price isn't known.
    cost = models.DecimalField(max_digits=14, decimal_places=8, null=True)
    # A part of the figures is what the texts' lengths suggest: a call was cut off, or its provider counted nothing.
    usage_is_estimated = models.BooleanField(default=False, db_default=False)
    # What the next call of the model will take in, roughly: what to charge when nobody hears its end.
    expected_tokens = models.BigIntegerField(default=0, db_default=0)
    # The model that the customer chose, empty for the site's own choice.
    chosen_model = models.TextField(blank=True, default="", db_default="")
    # What the page that asked speaks, by Django's code; empty where nobody said.
    language = models.TextField(blank=True, default="", db_default="")
    error = models.JSONField(null=True)
    # The W3C trace context of the message, where traces are kept; empty otherwise.
    trace_parent = models.TextField(blank=True, default="", db_default="")
    queued_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    first_token_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = querysets.TurnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="turn_number"),
            models.UniqueConstraint(fields=["user", "idempotency_key"], name="turn_idempotency_key"),
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(status="running"), name="turn_one_running"
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "queued",
                        "running",
                        "waiting_approval",
                        "completed",
                        "failed",
                        "cancelled",
                        "with_staff",
                    ]
                ),
                name="turn_status",
            ),
            models.CheckConstraint(condition=Q(status="failed") | Q(error__isnull=True), name="turn_error"),
        ]
        indexes = [
            # the snapshot's seq, the next turn to claim, the sweep for turns that nobody runs
            models.Index(
                fields=["conversation", "number"],
                condition=Q(status__in=["queued", "running", "waiting_approval"]),
                name="turn_unfinished",
            ),
            # the user's rate and daily tokens
            models.Index(fields=["user", "-queued_at"], name="turn_recent"),
            # /readyz: whether the last reply failed for want of an operator
            models.Index(fields=["id"], condition=Q(error__has_key="trouble"), name="turn_troubled"),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_finished(self) -> bool:
        return self.status not in self.UNFINISHED


class Summary(models.Model):
    """What was said in a conversation up to a turn, in a few words for the model: made once, then used again.

    Without words yet it says that somebody is at it.
    """

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="summaries", db_index=False)
    until_turn = models.BigIntegerField()
    text = models.TextField(blank=True, default="")
    model = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "until_turn"], name="summary_until_turn")
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} up to turn {self.until_turn}"


class Dictation(models.Model):
    """What it took to write down what a user said; nothing of what was said."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="dictations", db_index=False
    )
    seconds = models.FloatField(default=0)
    model = models.TextField(blank=True, default="")
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    # US dollars; null where a model's price isn't known.
    cost = models.DecimalField(max_digits=14, decimal_places=8, null=True)
    usage_is_estimated = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            # the user's rate and daily tokens
            models.Index(fields=["user", "-created_at"], name="dictation_recent"),
            # what everybody used today
            models.Index(fields=["-created_at"], name="dictation_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.seconds:.0f} s {self.pk}"


class Charge(models.Model):
    """What counts against limits and has no turn to show it: a retry, and each turn of a deleted conversation."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, db_index=False
    )
    at = models.DateTimeField(db_default=Now())
    tokens = models.BigIntegerField(default=0, db_default=0)
    cost = models.DecimalField(max_digits=14, decimal_places=8, default=0, db_default=0)

    class Meta:
        indexes = [
            # the user's rate and daily tokens; all of it is no more than two days'
            models.Index(fields=["user", "-at"], name="charge_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.tokens} tokens {self.pk}"


class Item(models.Model):
    """One ChatKit thread item: a message, a widget, a workflow. The lasting record."""

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"
        STAFF = "staff"

    # What ChatKit keeps in a thread for the assistant alone: never logged, never shown.
    HIDDEN_KINDS = ("hidden_context_item", "sdk_hidden_context")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="items")
    item_id = models.TextField()
    position = models.BigIntegerField()
    kind = models.TextField()
    # Set for messages alone, as is `sequence`, their number in the conversation.
    role = models.TextField(choices=Role, null=True)
    sequence = models.BigIntegerField(null=True)
    text = models.TextField(blank=True, default="")
    payload = models.JSONField()
    turn = models.ForeignKey(Turn, models.CASCADE, null=True, related_name="items")
    # Orders a history: by turn, not by when a message came in.
    turn_number = models.BigIntegerField(default=0, db_default=0)
    # Text of a reply that was cancelled or failed: a retry drops it.
    is_partial = models.BooleanField(default=False, db_default=False)
    client_timestamp = models.DateTimeField(null=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    objects = querysets.ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "item_id"], name="item_id_in_conversation"),
            models.UniqueConstraint(fields=["conversation", "position"], name="item_position"),
            models.CheckConstraint(
                condition=Q(role__isnull=True, sequence__isnull=True)
                | Q(role__in=["user", "assistant", "staff"], sequence__isnull=False),
                name="item_message_has_sequence",
            ),
        ]
        indexes = [
            # GET …/messages and last_message
            models.Index(
                fields=["conversation", "sequence"], condition=Q(role__isnull=False), name="item_messages"
            ),
            # a turn's history
            models.Index(
                fields=["conversation", "turn_number", "position"],
                condition=Q(role__isnull=False),
                name="item_history",
            ),
        ]

    def __str__(self) -> str:
        return self.item_id

    @property
    def is_hidden(self) -> bool:
        return self.kind in self.HIDDEN_KINDS


class Event(models.Model):
    """One entry of a conversation's log: a ChatKit thread event under its seq, which counts from 1 without gaps."""

    pk = models.CompositePrimaryKey("conversation_id", "seq")
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="events", db_index=False)
    seq = models.BigIntegerField()
    # No constraint: a log outlives nothing, and the check would cost every streamed batch.
    turn = models.ForeignKey(
        Turn, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    payload = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    objects = querysets.EventQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.seq}"


class ToolCall(models.Model):
    """One call of a tool, committed together with its effect, so that it never happens twice."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        COMPLETED = "completed"
        FAILED = "failed"
        UNKNOWN = "unknown"

    turn = models.ForeignKey(Turn, models.CASCADE, related_name="tool_calls")
    call_id = models.TextField()
    position = models.BigIntegerField()
    tool = models.TextField()
    arguments = models.JSONField()
    result = models.TextField(null=True)
    status = models.TextField(choices=Status, default=Status.COMPLETED)
    # Items that the thread shows because of it: stored with the effect, so that a later attempt can show them.
    shown = models.JSONField(default=list, db_default=[])
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["turn", "call_id"], name="tool_call_once"),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "running", "completed", "failed", "unknown"]),
                name="tool_call_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tool} {self.call_id}"


class Approval(models.Model):
    """A yes or no that a tool call waits for, with the arguments that it was asked for."""

    class DecidedBy(models.TextChoices):
        CUSTOMER = "customer"
        STAFF = "staff"

    class Status(models.TextChoices):
        PENDING = "pending"
        APPROVED = "approved"
        REFUSED = "refused"
        EXPIRED = "expired"

    id = models.TextField(primary_key=True, default=approval_id)
    tool_call = models.OneToOneField(ToolCall, models.CASCADE, related_name="approval")
    arguments = models.JSONField()
    # What the one who decides is asked: title, text, and the words on the buttons.
    question = models.JSONField(default=dict, db_default={})
    decided_by = models.TextField(choices=DecidedBy)
    status = models.TextField(choices=Status, default=Status.PENDING)
    decider = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="pending", decided_at__isnull=True)
                | Q(status__in=["approved", "refused", "expired"], decided_at__isnull=False),
                name="approval_decided_once",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class Attachment(models.Model):
    """An upload as ChatKit describes it."""

    attachment_id = models.TextField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="attachments")
    payload = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    objects = querysets.AttachmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "attachment_id"], name="attachment_id_of_user")
        ]

    def __str__(self) -> str:
        return self.attachment_id


class Upload(models.Model):
    """The bytes of an attachment. They go with the conversation that they were sent in."""

    attachment = models.OneToOneField(Attachment, models.CASCADE, related_name="upload")
    # Set when a message brings it; what is never sent goes after a day.
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True, related_name="uploads")
    media_type = models.TextField()
    data = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.media_type} {self.pk}"


class Feedback(models.Model):
    """A customer's thumb under one item."""

    class Kind(models.TextChoices):
        POSITIVE = "positive"
        NEGATIVE = "negative"

    item = models.OneToOneField(Item, models.CASCADE, related_name="feedback")
    kind = models.TextField(choices=Kind)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["positive", "negative"]), name="feedback_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class AccessLog(models.Model):
    """Which member of staff opened which transcript, and when."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="access_log")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    opened_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.staff_id} {self.conversation_id} {self.opened_at}"
