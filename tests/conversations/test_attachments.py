"""Pictures: announced, uploaded, sent, seen by the assistant, given to their owner, gone with the conversation."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from chatkit.types import Attachment, UserMessageItem
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient
from django.utils import timezone
from pydantic import TypeAdapter

from chatsite.accounts import tokens
from conversations import services
from conversations.models import Attachment as Row
from conversations.models import Upload
from conversations.services.attachments import MAX_BYTES, MAX_WAITING
from tests.conversations.chatkit_client import Answer, ChatKitClient, message
from tests.conversations.scripted import ScriptedResponder

pytestmark = pytest.mark.django_db(transaction=True)

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20


@pytest.fixture
def chatkit(alice: Any) -> ChatKitClient:
    return ChatKitClient(alice)


async def announce(chatkit: ChatKitClient, **changes: Any) -> Answer:
    params = {"name": "lisbon.png", "size": len(PNG), "mime_type": "image/png", **changes}
    return await chatkit.request("attachments.create", params)


async def ask(user: Any, method: str, address: str, **data: Any) -> Any:
    """Ask as the user's page would, for the path of an address that was given out."""
    access = (await sync_to_async(tokens.issue)(user)).access
    path = address.removeprefix("http://testserver")
    assert path.startswith("/chatkit/attachments/atc_")
    return await getattr(AsyncClient(), method)(path, headers={"Authorization": f"Bearer {access}"}, **data)


async def upload(user: Any, announced: Any, data: bytes = PNG) -> Any:
    file = SimpleUploadedFile("lisbon.png", data, "image/png")
    return await ask(user, "post", announced["upload_descriptor"]["url"], data={"file": file})


async def uploaded(user: Any, chatkit: ChatKitClient, **changes: Any) -> Any:
    announced = (await announce(chatkit, **changes)).json
    assert (await upload(user, announced)).status_code == 200
    return announced


async def test_a_page_with_a_token_uploads_with_what_it_was_told(chatkit: ChatKitClient) -> None:
    announced = (await announce(chatkit)).json
    told = announced["upload_descriptor"]
    tried: list[dict[str, str]] = [{}, told["headers"]]
    stored = await Row.objects.aget(attachment_id=announced["id"])

    answers = [
        await AsyncClient().put(
            told["url"].removeprefix("http://testserver"), PNG, content_type="image/png", headers=headers
        )
        for headers in tried
    ]

    assert [answer.status_code for answer in answers] == [401, 200]
    assert stored.payload["upload_descriptor"]["headers"] == {}


async def test_a_picture_goes_the_whole_way(
    worker: None, responder: type[ScriptedResponder], chatkit: ChatKitClient, alice: Any
) -> None:
    announced = (await announce(chatkit)).json
    TypeAdapter(Attachment).validate_python(announced)

    stored = (await upload(alice, announced)).json()
    sent = await chatkit.request(
        "threads.create", {"input": message("Where is this?", attachments=[announced["id"]])}
    )

    assert "upload_descriptor" not in stored
    [question] = sent.items("user_message")
    assert UserMessageItem.model_validate(question).attachments[0].id == announced["id"]
    [image] = responder.requests[-1].history[-1].images  # type: ignore[union-attr]
    assert (image.name, image.media_type, image.data) == ("lisbon.png", "image/png", PNG)
    content = await ask(alice, "get", question["attachments"][0]["preview_url"])
    assert (content.content, content["Content-Type"]) == (PNG, "image/png")
    assert content["Content-Disposition"] == "inline; filename*=UTF-8''lisbon.png"
    assert "sandbox" in content["Content-Security-Policy"]


async def test_a_picture_needs_no_words_and_the_body_no_form(
    worker: None, responder: type[ScriptedResponder], chatkit: ChatKitClient, alice: Any
) -> None:
    announced = (await announce(chatkit)).json
    raw = await ask(alice, "put", announced["upload_descriptor"]["url"], data=PNG, content_type="image/png")

    sent = await chatkit.request("threads.create", {"input": message("", attachments=[announced["id"]])})

    assert (raw.status_code, sent.status) == (200, 200)
    assert len(responder.requests[-1].history[-1].images) == 1  # type: ignore[union-attr]


async def test_what_it_is_is_seen_by_its_bytes(chatkit: ChatKitClient, alice: Any) -> None:
    announced = (await announce(chatkit)).json

    page = await upload(alice, announced, b"<svg onload=alert(1)>")
    photo = await upload(alice, announced, JPEG)

    assert (page.status_code, page.json()["code"]) == (415, "unsupported_media_type")
    assert photo.json()["mime_type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"size": MAX_BYTES + 1}, 413),
        ({"mime_type": "image/svg+xml"}, 415),
        ({"mime_type": "application/pdf"}, 415),
        ({"size": -1}, 422),
        ({"name": " "}, 422),
        ({"name": "x" * 201}, 422),
    ],
)
async def test_what_cannot_be_attached_is_refused(chatkit: ChatKitClient, changes: Any, status: int) -> None:
    assert (await announce(chatkit, **changes)).status == status
    assert not await Row.objects.aexists()


