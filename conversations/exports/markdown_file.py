"""A conversation as Markdown, to be read by a person: who said what and when, and what the assistant did meanwhile.

What others wrote stands in block quotes, line for line, or escaped: nobody's words can look like ours.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Generator, Iterator
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from conversations.exports.downloads import gathered
from conversations.exports.parts import attachments_of, author_of, sources_of, steps_of
from conversations.exports.reading import Page, read_items
from conversations.exports.words import link, literal, quote_markdown, quote_plain
from conversations.models import Conversation, Item, ToolCall, Turn


def markdown_file(*, user: Any, conversation: Conversation) -> Generator[bytes]:
    """Yield the file. One that is complete says so in its last line."""
    return gathered(_texts(user, conversation))


def _texts(user: Any, conversation: Conversation) -> Iterator[str]:
    yield f"# {_title(conversation)}\n\n"
    yield f"A conversation with {literal(settings.SITE_NAME)}, begun on {_moment(conversation.created_at)}"
    yield f" ({literal(conversation.pk)}). Exported on {_moment(timezone.now())}.\n\n"
    for page in read_items(user=user, conversation_id=conversation.pk):
        yield from (f"{part}\n\n" for part in _parts(page))
    yield "---\n\nEnd of the conversation.\n"


def _title(conversation: Conversation) -> str:
    return literal(conversation.title) or "Conversation"


def _parts(page: Page) -> Iterator[str]:
    calls = deque(page.calls)
    for item in page.items:
        yield from _calls(_taken(calls, before=item.position))
        yield from _item(item)
        turn = page.turns.get(item.turn_id or "")
        if turn is not None and turn.last_position == item.position:  # type: ignore[attr-defined]
            yield from _ending(turn)
    yield from _calls(calls)


def _taken(calls: deque[ToolCall], *, before: int) -> list[ToolCall]:
    taken = []
    while calls and calls[0].position < before:
        taken.append(calls.popleft())
    return taken


def _item(item: Item) -> Iterator[str]:
    if item.role:
        yield f"### {_speaker(item)} · {_moment(item.created_at)}"
        yield from _message(item)
    elif item.kind == "assistant_message":  # a line about who came or went
        yield f"*{literal(item.text)}* · {_moment(item.created_at)}"
    elif steps := steps_of(item):
        yield "Steps: " + "; ".join(literal(step) for step in steps)
    elif item.kind == "widget":
        yield f"*A card was shown.* {_moment(item.created_at)}"
        yield from _quoted(str(item.payload.get("copy_text") or ""))
    elif item.kind == "structured_input":
        yield from _answers(item)
    elif item.kind == "generated_image":
        yield f"*A picture was shown.* {_moment(item.created_at)}"


def _message(item: Item) -> Iterator[str]:
    if quoted := str(item.payload.get("quoted_text") or ""):
        yield "About this:"
        yield from _quoted(quoted)
    if item.role == Item.Role.USER:
        yield from _quoted(item.text)
    elif item.text.strip():
        yield quote_markdown(item.text)
    if item.is_partial:
        yield "*The reply broke off here.*"
    if files := attachments_of(item):
        yield "Attached: " + ", ".join(literal(file["name"] or file["id"]) for file in files)
    if sources := sources_of(item):
        listed = (link(source["title"], source["url"] or "") for source in sources)
        yield "Sources:\n\n" + "\n".join(f"{number}. {each}" for number, each in enumerate(listed, 1))
    if feedback := getattr(item, "feedback", None):
        yield f"Your feedback: {feedback.kind}"


def _quoted(text: str) -> Iterator[str]:
    if text.strip():
        yield quote_plain(text)


def _speaker(item: Item) -> str:
    if item.role == Item.Role.STAFF:
        return f"{literal(author_of(item) or 'Customer service')} (staff)"
    return "You" if item.role == Item.Role.USER else "Assistant"


def _calls(calls: Collection[ToolCall]) -> Iterator[str]:
    if calls:
        yield "Tools used: " + ", ".join(f"{literal(call.tool)} ({call.status})" for call in calls)


def _ending(turn: Turn) -> Iterator[str]:
    if turn.status == Turn.Status.FAILED:
        yield f"*The reply failed.* {literal((turn.error or {}).get('detail', ''))}"
    elif turn.status == Turn.Status.CANCELLED:
        yield "*The reply was stopped.*"


def _answers(item: Item) -> Iterator[str]:
    for asked in item.payload.get("inputs") or ():
        answer = asked.get("answer") or {}
        said = ", ".join(answer.get("values") or ()) or "no answer"
        yield f"Asked: {literal(asked.get('question') or '')}"
        yield from _quoted(said)


def _moment(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
