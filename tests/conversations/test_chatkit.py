"""POST /chatkit: every request of the protocol, and what is wrong with a request."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.test import AsyncClient

from conversations import errors, services
from conversations.models import Conversation, Event, Feedback, Item, Turn
from conversations.responder import TurnRecorder, TurnRequest
from tests.conversations.chatkit_client import ChatKitClient, message

pytestmark = pytest.mark.django_db(transaction=True)

Clients = Any


@pytest.fixture
def chatkit(alice: Any) -> ChatKitClient:
    return ChatKitClient(alice)


@pytest.fixture
def stranger(mallory: Any) -> ChatKitClient:
    return ChatKitClient(mallory)


async def item_ids(chatkit: ChatKitClient, thread_id: str, **params: Any) -> list[str]:
    answer = await chatkit.request("items.list", {"thread_id": thread_id, "order": "asc", **params})
    return [item["id"] for item in answer.json["data"]]


# Sending


async def test_creating_a_thread_streams_its_reply(worker: None, chatkit: ChatKitClient) -> None:
    answer = await chatkit.create("What is my seat?")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert answer.types[:3] == ["thread.created", "thread.item.done", "stream_options"]
    assert answer.events[0]["thread"]["id"] == answer.thread_id
    assert answer.events[0]["thread"]["title"] == "What is my seat?"
    assert answer.events[2]["stream_options"] == {"allow_cancel": True}
    assert answer.events[-1]["stream_options"] == {"allow_cancel": False}
    assert [part["text"] for part in answer.items("assistant_message")[0]["content"]] == [
        "You said: What is my seat?"
    ]


async def test_the_headers_name_what_stop_has_to_cancel(
    worker: None, chatkit: ChatKitClient, alice: Any
) -> None:
    answer = await chatkit.create()

    turn = await database_sync_to_async(Turn.objects.get)(pk=answer.headers["X-Chat-Turn"])
    assert turn.conversation_id == answer.thread_id
    assert turn.user_id == alice.pk


async def test_a_message_is_added_to_a_thread(worker: None, chatkit: ChatKitClient) -> None:
    first = await chatkit.create("one")

    second = await chatkit.add(first.thread_id, "two")

    assert second.thread_id == first.thread_id
    assert second.types[:2] == ["thread.item.done", "stream_options"]
    assert "thread.created" not in second.types
    assert [item["content"][0]["text"] for item in second.items("user_message")] == ["two"]
    assert [item["content"][0]["text"] for item in second.items("assistant_message")] == ["You said: two"]


async def test_a_stream_shows_its_own_turn_alone(worker: None, chatkit: ChatKitClient, alice: Any) -> None:
    first = await chatkit.create("one")
    await database_sync_to_async(services.rename_conversation)(
        user=alice, conversation_id=first.thread_id, title="In between"
    )

    second = await chatkit.add(first.thread_id, "two")

    assert "In between" not in b"".join(second.chunks).decode()


async def test_all_of_what_the_customer_sent_is_kept(worker: None, chatkit: ChatKitClient) -> None:
    tag = {"type": "input_tag", "id": "f1", "text": "@LN 418", "data": {"leg": 1}, "interactive": True}
    content = [{"type": "input_text", "text": "Is "}, tag, {"type": "input_text", "text": " late?"}]
    sent = message(
        content=content, quoted_text="It is late.", inference_options={"tool_choice": {"id": "trip"}}
    )

    answer = await chatkit.request("threads.create", {"input": sent})

    stored = await database_sync_to_async(Item.objects.get)(role="user")
    assert stored.text == "Is @LN 418 late?"
    assert answer.items("user_message") == [stored.payload]
    assert stored.payload["content"] == content
    assert stored.payload["quoted_text"] == "It is late."
    assert stored.payload["inference_options"] == {"tool_choice": {"id": "trip"}}
    assert stored.payload["attachments"] == []


async def test_the_same_key_gives_the_same_turn(worker: None, chatkit: ChatKitClient, responder: Any) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await chatkit.create("once", **key)

    again = await chatkit.create("once", **key)
    other = await chatkit.create("twice", **key)

    assert again.headers["X-Chat-Turn"] == first.headers["X-Chat-Turn"]
    assert [event["type"] for event in again.events] == first.types
    assert len(responder.requests) == 1
    assert (other.status, other.code) == (409, "conflict")


async def test_a_repeated_send_whose_log_is_gone_is_told_so(worker: None, chatkit: ChatKitClient) -> None:
    await chatkit.create("once", **{"Idempotency-Key": "k1"})
    await database_sync_to_async(Event.objects.all().delete)()

    again = await chatkit.create("once", **{"Idempotency-Key": "k1"})

    assert (again.status, again.code) == (410, "gone")


async def test_a_failed_reply_says_so_and_can_be_retried(
    worker: None, chatkit: ChatKitClient, responder: Any
) -> None:
    async def fail(request: TurnRequest, recorder: TurnRecorder) -> None:
        raise errors.AssistantUnavailable("The assistant is out.")

    responder.script = staticmethod(fail)

    answer = await chatkit.create()

    assert answer.status == 200
    assert answer.events[-2] == {
        "type": "error",
        "code": "custom",
        "message": "The assistant is out.",
        "allow_retry": True,
    }
    assert answer.events[-1]["stream_options"] == {"allow_cancel": False}


async def test_a_message_is_answered_anew(worker: None, chatkit: ChatKitClient) -> None:
    first = await chatkit.create("one")
    await chatkit.add(first.thread_id, "two")
    [question] = first.items("user_message")
    [reply] = first.items("assistant_message")

    again = await chatkit.request(
        "threads.retry_after_item", {"thread_id": first.thread_id, "item_id": question["id"]}
    )

    [new_reply] = again.items("assistant_message")
    assert again.headers["X-Chat-Turn"] != first.headers["X-Chat-Turn"]
    assert {"type": "thread.item.removed", "item_id": reply["id"]} in again.events
    assert await item_ids(chatkit, first.thread_id) == [question["id"], new_reply["id"]]


async def test_only_a_message_of_the_customer_is_answered_anew(worker: None, chatkit: ChatKitClient) -> None:
    first = await chatkit.create("one")
    [reply] = first.items("assistant_message")

    for item_id in ("unknown", reply["id"]):
        answer = await chatkit.request(
            "threads.retry_after_item", {"thread_id": first.thread_id, "item_id": item_id}
        )
        assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize("text", ["", " \n\t", "x" * 32_001], ids=["empty", "blank", "long"])
async def test_a_message_that_is_none_is_refused(chatkit: ChatKitClient, text: str) -> None:
    answer = await chatkit.create(text)

    assert (answer.status, answer.code) == (422, "invalid")
    assert answer.json["errors"][0]["field"] == "message"
    assert not await database_sync_to_async(Conversation.objects.exists)()


async def test_a_message_without_parts_is_refused(chatkit: ChatKitClient) -> None:
    answer = await chatkit.request("threads.create", {"input": message(content=[])})

    assert (answer.status, answer.code) == (422, "invalid")


@pytest.mark.parametrize("status", ["closed", "locked"])
async def test_a_closed_conversation_takes_no_message(
    chatkit: ChatKitClient, make_conversation: Any, status: str
) -> None:
    conversation = await database_sync_to_async(make_conversation)(status=status)

    answer = await chatkit.add(conversation.pk, "Hello?")

    assert (answer.status, answer.code) == (409, "conversation_closed")


async def test_a_conversation_of_the_staff_takes_the_message_and_gives_no_reply(
    chatkit: ChatKitClient, make_conversation: Any
) -> None:
    conversation = await database_sync_to_async(make_conversation)(handled_by="staff", title="Help")

    answer = await chatkit.add(conversation.pk, "Hello?")

    assert answer.types == ["thread.item.done", "stream_options"]
    assert answer.events[-1]["stream_options"] == {"allow_cancel": False}


async def test_too_many_messages_are_told_when_to_try_again(
    worker: None, chatkit: ChatKitClient, settings: Any
) -> None:
    settings.CHAT_RATE_PER_MINUTE = 1
    await chatkit.create()

    answer = await chatkit.create()

    assert (answer.status, answer.code) == (429, "rate_limited")
    assert int(answer.headers["Retry-After"]) > 0


async def test_a_conversation_deleted_in_the_middle_ends_the_stream_with_an_error(
    worker: None, chatkit: ChatKitClient, responder: Any, alice: Any
) -> None:
    async def delete(request: TurnRequest, recorder: TurnRecorder) -> None:
        await database_sync_to_async(services.delete_conversation)(
            user=alice, conversation_id=request.conversation_id
        )

    responder.script = staticmethod(delete)

    answer = await chatkit.create()

    assert answer.status == 200
    assert answer.types[-1] == "error"
    assert answer.events[-1]["allow_retry"] is False


# Reading and changing


async def test_a_thread_is_read_with_its_oldest_items_and_its_seq(
    worker: None, chatkit: ChatKitClient
) -> None:
    first = await chatkit.create("one")
    for number in range(10):
        await chatkit.add(first.thread_id, f"more {number}")

    answer = await chatkit.request("threads.get_by_id", {"thread_id": first.thread_id})

    conversation = await database_sync_to_async(Conversation.objects.get)(pk=first.thread_id)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Chat-Seq"] == str(conversation.last_seq)
    page = answer.json["items"]
    assert len(page["data"]) == 20
    assert page["data"][0]["content"][0]["text"] == "one"
    assert page["has_more"] is True
    assert await item_ids(chatkit, first.thread_id, after=page["after"]) != []


async def test_the_seq_of_a_thread_whose_reply_runs_is_the_one_before_the_turn(
    chatkit: ChatKitClient, send: Any
) -> None:
    sent = await send("Nobody answers this")

    answer = await chatkit.request("threads.get_by_id", {"thread_id": sent.conversation_id})

    assert answer.headers["X-Chat-Seq"] == str(sent.turn.before_seq) == "0"
    assert len(answer.json["items"]["data"]) == 1


async def test_threads_are_listed_newest_first_page_by_page(
    chatkit: ChatKitClient, make_conversation: Any
) -> None:
    made = [(await database_sync_to_async(make_conversation)(title=str(number))).pk for number in range(3)]

    first = await chatkit.request("threads.list", {"limit": 2})
    second = await chatkit.request("threads.list", {"limit": 2, "after": first.json["after"]})

    assert [thread["id"] for thread in first.json["data"]] == made[:0:-1]
    assert first.json["has_more"] is True
    assert [thread["id"] for thread in second.json["data"]] == made[:1]
    assert second.json["has_more"] is False
    assert "after" not in second.json


async def test_a_page_has_a_hundred_at_most(chatkit: ChatKitClient, make_conversation: Any) -> None:
    def make() -> str:
        conversation = make_conversation()
        for number in range(102):
            payload = {
                "type": "end_of_turn",
                "id": f"i{number}",
                "thread_id": "x",
                "created_at": "2026-01-01T00:00:00",
            }
            Item.objects.create(
                conversation=conversation,
                item_id=f"i{number}",
                position=number,
                kind="end_of_turn",
                payload=payload,
            )
        return str(conversation.pk)

    thread_id = await database_sync_to_async(make)()

    assert len(await item_ids(chatkit, thread_id, limit=9999)) == 100
    assert len(await item_ids(chatkit, thread_id, limit=-5)) == 1


async def test_a_thread_is_renamed(chatkit: ChatKitClient, make_conversation: Any) -> None:
    conversation = await database_sync_to_async(make_conversation)(thread={"metadata": {"secret": 1}})

    answer = await chatkit.request("threads.update", {"thread_id": conversation.pk, "title": "My trip"})
    blank = await chatkit.request("threads.update", {"thread_id": conversation.pk, "title": " "})

    assert answer.json["title"] == "My trip"
    assert "secret" not in answer.body.decode()
    assert (blank.status, blank.code) == (422, "invalid")


async def test_a_thread_is_deleted(chatkit: ChatKitClient, make_conversation: Any) -> None:
    conversation = await database_sync_to_async(make_conversation)()

    answer = await chatkit.request("threads.delete", {"thread_id": conversation.pk})

    assert (answer.status, answer.json) == (200, {})
    assert not await database_sync_to_async(Conversation.objects.exists)()


async def test_a_reply_gets_a_thumb(worker: None, chatkit: ChatKitClient) -> None:
    sent = await chatkit.create()
    [reply] = sent.items("assistant_message")
    params = {"thread_id": sent.thread_id, "item_ids": [reply["id"]], "kind": "negative"}

    answer = await chatkit.request("items.feedback", params)
    unknown = await chatkit.request("items.feedback", {**params, "item_ids": ["unknown"]})
    wrong = await chatkit.request("items.feedback", {**params, "kind": "so so"})

    assert (answer.status, answer.json) == (200, {})
    assert (await database_sync_to_async(Feedback.objects.get)()).kind == "negative"
    assert (unknown.status, wrong.status) == (404, 422)


# What this assistant doesn't have


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("threads.add_client_tool_output", {"result": None}),
        ("threads.add_structured_input", {"item_id": "{question}", "input": {"answers": {}}}),
        ("threads.sync_custom_action", {"item_id": "{question}", "action": {"type": "book"}}),
    ],
)
async def test_what_does_not_fit_the_thread_is_a_conflict(
    worker: None, chatkit: ChatKitClient, kind: str, params: dict[str, Any]
) -> None:
    sent = await chatkit.create()
    [question] = sent.items("user_message")
    if "item_id" in params:
        params = {**params, "item_id": question["id"]}

    answer = await chatkit.request(kind, {"thread_id": sent.thread_id, **params})

    assert (answer.status, answer.code) == (409, "conflict")


async def test_an_action_that_nobody_handles_is_told_so(
    chatkit: ChatKitClient, make_conversation: Any
) -> None:
    conversation = await database_sync_to_async(make_conversation)()
    params = {"thread_id": conversation.pk, "action": {"type": "book", "payload": {"seat": "14A"}}}

    streamed = await chatkit.request("threads.custom_action", params)
    at_once = await chatkit.request("threads.sync_custom_action", params)

    assert streamed.types == ["stream_options", "error"]
    assert streamed.events[-1]["allow_retry"] is False
    assert (at_once.status, at_once.code) == (404, "not_found")


# Who asks, and how


THREAD_REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("threads.get_by_id", {}),
    ("threads.update", {"title": "Mine"}),
    ("threads.delete", {}),
    ("threads.add_user_message", {"input": message()}),
    ("threads.retry_after_item", {"item_id": "i1"}),
    ("threads.add_client_tool_output", {"result": 1}),
    ("threads.add_structured_input", {"item_id": "i1", "input": {}}),
    ("threads.custom_action", {"action": {"type": "book"}}),
    ("threads.sync_custom_action", {"action": {"type": "book"}}),
    ("items.list", {}),
    ("items.feedback", {"item_ids": [], "kind": "positive"}),
]


@pytest.mark.parametrize(("kind", "params"), THREAD_REQUESTS, ids=[kind for kind, _ in THREAD_REQUESTS])
async def test_an_unknown_thread_and_a_strangers_are_the_same(
    chatkit: ChatKitClient, stranger: ChatKitClient, make_conversation: Any, kind: str, params: dict[str, Any]
) -> None:
    conversation = await database_sync_to_async(make_conversation)()

    unknown = await chatkit.request(kind, {"thread_id": "nothing/of the kind", **params})
    foreign = await stranger.request(kind, {"thread_id": conversation.pk, **params})

    assert (unknown.status, unknown.code) == (404, "not_found")
    assert (foreign.status, foreign.code) == (404, "not_found")
    assert foreign.json["detail"] == unknown.json["detail"]
    assert await database_sync_to_async(Conversation.objects.filter(pk=conversation.pk).exists)()


@pytest.mark.parametrize("body", [b" ", b"{", b"[]", b'"x"', b"\xff", b'{"type": NaN}'])
async def test_a_body_that_is_no_json_object_is_malformed(chatkit: ChatKitClient, body: bytes) -> None:
    answer = await chatkit.post(body)

    assert (answer.status, answer.code) == (400, "malformed")


@pytest.mark.parametrize("body", [{}, {"type": "threads.explode", "params": {}}, {"params": {}}, {"type": 7}])
async def test_an_unknown_request_type_is_malformed(chatkit: ChatKitClient, body: Any) -> None:
    answer = await chatkit.post(json.dumps(body))

    assert (answer.status, answer.code) == (400, "malformed")


@pytest.mark.parametrize(
    ("kind", "params", "field"),
    [
        ("threads.get_by_id", {}, "params.thread_id"),
        ("threads.get_by_id", {"thread_id": 7}, "params.thread_id"),
        ("threads.create", {"input": {"content": "Hello"}}, "params.input.content"),
        ("threads.list", {"order": "sideways"}, "params.order"),
    ],
)
async def test_a_wrong_field_is_named(chatkit: ChatKitClient, kind: str, params: Any, field: str) -> None:
    answer = await chatkit.request(kind, params)

    assert (answer.status, answer.code) == (422, "invalid")
    assert field in [error["field"] for error in answer.json["errors"]]


async def test_text_that_cannot_be_stored_is_refused(chatkit: ChatKitClient) -> None:
    answer = await chatkit.create("a\x00b")

    assert (answer.status, answer.code) == (422, "invalid")


async def test_a_body_that_is_too_large_is_refused(chatkit: ChatKitClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    answer = await chatkit.create("x" * 1000)

    assert (answer.status, answer.code) == (413, "too_large")


async def test_a_body_that_says_it_is_something_else_is_refused(chatkit: ChatKitClient) -> None:
    answer = await chatkit.post(b"type=threads.list", content_type="application/x-www-form-urlencoded")

    assert (answer.status, answer.code) == (415, "unsupported_media_type")


async def test_a_key_that_is_too_long_is_refused(chatkit: ChatKitClient) -> None:
    answer = await chatkit.create(**{"Idempotency-Key": "k" * 201})

    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "Idempotency-Key")


async def test_the_door_takes_post_alone(alice: Any) -> None:
    client = AsyncClient()
    await client.aforce_login(alice)

    answer = await client.get("/chatkit", headers={"Origin": "http://testserver"})

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert answer["Content-Type"] == "application/problem+json"


async def test_nobody_asks_without_a_name() -> None:
    nobody = ChatKitClient(None)

    without = await nobody.request("threads.list")
    with_a_bad_one = await nobody.request("threads.list", Authorization="Bearer nonsense")

    assert (without.status, without.code) == (401, "not_authenticated")
    assert (with_a_bad_one.status, with_a_bad_one.code) == (401, "not_authenticated")


async def test_the_session_counts_on_the_sites_own_pages(alice: Any) -> None:
    client = AsyncClient()
    await client.aforce_login(alice)
    body = json.dumps({"type": "threads.list", "params": {}})

    async def ask(**headers: str) -> int:
        answer = await client.post("/chatkit", data=body, content_type="application/json", headers=headers)
        return int(answer.status_code)

    assert await ask(Origin="http://testserver") == 200
    assert await ask(Origin="https://elsewhere.example") == 401
    assert await ask() == 401


def test_the_view_does_not_bring_the_agents_into_memory() -> None:
    code = (
        "import django; django.setup(); import conversations.api.chatkit, sys; print('agents' in sys.modules)"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "False"