async def test_an_upload_has_its_limits(chatkit: ChatKitClient, alice: Any) -> None:
    announced = (await announce(chatkit)).json
    address = announced["upload_descriptor"]["url"]

    too_large = await upload(alice, announced, PNG + b"\0" * MAX_BYTES)
    nothing = await ask(alice, "post", address, data=b"", content_type="image/png")
    no_file = await ask(alice, "post", address, data={"other": "x"})
    broken = await ask(alice, "post", address, data=b"x", content_type="multipart/form-data")

    assert [each.status_code for each in (too_large, nothing, no_file, broken)] == [413, 400, 400, 400]
    assert not await Upload.objects.aexists()


async def test_a_stranger_gets_sends_changes_and_deletes_nothing(
    chatkit: ChatKitClient, alice: Any, mallory: Any
) -> None:
    announced = await uploaded(alice, chatkit)
    stranger = ChatKitClient(mallory)

    read = await ask(mallory, "get", announced["preview_url"])
    written = await upload(mallory, announced, JPEG)
    deleted = await stranger.request("attachments.delete", {"attachment_id": announced["id"]})
    sent = await stranger.request("threads.create", {"input": message("x", attachments=[announced["id"]])})
    nobody = await AsyncClient().get(announced["preview_url"].removeprefix("http://testserver"))

    assert [read.status_code, written.status_code, deleted.status, nobody.status_code] == [404, 404, 404, 401]
    assert (sent.status, sent.json["errors"][0]["field"]) == (422, "attachments")
    assert bytes((await Upload.objects.aget()).data) == PNG


async def test_only_what_was_uploaded_can_be_sent(chatkit: ChatKitClient) -> None:
    announced = (await announce(chatkit)).json

    for attachment_id in (announced["id"], "atc_unknown"):
        sent = await chatkit.request("threads.create", {"input": message("x", attachments=[attachment_id])})
        assert (sent.status, sent.json["errors"][0]["field"]) == (422, "attachments")


async def test_what_was_sent_stays_as_it_is_and_where_it_is(
    worker: None, chatkit: ChatKitClient, alice: Any
) -> None:
    announced = await uploaded(alice, chatkit)
    asked = {"input": message("x", attachments=[announced["id"]])}
    await chatkit.request("threads.create", asked)

    changed = await upload(alice, announced, JPEG)
    elsewhere = await chatkit.request("threads.create", asked)
    deleted = await chatkit.request("attachments.delete", {"attachment_id": announced["id"]})

    assert (changed.status_code, elsewhere.status, deleted.status) == (409, 422, 409)
    assert (await ask(alice, "get", announced["preview_url"])).content == PNG


async def test_pictures_go_with_their_conversation(worker: None, chatkit: ChatKitClient, alice: Any) -> None:
    announced = await uploaded(alice, chatkit)
    sent = await chatkit.request("threads.create", {"input": message("x", attachments=[announced["id"]])})

    await chatkit.request("threads.delete", {"thread_id": sent.thread_id})

    assert (await ask(alice, "get", announced["preview_url"])).status_code == 404
    assert not await Row.objects.aexists()


async def test_what_is_never_sent_goes_after_a_day(chatkit: ChatKitClient, alice: Any) -> None:
    await announce(chatkit)
    old = await uploaded(alice, chatkit)
    await Row.objects.aupdate(created_at=timezone.now() - timedelta(days=2))
    fresh = await uploaded(alice, chatkit)

    await sync_to_async(services.delete_unsent_attachments)()

    left = [row.attachment_id async for row in Row.objects.all()]
    assert left == [fresh["id"]]
    assert old["id"] not in left


async def test_too_many_waiting_are_refused(chatkit: ChatKitClient, alice: Any) -> None:
    for number in range(MAX_WAITING):
        await Row.objects.acreate(user=alice, attachment_id=f"atc_{number}", payload={})

    answer = await announce(chatkit)

    assert (answer.status, answer.code) == (429, "rate_limited")


async def test_the_same_send_again_is_the_same_message_and_another_picture_is_not(
    worker: None, chatkit: ChatKitClient, alice: Any
) -> None:
    one, other = await uploaded(alice, chatkit), await uploaded(alice, chatkit)

    async def send(announced: Any) -> Answer:
        params = {"input": message("x", attachments=[announced["id"]])}
        return await chatkit.request("threads.create", params, **{"Idempotency-Key": "k1"})

    first, again, different = await send(one), await send(one), await send(other)

    assert first.thread_id == again.thread_id
    assert different.status == 409
