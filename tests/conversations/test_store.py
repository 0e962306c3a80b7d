"""ConversationStore as ChatKit's Store: what a stock ChatKitServer relies on, and what the rest of the site sees."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from chatkit.store import NotFoundError
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    ClientToolCallItem,
    FileAttachment,
    HiddenContextItem,
    ImageAttachment,
    InferenceOptions,
    LockedStatus,
    Page,
    SDKHiddenContextItem,
    Thread,
    ThreadItem,
    ThreadMetadata,
    UserMessageItem,
    UserMessageTextContent,
    WidgetItem,
)
from chatkit.widgets import Card, Divider, Text
from django.contrib.auth import get_user_model
from pydantic import AnyUrl

from conversations import events, services
from conversations.models import Item
from conversations.store import MAX_PAGE_SIZE, ConversationStore

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Caller:
    user_id: str


ANN, BEN = Caller("ann"), Caller("ben@example.org")
NOON = datetime(2026, 3, 1, 12, 0, 0, 123456)
store = ConversationStore()


def thread(thread_id: str = "thread", **fields: Any) -> ThreadMetadata:
    return ThreadMetadata(id=thread_id, created_at=fields.pop("created_at", NOON), **fields)


def question(item_id: str = "q1", text: str = "Hello!", **fields: Any) -> UserMessageItem:
    return UserMessageItem(
        id=item_id,
        thread_id=fields.pop("thread_id", "thread"),
        created_at=fields.pop("created_at", NOON),
        content=[UserMessageTextContent(text=text)],
        inference_options=InferenceOptions(),
        **fields,
    )


def reply(item_id: str = "a1", text: str = "Hi there.", **fields: Any) -> AssistantMessageItem:
    content = [AssistantMessageContent(text=text)] if text else []
    return AssistantMessageItem(id=item_id, thread_id="thread", created_at=NOON, content=content, **fields)


def hidden(item_id: str = "h1") -> HiddenContextItem:
    return HiddenContextItem(
        id=item_id, thread_id="thread", created_at=NOON, content={"secret": [1, None, 2.5]}
    )


async def saved(*items: ThreadItem, context: Any = ANN, thread_id: str = "thread") -> None:
    await store.save_thread(thread(thread_id), context)
    for item in items:
        await store.add_thread_item(thread_id, item, context)


async def item_ids(order: str = "asc", **query: Any) -> list[str]:
    page = await store.load_thread_items("thread", query.get("after"), query.get("limit", 20), order, ANN)
    return [item.id for item in page.data]


async def messages() -> Any:
    rows = Item.objects.messages().order_by("sequence").values_list("item_id", "role", "sequence", "text")
    return await database_sync_to_async(list)(rows)


async def log(thread_id: str = "thread") -> list[dict[str, Any]]:
    logged = await database_sync_to_async(events.read_after)(thread_id, 0)
    return [json.loads(event.payload) for event in logged]


# Threads


async def test_a_thread_comes_back_as_it_went_in() -> None:
    given = thread(
        title="Seats",
        status=LockedStatus(reason="Paid"),
        allowed_image_domains=["example.org"],
        metadata={"step": 2, "none": None, "nested": {"ratio": 0.5, "text": "ß\n"}},
    )

    await store.save_thread(given, ANN)

    assert await store.load_thread("thread", ANN) == given


@pytest.mark.parametrize("created_at", [NOON, NOON.replace(tzinfo=UTC)], ids=["naive", "aware"])
async def test_the_time_of_a_thread_stays_as_it_was_given(created_at: datetime) -> None:
    await store.save_thread(thread(created_at=created_at), ANN)

    assert (await store.load_thread("thread", ANN)).created_at == created_at


async def test_a_thread_without_a_title_has_none() -> None:
    await store.save_thread(thread(), ANN)

    loaded = await store.load_thread("thread", ANN)

    assert loaded.title is None
    assert loaded.allowed_image_domains is None


async def test_saving_a_thread_again_changes_it() -> None:
    await store.save_thread(thread(title="Before", metadata={"a": 1}, status=LockedStatus()), ANN)
    changed = thread(title="After", metadata={"b": 2})

    await store.save_thread(changed, ANN)

    assert await store.load_thread("thread", ANN) == changed


async def test_a_whole_thread_is_saved_without_its_items() -> None:
    whole = Thread(id="thread", created_at=NOON, items=Page(data=[question()]))

    await store.save_thread(whole, ANN)

    assert type(await store.load_thread("thread", ANN)) is ThreadMetadata
    assert await item_ids() == []


@pytest.mark.parametrize(
    "strange", ["", " ", "a/b?c=d&e", "…/../%00", "Ünïcødé 🛫", "'; drop table x; --", "x" * 1000]
)
async def test_any_text_is_an_id(strange: str) -> None:
    context = Caller(strange)
    await store.save_thread(thread(strange), context)
    await store.add_thread_item(strange, question(strange), context)
    await store.save_attachment(FileAttachment(id=strange, name="n", mime_type="text/plain"), context)

    assert (await store.load_thread(strange, context)).id == strange
    assert (await store.load_item(strange, strange, context)).id == strange
    assert (await store.load_attachment(strange, context)).id == strange


async def test_an_unknown_thread_is_not_found_in_these_words() -> None:
    with pytest.raises(NotFoundError, match=r"^Thread nowhere not found$"):
        await store.load_thread("nowhere", ANN)
    with pytest.raises(NotFoundError, match=r"^Thread nowhere not found$"):
        await store.delete_thread("nowhere", ANN)
    with pytest.raises(NotFoundError, match=r"^Thread nowhere not found$"):
        await store.add_thread_item("nowhere", question(), ANN)


async def test_a_deleted_thread_is_gone_with_its_items() -> None:
    await saved(question())

    await store.delete_thread("thread", ANN)

    with pytest.raises(NotFoundError):
        await store.load_thread("thread", ANN)
    await store.save_thread(thread(), ANN)
    assert await item_ids() == []


@pytest.mark.parametrize(("order", "expected"), [("asc", ["b", "c", "a"]), ("desc", ["a", "c", "b"])])
async def test_threads_are_listed_by_their_time_page_by_page(order: str, expected: list[str]) -> None:
    for thread_id, seconds in [("a", 2), ("b", 0), ("c", 1)]:
        await store.save_thread(thread(thread_id, created_at=NOON + timedelta(seconds=seconds)), ANN)

    first = await store.load_threads(2, None, order, ANN)
    second = await store.load_threads(2, first.after, order, ANN)

    assert [each.id for each in first.data] == expected[:2]
    assert (first.has_more, first.after) == (True, expected[1])
    assert [each.id for each in second.data] == expected[2:]
    assert (second.has_more, second.after) == (False, None)


async def test_threads_of_one_moment_are_listed_once_each() -> None:
    for number in range(5):
        await store.save_thread(thread(f"t{number}"), ANN)

    seen, after = [], None
    while True:
        page = await store.load_threads(2, after, "desc", ANN)
        seen += [each.id for each in page.data]
        after = page.after
        if not page.has_more:
            break

    assert sorted(seen) == ["t0", "t1", "t2", "t3", "t4"]


async def test_threads_after_an_unknown_one_are_not_found() -> None:
    with pytest.raises(NotFoundError):
        await store.load_threads(2, "nowhere", "asc", ANN)


# Items


def all_kinds() -> list[ThreadItem]:
    card = Card(children=[Text(value="Seat", weight="medium"), Divider()])
    upload = FileAttachment(
        id="f1", name="trip.txt", mime_type="text/plain", metadata={"source": "test", "no": None}
    )
    return [
        question(attachments=[upload], quoted_text="You said", thread_id="another thread"),
        reply(),
        ClientToolCallItem(
            id="c1",
            thread_id="thread",
            created_at=NOON,
            call_id="call",
            name="look",
            arguments={"a": None, "b": [1.0]},
        ),
        WidgetItem(id="w1", thread_id="thread", created_at=NOON, widget=card, copy_text="Seat"),
        hidden(),
        SDKHiddenContextItem(id="h2", thread_id="thread", created_at=NOON, content="cancelled"),
    ]


async def test_items_come_back_as_they_went_in_and_in_order() -> None:
    given = all_kinds()
    await saved(*given)

    page = await store.load_thread_items("thread", None, 20, "asc", ANN)
    assert page.data == given
    assert [await store.load_item("thread", item.id, ANN) for item in given] == given


async def test_items_of_one_moment_keep_their_order_across_pages() -> None:
    await saved(*(question(f"m{number}") for number in range(7)))

    assert await item_ids(limit=3) == ["m0", "m1", "m2"]
    assert await item_ids(limit=3, after="m2") == ["m3", "m4", "m5"]
    assert await item_ids("desc", limit=3) == ["m6", "m5", "m4"]
    assert await item_ids("desc", limit=3, after="m4") == ["m3", "m2", "m1"]


async def test_a_page_says_whether_there_is_more() -> None:
    await saved(question("m0"), question("m1"))

    whole = await store.load_thread_items("thread", None, 2, "asc", ANN)
    part = await store.load_thread_items("thread", None, 1, "asc", ANN)

    assert (whole.has_more, whole.after) == (False, None)
    assert (part.has_more, part.after) == (True, "m0")


@pytest.mark.parametrize("limit", [-1, 0, MAX_PAGE_SIZE * 10])
async def test_a_limit_out_of_range_is_moved_into_it(limit: int) -> None:
    await saved(question("m0"), question("m1"))

    assert len(await item_ids(limit=limit)) == min(max(limit, 1), 2)


async def test_items_after_an_unknown_one_are_not_found() -> None:
    await saved(question())

    with pytest.raises(NotFoundError):
        await item_ids(after="nothing")


async def test_an_unknown_item_is_not_found() -> None:
    await saved()

    with pytest.raises(NotFoundError, match=r"^Item nothing not found in thread thread$"):
        await store.load_item("thread", "nothing", ANN)


async def test_a_second_done_for_an_id_keeps_the_place() -> None:
    await saved(question(), reply(text=""), question("q2"))

    await store.add_thread_item("thread", reply(text="The whole reply."), ANN)

    assert await item_ids() == ["q1", "a1", "q2"]
    assert await store.load_item("thread", "a1", ANN) == reply(text="The whole reply.")
    assert await messages() == [
        ("q1", "user", 0, "Hello!"),
        ("a1", "assistant", 1, "The whole reply."),
        ("q2", "user", 2, "Hello!"),
    ]


async def test_saving_an_item_that_is_not_there_adds_it() -> None:
    await saved(question())

    await store.save_item("thread", reply(), ANN)

    assert await item_ids() == ["q1", "a1"]


async def test_what_was_answered_is_not_asked_anew_by_a_second_done_but_by_saving_it() -> None:
    call = ClientToolCallItem(
        id="c1", thread_id="thread", created_at=NOON, call_id="c", name="look", arguments={}
    )
    answered = call.model_copy(update={"status": "completed", "output": {"seat": "14A"}})
    await saved(call)
    await store.save_item("thread", answered, ANN)

    await store.add_thread_item("thread", call, ANN)
    assert await store.load_item("thread", "c1", ANN) == answered
    await store.save_item("thread", call, ANN)
    assert await store.load_item("thread", "c1", ANN) == call


async def test_an_item_that_becomes_a_message_or_ceases_to_be_one_leaves_no_gap() -> None:
    await saved(question("m0"), hidden("x"), question("m2"))

    await store.save_item("thread", reply("x"), ANN)
    assert [(row[0], row[2]) for row in await messages()] == [("m0", 0), ("x", 1), ("m2", 2)]
    await store.save_item("thread", hidden("m0"), ANN)
    assert [(row[0], row[2]) for row in await messages()] == [("x", 0), ("m2", 1)]
    await store.add_thread_item("thread", question("m3"), ANN)
    assert [(row[0], row[2]) for row in await messages()] == [("x", 0), ("m2", 1), ("m3", 2)]


async def test_deleting_an_item_leaves_no_gap_and_twice_is_once() -> None:
    await saved(question("m0"), question("m1"), question("m2"))

    await store.delete_thread_item("thread", "m1", ANN)
    await store.delete_thread_item("thread", "m1", ANN)

    assert await item_ids() == ["m0", "m2"]
    assert [(row[0], row[2]) for row in await messages()] == [("m0", 0), ("m2", 1)]


async def test_hidden_context_is_stored_and_is_no_message() -> None:
    await saved(question(), hidden(), reply())

    assert await item_ids() == ["q1", "h1", "a1"]
    assert [(row[0], row[2]) for row in await messages()] == [("q1", 0), ("a1", 1)]


async def test_what_the_database_cannot_hold_is_replaced_and_not_refused() -> None:
    await saved(question("q\x00", "NUL \x00 here"))
    item = ClientToolCallItem(
        id="c1",
        thread_id="thread",
        created_at=NOON,
        call_id="c",
        name="n",
        arguments={"\x00": [float("nan"), "\x00"]},
    )

    await store.add_thread_item("thread", item, ANN)

    loaded = await store.load_item("thread", "c1", ANN)
    assert isinstance(loaded, ClientToolCallItem)
    assert loaded.arguments == {"\ufffd": [None, "\ufffd"]}
    assert (await store.load_item("thread", "q\x00", ANN)).id == "q\ufffd"


# Strangers


async def test_a_stranger_sees_and_changes_nothing() -> None:
    await saved(question())

    with pytest.raises(NotFoundError):
        await store.load_thread("thread", BEN)
    with pytest.raises(NotFoundError):
        await store.save_thread(thread(title="Mine now"), BEN)
    with pytest.raises(NotFoundError):
        await store.load_item("thread", "q1", BEN)
    with pytest.raises(NotFoundError):
        await store.add_thread_item("thread", question("q2"), BEN)
    with pytest.raises(NotFoundError):
        await store.save_item("thread", question("q1", "changed"), BEN)
    with pytest.raises(NotFoundError):
        await store.delete_thread_item("thread", "q1", BEN)
    with pytest.raises(NotFoundError):
        await store.delete_thread("thread", BEN)
    assert (await store.load_thread_items("thread", None, 20, "asc", BEN)).data == []
    assert (await store.load_threads(20, None, "asc", BEN)).data == []
    assert await store.load_thread("thread", ANN) == thread()
    assert await store.load_item("thread", "q1", ANN) == question()


async def test_a_stranger_does_not_get_an_attachment() -> None:
    upload = FileAttachment(id="f1", name="a.txt", mime_type="text/plain")
    await store.save_attachment(upload, ANN)

    with pytest.raises(NotFoundError):
        await store.load_attachment("f1", BEN)
    await store.delete_attachment("f1", BEN)
    assert await store.load_attachment("f1", ANN) == upload


async def test_a_user_nobody_knows_is_made_and_cannot_sign_in() -> None:
    await saved(context={"user_id": "ann"})

    user = await database_sync_to_async(get_user_model().objects.get)(pk="ann")

    assert not user.is_active
    assert not user.has_usable_password()
    assert (await store.load_thread("thread", ANN)).id == "thread"


async def test_asking_makes_no_user() -> None:
    await store.load_threads(20, None, "asc", ANN)

    assert not await database_sync_to_async(get_user_model().objects.exists)()


async def test_a_user_of_the_site_keeps_the_account(alice: Any) -> None:
    await saved(context=Caller(alice.pk))

    await database_sync_to_async(alice.refresh_from_db)()
    assert alice.is_active
    conversation = await database_sync_to_async(services.get_conversation)(user=alice, id="thread")
    assert conversation.created_at == NOON.astimezone(UTC)


# Attachments


async def test_attachments_come_back_as_they_went_in_until_they_are_deleted() -> None:
    picture = ImageAttachment(
        id="p1",
        name="p.png",
        mime_type="image/png",
        preview_url=AnyUrl("https://example.org/p.png"),
        metadata={"source": "test"},
    )
    await store.save_attachment(picture, ANN)
    renamed = picture.model_copy(update={"name": "q.png", "thread_id": "thread"})

    assert await store.load_attachment("p1", ANN) == picture
    await store.save_attachment(renamed, ANN)
    assert await store.load_attachment("p1", ANN) == renamed
    await store.delete_attachment("p1", ANN)
    await store.delete_attachment("p1", ANN)
    with pytest.raises(NotFoundError):
        await store.load_attachment("p1", ANN)


# What others see


async def test_other_pages_learn_of_every_write() -> None:
    await saved(question(), reply(text=""))
    await store.save_thread(thread(title="Seats", metadata={"step": 2}), ANN)
    await store.save_thread(thread(title="Seats", metadata={"step": 3}), ANN)
    await store.save_item("thread", reply(), ANN)
    await store.delete_thread_item("thread", "q1", ANN)

    logged = await log()

    assert [event["type"] for event in logged] == [
        "thread.created",
        "thread.item.done",
        "thread.item.done",
        "thread.updated",
        "thread.item.replaced",
        "thread.item.removed",
    ]
    assert logged[4]["item"]["content"][0]["text"] == "Hi there."
    assert "metadata" not in logged[3]["thread"]


async def test_nobody_learns_of_hidden_context_or_of_metadata() -> None:
    upload = FileAttachment(id="f1", name="a.txt", mime_type="text/plain", metadata={"secret": True})
    await saved(hidden(), question("x", attachments=[upload]))
    await store.save_item("thread", hidden(), ANN)
    await store.save_item("thread", hidden("x"), ANN)
    await store.delete_thread_item("thread", "h1", ANN)

    logged = await log()

    assert [event["type"] for event in logged] == [
        "thread.created",
        "thread.item.done",
        "thread.item.removed",
    ]
    assert "secret" not in json.dumps(logged)


async def test_ids_are_sortable_and_say_their_kind() -> None:
    ids = [store.generate_thread_id(ANN) for _ in range(3)]
    kinds = {
        kind: store.generate_item_id(kind, thread(), ANN)
        for kind in ("message", "tool_call", "workflow", "task")
    }

    assert ids == sorted(set(ids))
    assert {kind: made.split("_")[0] for kind, made in kinds.items()} == {
        "message": "msg",
        "tool_call": "tc",
        "workflow": "wf",
        "task": "tsk",
    }
