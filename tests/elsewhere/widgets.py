"""A stock ChatKitServer that shows a widget for each message and answers what is done in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from chatkit.actions import Action
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    SyncCustomActionResponse,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
    WidgetItem,
    WidgetRootUpdated,
    WidgetStreamingTextValueDelta,
)
from chatkit.widgets import DynamicWidgetRoot

from tests.fixtures.stock import MemoryStore, StockServer

#: How long an action may wait to be let go before it goes on by itself.
HELD_SECONDS = 30


class WidgetServer(StockServer):
    """Its `seen` holds each action with its sender; one named `held…` waits until `let_go` is set."""

    def __init__(self) -> None:
        super().__init__(MemoryStore())

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: None
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Show the form; for “stream” a text that arrives piece by piece, for “rows” a list to choose from."""
        wanted = input_user_message.content[0].text if input_user_message else ""
        if wanted == "stream":
            async for event in self._stream(thread):
                yield event
        else:
            yield ThreadItemDoneEvent(item=self._item(thread, rows() if wanted == "rows" else form()))

    async def action(
        self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: None
    ) -> AsyncIterator[ThreadStreamEvent]:
        self._note("custom_action", action, sender)
        if action.type.startswith("held"):
            await asyncio.to_thread(self.let_go.wait, HELD_SECONDS)
        if sender:
            done = sender.model_copy(update={"widget": card("Thanks", f"Got {action.type}.")})
            yield ThreadItemReplacedEvent(item=done)
        yield self._say(thread, f"Done: {action.type}.")

    async def sync_action(
        self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: None
    ) -> SyncCustomActionResponse:
        self._note("sync_custom_action", action, sender)
        assert sender
        widget = form(status=f"Fare: {action.payload['trip']['fare']}")
        updated = sender.model_copy(update={"widget": widget})
        await self.store.save_item(thread.id, updated, context)
        return SyncCustomActionResponse(updated_item=updated)

    async def _stream(self, thread: ThreadMetadata) -> AsyncIterator[ThreadStreamEvent]:
        text = {"type": "Text", "id": "live", "value": "", "streaming": True}
        item = self._item(thread, widget(children=[text]))
        yield ThreadItemAddedEvent(item=item)
        for piece, done in (("One, ", False), ("two, ", False), ("three.", True)):
            delta = WidgetStreamingTextValueDelta(component_id="live", delta=piece, done=done)
            yield ThreadItemUpdatedEvent(item_id=item.id, update=delta)
        finished = {**text, "value": "One, two, three.", "streaming": False}
        root = widget(children=[finished, {"type": "Badge", "label": "Complete"}])
        yield ThreadItemUpdatedEvent(item_id=item.id, update=WidgetRootUpdated(widget=root))
        yield ThreadItemDoneEvent(item=item.model_copy(update={"widget": root}))

    def _note(self, kind: str, action: Action[str, Any], sender: WidgetItem | None) -> None:
        self.seen.append(
            {
                "kind": kind,
                "type": action.type,
                "payload": action.payload,
                "sender": sender.id if sender else None,
            }
        )

    def _item(self, thread: ThreadMetadata, root: DynamicWidgetRoot) -> WidgetItem:
        item_id = self.store.generate_item_id("message", thread, None)
        return WidgetItem(id=item_id, thread_id=thread.id, created_at=datetime.now(UTC), widget=root)

    def _say(self, thread: ThreadMetadata, text: str) -> ThreadItemDoneEvent:
        item_id = self.store.generate_item_id("message", thread, None)
        content = [AssistantMessageContent(text=text)]
        return ThreadItemDoneEvent(
            item=AssistantMessageItem(
                id=item_id, thread_id=thread.id, created_at=datetime.now(UTC), content=content
            )
        )


def widget(**properties: Any) -> DynamicWidgetRoot:
    return DynamicWidgetRoot.model_validate({"type": "Card", **properties})


def card(title: str, text: str) -> DynamicWidgetRoot:
    return widget(children=[{"type": "Title", "value": title}, {"type": "Text", "value": text}])


def rows() -> DynamicWidgetRoot:
    """Return a list with a row to press, and one with a button of its own besides."""
    more = {"type": "Button", "label": "Details", "onClickAction": {"type": "details", "streaming": False}}
    listed = [
        {
            "type": "ListViewItem",
            "children": [{"type": "Text", "value": name}, *also],
            "onClickAction": {"type": f"choose.{name}", "handler": "client"},
        }
        for name, also in (("Mochi", []), ("Pixel", [more]))
    ]
    return DynamicWidgetRoot.model_validate({"type": "ListView", "children": listed})


def form(status: str = "Your trip") -> DynamicWidgetRoot:
    """Return a form with a field of most kinds and an action of each way."""
    label = {"type": "Label", "value": "Name", "fieldName": "trip.name"}
    name = {"type": "Input", "name": "trip.name", "required": True}
    agree = {"type": "Checkbox", "name": "agree", "label": "I agree"}
    options = [{"value": "light", "label": "Light"}, {"value": "plus", "label": "Light Plus"}]
    aside = {"type": "fare.choose", "streaming": False}
    fare = {
        "type": "Select",
        "name": "trip.fare",
        "options": options,
        "placeholder": "Fare",
        "onChangeAction": aside,
    }
    day = {
        "type": "DatePicker",
        "name": "trip.day",
        "placeholder": "Day",
        "defaultValue": "2026-11-27T00:00:00Z",
    }
    here = {"type": "open.map", "handler": "client", "payload": {"gate": "B14"}}
    return widget(
        status={"text": status},
        children=[
            {
                "type": "Form",
                "onSubmitAction": {"type": "held.book", "payload": {"trip": {"code": "K7QX2M"}}},
                "children": [
                    *(label, name, fare, day, agree),
                    {"type": "Button", "label": "Book", "submit": True, "style": "primary"},
                    {"type": "Button", "label": "Map", "onClickAction": here},
                    {"type": "Button", "label": "Break", "onClickAction": {"type": "broken"}},
                ],
            }
        ],
    )
