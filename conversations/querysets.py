"""Every named read."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import BooleanField, Exists, OuterRef, Q, Subquery, TextField
from django.db.models.expressions import RawSQL

if TYPE_CHECKING:
    from conversations.models import Attachment, Conversation, Event, Item, Turn  # noqa: F401


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: Any) -> Self:
        """Keep the user's own. Staff see others' in the admin, by its own reads."""
        return self.filter(user_id=getattr(user, "pk", user))

    def newest_first(self) -> Self:
        return self.order_by("-updated_at", "-id")

    def titled_like(self, words: str) -> Self:
        """Keep those whose title or a message holds the words."""
        return (
            self.filter(Q(title__icontains=words) | Q(items__text__icontains=words)).distinct()
            if words
            else self
        )

    def after(self, conversation: Conversation) -> Self:
        """Keep what follows the conversation, newest first."""
        return self.filter(
            Q(updated_at__lt=conversation.updated_at)
            | Q(updated_at=conversation.updated_at, id__lt=conversation.pk)
        )

    def created_after(self, conversation: Conversation, order: str) -> Self:
        """Keep what follows the conversation in the order of creation: `asc`, or newest first."""
        way = "gt" if order == "asc" else "lt"
        same_time = Q(created_at=conversation.created_at, **{f"id__{way}": conversation.pk})
        return self.filter(Q(**{f"created_at__{way}": conversation.created_at}) | same_time)

    def logged_since(self, moment: datetime) -> Self:
        """Keep those in whose log something was written after the moment."""
        events = apps.get_model("conversations.Event").objects
        last = events.filter(conversation=OuterRef("pk"), seq=OuterRef("last_seq"))
        return self.filter(Exists(last.filter(created_at__gt=moment)))

    def with_last_message(self) -> Self:
        """Add `last_message`, the text of the newest message."""
        items = apps.get_model("conversations.Item").objects
        newest = items.messages().filter(conversation=OuterRef("pk")).order_by("-sequence")
        return self.annotate(last_message=Subquery(newest.values("text")[:1]))


# Words as people write them to a search engine; of the last one the beginning is enough. No language's endings and
# stop words: conversations are in any language.
# A number behind a hyphen or a plus is stored with it, as its sign: “Zanzibar-77” is found by 77, too.
_SOUGHT = r"""(select regexp_replace(
    regexp_replace(websearch_to_tsquery('simple', %s)::text, '''$', ''':*'),
    '(?<![^ (!])''(\d[\d.]*)''(:\*)?(?![^ )])', '(''\1''\2 | ''-\1''\2 | ''+\1''\2)', 'g')::tsquery)"""
_WORDS = "to_tsvector('simple', conversations_item.text)"  # as in the index item_words
#: Around each word that was sought: characters that no message has, a private use of Unicode's.
MARKS = ("\ue0f0", "\ue0f1")
_SNIPPET = f"StartSel={MARKS[0]}, StopSel={MARKS[1]}, MaxWords=24, MinWords=12, MaxFragments=1"


class ItemQuerySet(models.QuerySet["Item"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(conversation__user_id=getattr(user, "pk", user))

    def saying(self, words: str) -> Self:
        """Keep messages with these words, the newest first; adds `snippet`, with MARKS around the words."""
        found = RawSQL(f"{_WORDS} @@ {_SOUGHT}", [words], output_field=BooleanField())  # noqa: S611
        snippet = RawSQL(  # noqa: S611
            f"ts_headline('simple', conversations_item.text, {_SOUGHT}, %s)",
            [words, _SNIPPET],
            output_field=TextField(),
        )
        return self.messages().filter(found).annotate(snippet=snippet).order_by("-pk")

    def messages(self) -> Self:
        """Keep what was said, without widgets, workflows and hidden context."""
        return self.filter(role__isnull=False)

    def in_order(self) -> Self:
        return self.order_by("position")


class TurnQuerySet(models.QuerySet["Turn"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(user_id=getattr(user, "pk", user))

    def unfinished(self) -> Self:
        return self.filter(status__in=["queued", "running", "waiting_approval"])


class EventQuerySet(models.QuerySet["Event"]):
    def after(self, seq: int) -> Self:
        return self.filter(seq__gt=seq).order_by("seq")


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(user_id=getattr(user, "pk", user))
