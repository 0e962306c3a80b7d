"""A conversation as a person reads it: what was said, what was done between, how each reply ended.

Everything on a page is loaded by a fixed number of queries, however long the conversation is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Page, Paginator
from django.db.models import Max
from django.utils.safestring import SafeString

from conversations.admin import display
from conversations.admin.markdown import render_markdown
from conversations.models import Conversation, Item, ToolCall, Turn

ITEMS_ON_A_PAGE = 100
# A last page with fewer items than this joins the page before: nobody wants to read three lines alone.
ORPHANS = 20


@dataclass(frozen=True)
class Message:
    """Something that was said."""

    template: ClassVar[str] = "admin/conversations/_message.html"
    item: Item

    @property
    def html(self) -> SafeString:
        return render_markdown(self.item.text)

    @property
    def author(self) -> str:
        return display.name_of(self.item.author)

    @property
    def initials(self) -> str:
        return display.initials_of(self.item.author)

    @property
    def thumb(self) -> str:
        feedback = getattr(self.item, "feedback", None)
        return feedback.kind if feedback else ""

    @property
    def attachments(self) -> list[str]:
        found = self.item.payload.get("attachments") or ()
        return [str(each.get("name") or each.get("id")) for each in found if isinstance(each, dict)]

    @property
    def quote(self) -> str:
        return str(self.item.payload.get("quoted_text") or "")


@dataclass(frozen=True)
class Step:
    """One thing that the assistant did: as the customer saw it, and the call behind it."""

    title: str
    call: ToolCall | None = None

    @property
    def arguments(self) -> str:
        return display.arguments_of(self.call.arguments) if self.call else ""

    @property
    def went_wrong(self) -> bool:
        return self.call is not None and self.call.status in (ToolCall.Status.FAILED, ToolCall.Status.UNKNOWN)

    @property
    def is_open(self) -> bool:
        """Whether it was not done yet: it waits for a yes, or runs."""
        return self.call is not None and self.call.status in (
            ToolCall.Status.WAITING,
            ToolCall.Status.RUNNING,
        )


@dataclass(frozen=True)
class Steps:
    template: ClassVar[str] = "admin/conversations/_steps.html"
    steps: list[Step]


@dataclass(frozen=True)
class Note:
    """A quiet line: something shown that is no message, or what the staff did."""

    template: ClassVar[str] = "admin/conversations/_note.html"
    text: str
    at: datetime


@dataclass(frozen=True)
class Day:
    template: ClassVar[str] = "admin/conversations/_day.html"
    day: date


@dataclass(frozen=True)
class TurnEnd:
    """How a reply ended, under its last item."""

    template: ClassVar[str] = "admin/conversations/_turn_end.html"
    turn: Turn

    WORDS: ClassVar[dict[str, str]] = {
        Turn.Status.QUEUED: "Waits to be answered.",
        Turn.Status.RUNNING: "The assistant is replying now.",
        Turn.Status.WAITING_APPROVAL: "The reply waits for a yes or no.",
        Turn.Status.FAILED: "The reply failed.",
        Turn.Status.CANCELLED: "The reply was stopped before it was complete.",
        Turn.Status.WITH_STAFF: "For the staff: the assistant didn’t answer this.",
    }
    ENDED: ClassVar[dict[str, str]] = {Turn.Status.FAILED: "failed", Turn.Status.CANCELLED: "stopped"}

    @property
    def words(self) -> str:
        return self.WORDS.get(self.turn.status, "")

    @property
    def waits(self) -> bool:
        return self.turn.status == Turn.Status.WAITING_APPROVAL

    @property
    def tone(self) -> str:
        return display.TONES.get(self.turn.status, "")

    @property
    def status(self) -> SafeString:
        return display.status_chip(self.turn)

    @property
    def error(self) -> dict[str, Any]:
        return self.turn.error if isinstance(self.turn.error, dict) else {}

    @property
    def facts(self) -> list[str]:
        """The line under a reply."""
        first_word, whole = self._first_word_after, self._ended_after
        facts = [
            self.turn.model,
            display.tokens_of(self.turn),
            f"{self.turn.attempt} attempts" if self.turn.attempt > 1 else "",
            f"first word after {first_word}" if first_word else "",
            f"{self.ENDED.get(self.turn.status, 'complete')} after {whole}" if whole else "",
        ]
        return [fact for fact in facts if fact]

    @property
    def table(self) -> list[tuple[str, str]]:
        """The facts beside the transcript, with their names."""
        rows = [
            ("Model", self.turn.model),
            ("Tokens", display.tokens_of(self.turn)),
            ("Cost", display.cost_of(self.turn)),
            ("Attempts", str(self.turn.attempt) if self.turn.attempt > 1 else ""),
            ("Waited", display.seconds_between(self.turn.queued_at, self.turn.started_at)),
            ("First word after", self._first_word_after),
            ("Ended after", self._ended_after),
        ]
        return [(name, value) for name, value in rows if value]

    @property
    def _first_word_after(self) -> str:
        return display.seconds_between(self.turn.queued_at, self.turn.first_token_at)

    @property
    def _ended_after(self) -> str:
        return (
            display.seconds_between(self.turn.queued_at, self.turn.finished_at)
            if self.turn.started_at
            else ""
        )


Entry = Message | Steps | Note | Day | TurnEnd


@dataclass
class Transcript:
    """One page of a conversation; the newest unless another is asked for."""

    conversation: Conversation
    number: int | str | None = None

    @cached_property
    def page(self) -> Page[Item]:
        items = self.conversation.items.select_related("author", "feedback").in_order()
        paginator = Paginator(items, ITEMS_ON_A_PAGE, orphans=ORPHANS)
        return paginator.get_page(self.number or paginator.num_pages)

    @property
    def items(self) -> list[Item]:
        return self._window[1]

    @property
    def _previous(self) -> Item | None:
        return self._window[0]

    @cached_property
    def _window(self) -> tuple[Item | None, list[Item]]:
        """The page's items, and the one before them, which says where the page's tool calls begin."""
        start, end = self.page.start_index() - 1, self.page.end_index()
        found: list[Item] = list(self.page.paginator.object_list[max(start - 1, 0) : end])
        return (found[0], found[1:]) if start > 0 else (None, found)

    @cached_property
    def turns(self) -> list[Turn]:
        """The turns that the page's items belong to, each with the position of its last item."""
        ids = {item.turn_id for item in self.items if item.turn_id}
        turns = self.conversation.turns.filter(pk__in=ids).defer("steps")
        return list(turns.annotate(last_position=Max("items__position")).order_by("number"))

    @property
    def turn_ends(self) -> list[TurnEnd]:
        return [TurnEnd(turn) for turn in self.turns]

    @cached_property
    def entries(self) -> list[Entry]:
        return list(_with_days(self._entries()))

    def _entries(self) -> Iterator[tuple[datetime, Entry]]:
        calls = self._calls()
        notes = self._staff_notes()
        ends = {turn.last_position: TurnEnd(turn) for turn in self.turns}  # type: ignore[attr-defined]
        for item in self.items:
            while notes and notes[0].at < item.created_at:
                yield notes[0].at, notes.pop(0)
            own_calls = _take_calls(calls, before=item.position)
            for entry in _entries_of(item, own_calls):
                yield item.created_at, entry
            if item.position in ends:
                end = ends[item.position]
                if late := _take_calls(calls, turn=end.turn):
                    yield item.created_at, Steps([Step(call.tool, call) for call in late])
                if end.words or end.facts:
                    yield item.created_at, end
        for note in notes:
            yield note.at, note

    def _calls(self) -> list[ToolCall]:
        """The page's tool calls. They share the items' positions: a workflow stands after the calls that it shows."""
        after = self._previous.position if self._previous else -1
        calls = ToolCall.objects.filter(turn_id__in=[turn.pk for turn in self.turns], position__gt=after)
        if self.page.has_next():
            calls = calls.filter(position__lte=self.items[-1].position)
        return list(calls.order_by("position"))

    def _staff_notes(self) -> list[Note]:
        """What the staff did meanwhile, from the admin's own log."""
        kind = ContentType.objects.get_for_model(Conversation)
        entries = LogEntry.objects.filter(content_type=kind, object_id=self.conversation.pk)
        if self._previous:
            entries = entries.filter(action_time__gte=self.items[0].created_at)
        if self.page.has_next():
            entries = entries.filter(action_time__lt=self.items[-1].created_at)
        rows = entries.select_related("user").order_by("action_time", "pk")
        return [Note(_staff_words(row), row.action_time) for row in rows]


