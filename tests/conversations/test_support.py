"""The customer-support sample's own page runs here unchanged: no credentials, and served by another port."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as site
from django.test import AsyncClient

from chatsite.accounts import tokens
from chatsite.accounts.models import User
from conversations.models import Conversation, Turn
from tests.conversations.chatkit_client import message, read_event
from tests.conversations.test_attachments import PNG

pytestmark = pytest.mark.django_db(transaction=True)

#: The sample's development server, which passes /support on with another Host.
PAGE = "http://localhost:5171"


class Page:
    """The sample's page in a browser: what it asks for, with the cookies that it was given."""

    def __init__(self, **headers: str) -> None:
        self.client = AsyncClient()
        self._headers = {"Origin": PAGE, **headers}

    async def chatkit(self, kind: str, **params: Any) -> Any:
        body = json.dumps({"type": kind, "params": params})
        return await self.client.post(
            "/support/chatkit", body, content_type="application/json", headers=self._headers
        )

    async def say(self, text: str, **fields: Any) -> list[dict[str, Any]]:
        answer = await self.chatkit("threads.create", input=message(text, **fields))
        assert answer.status_code == 200, answer.content
        async with asyncio.timeout(20):
            return [read_event(chunk) async for chunk in answer]

    async def customer(self, thread_id: str = "") -> Any:
        return await self.client.get("/support/customer", {"thread_id": thread_id} if thread_id else {})


async def test_a_visitor_becomes_a_guest_and_stays_the_same(worker: None) -> None:
    page = Page()

    first = (await page.customer()).json()["customer"]
    events = await page.say("Hello")
    thread_id = events[0]["thread"]["id"]
    later = (await page.customer(thread_id)).json()["customer"]

    assert await User.objects.aget() == await User.objects.aget(pk=first["customer_id"], is_guest=True)
    assert later["customer_id"] == first["customer_id"]
    assert [flight["flight_number"] for flight in first["segments"]] == ["LN 418", "LN 421"]
    cookie = page.client.cookies[site.SESSION_COOKIE_NAME]
    assert (cookie["samesite"], cookie["httponly"]) == ("Lax", True)
    threads = (await page.chatkit("threads.list")).json()["data"]
    assert [thread["id"] for thread in threads] == [thread_id]


async def test_pictures_go_through_the_pages_own_proxy(worker: None) -> None:
    page = Page()
    await page.customer()
    asked = {"name": "paris.png", "size": len(PNG), "mime_type": "image/png"}
    announced = (await page.chatkit("attachments.create", **asked)).json()
    address = announced["upload_descriptor"]["url"]
    assert address.startswith(f"{PAGE}/support/attachments/")
    assert announced["upload_descriptor"]["headers"] == {}

    stored = await page.client.post(address.removeprefix(PAGE), PNG, content_type="image/png")
    events = await page.say("Take me there", attachments=[announced["id"]])
    content = await page.client.get(announced["preview_url"].removeprefix(PAGE))

    assert stored.status_code == 200
    assert events[1]["item"]["attachments"][0]["id"] == announced["id"]
    assert content.content == PNG
    assert (await Page().client.get(announced["preview_url"].removeprefix(PAGE))).status_code == 401


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("de-AT,de;q=0.9", "de"), ("zh-TW", "zh-hant"), ("tlh, pt-BR;q=0.5", "pt"), ("tlh", "")],
)
async def test_a_turn_knows_what_its_page_speaks(worker: None, wanted: str, language: str) -> None:
    page = Page(**{"Accept-Language": wanted})

    await page.say("Hello")

    assert (await Turn.objects.aget()).language == language


async def test_the_trip_is_told_in_the_language_of_the_page_that_shows_it() -> None:
    page = AsyncClient()
    headers = {"Accept-Language": "ja"}

    browsers = (await page.get("/support/customer", headers=headers)).json()["customer"]
    page.cookies[site.LANGUAGE_COOKIE_NAME] = "de"
    chosen = (await page.get("/support/customer", headers=headers)).json()["customer"]

    assert browsers["segments"][0]["origin_city"] == "ベルリン"
    assert chosen["timeline"][0]["entry"] == "Platz 14A auf LN 418 gewählt"


async def test_health_needs_nobody() -> None:
    answer = await AsyncClient().get("/support/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "healthy"})
    assert not await User.objects.aexists()


async def test_another_visitor_sees_nothing_of_it(worker: None) -> None:
    page, other = Page(), Page()
    thread_id = (await page.say("Hello"))[0]["thread"]["id"]

    customer = await other.customer(thread_id)
    thread = await other.chatkit("threads.get_by_id", thread_id=thread_id)

    assert (customer.status_code, thread.status_code) == (404, 404)


async def test_a_thread_that_no_table_could_hold_is_unknown() -> None:
    assert (await Page().customer("conv_\x00")).status_code == 404


async def test_a_bad_token_is_never_a_guest() -> None:
    answer = await Page(Authorization="Bearer nonsense").chatkit("threads.list")

    assert answer.status_code == 401
    assert not await User.objects.aexists()


async def test_a_token_is_its_users(alice: Any) -> None:
    access = (await sync_to_async(tokens.issue)(alice)).access

    answer = await AsyncClient().get("/support/customer", headers={"Authorization": f"Bearer {access}"})

    assert answer.json()["customer"]["customer_id"] == alice.pk


async def test_without_guests_nobody_is_let_in(settings: Any) -> None:
    settings.CHAT_GUESTS = False

    assert (await Page().customer()).status_code == 401
    assert not await User.objects.aexists()


async def test_guests_are_made_no_quicker_than_elsewhere(settings: Any) -> None:
    settings.AUTH_RATE_PER_MINUTE = 2

    answers = [(await Page().customer()).status_code for _ in range(3)]

    assert answers == [200, 200, 429]


@pytest.mark.parametrize(
    ("content_type", "headers"),
    [("text/plain", {}), ("application/json", {"Sec-Fetch-Site": "cross-site"})],
)
async def test_another_sites_page_cannot_make_a_guest_of_anybody(content_type: str, headers: Any) -> None:
    answer = await AsyncClient().post(
        "/support/chatkit",
        json.dumps({"type": "threads.list", "params": {}}),
        content_type=content_type,
        headers={"Origin": "https://evil.example", **headers},
    )

    assert answer.status_code == 401
    assert not answer.cookies
    assert not await User.objects.aexists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://testserver"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 401),
        ({}, 401),
    ],
)
async def test_who_signed_in_is_not_believed_from_anywhere(alice: Any, headers: Any, status: int) -> None:
    page = Page(**headers)
    await page.client.aforce_login(alice)

    answer = await page.chatkit("threads.list")

    assert answer.status_code == status
    assert await User.objects.acount() == 1


async def test_a_guests_flights_are_chosen_on_the_card(worker: None, make_conversation: Any) -> None:
    page = Page()
    customer = (await page.customer()).json()["customer"]
    conversation = await sync_to_async(make_conversation)(
        user=await User.objects.aget(pk=customer["customer_id"])
    )
    action = {"type": "flight.select", "payload": {"id": "flight-morning", "options": [], "leg": "outbound"}}

    answer = await page.chatkit("threads.custom_action", thread_id=conversation.pk, action=action)

    assert answer.status_code == 404
    assert await Conversation.objects.filter(user=customer["customer_id"]).aexists()