def _take_calls(
    calls: list[ToolCall], *, before: int | None = None, turn: Turn | None = None
) -> list[ToolCall]:
    """Remove and return the calls that come before a position, or the rest of a turn."""
    taken = [
        call
        for call in calls
        if (before is not None and call.position < before) or (turn is not None and call.turn_id == turn.pk)
    ]
    calls[:] = [call for call in calls if call not in taken]
    return taken


def _entries_of(item: Item, calls: list[ToolCall]) -> Iterator[Entry]:
    if item.kind == "workflow":
        yield Steps(_match(_titles(item), calls))
        return
    if calls:
        yield Steps([Step(call.tool, call) for call in calls])
    if item.role:
        yield Message(item)
    elif note := _note_of(item):
        yield Note(note, item.created_at)


def _match(titles: list[str], calls: list[ToolCall]) -> list[Step]:
    """Put each call behind its line. Another server's call has a line and no call of ours: then they stand apart."""
    if len(titles) == len(calls):
        return [Step(title, call) for title, call in zip(titles, calls, strict=True)]
    return [*(Step(title) for title in titles), *(Step(call.tool, call) for call in calls)]


def _titles(item: Item) -> list[str]:
    workflow = item.payload.get("workflow") or {}
    return [str(task.get("title") or task.get("type") or "Step") for task in workflow.get("tasks") or ()]


_NOTES = {
    "widget": "Showed a card",
    "client_tool_call": "Asked the page to do something",
    "generated_image": "Showed a picture",
    "structured_input": "Asked the customer to choose",
    "task": "Worked on it",
    "hidden_context_item": "Context for the assistant, which the customer doesn’t see",
    "sdk_hidden_context": "Context for the assistant, which the customer doesn’t see",
}


def _note_of(item: Item) -> str:
    """Say in a line what an item is that nobody said; of who came and went the admin's own log tells."""
    if item.kind in ("end_of_turn", "assistant_message"):
        return ""
    words = _NOTES.get(item.kind, item.kind.replace("_", " ").capitalize())
    payload = item.payload
    more = {
        "widget": payload.get("copy_text"),
        "client_tool_call": payload.get("name"),
        "task": (payload.get("task") or {}).get("title"),
        "hidden_context_item": payload.get("content"),
        "sdk_hidden_context": payload.get("content"),
    }.get(item.kind)
    return f"{words}: {more}" if more else words


def _staff_words(entry: LogEntry) -> str:
    words = entry.get_change_message() or "changed something"
    return f"{display.name_of(entry.user)} {words[:1].lower()}{words[1:]}"


def _with_days(entries: Iterator[tuple[datetime, Entry]]) -> Iterator[Entry]:
    day = None
    for at, entry in entries:
        if at.date() != day:
            day = at.date()
            yield Day(day)
        yield entry
