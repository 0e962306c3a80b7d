"""Flights are looked for by a tool, shown on a card, and booked by a press on it: once, and only what was offered."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from chatkit.types import WidgetItem
from django.utils import timezone
from pydantic import TypeAdapter

from agents_app.airline import booking, services
from agents_app.airline.models import Cabin, Flight, FlightSearch
from agents_app.airline.profile import profile_data
from agents_app.airline.widgets import flight_options
from conversations.errors import Conflict, NotFound
from conversations.models import Conversation, Item
from conversations.services import ToolRefused
from conversations.services.items import place, store_item
from tests.conversations.chatkit_client import Answer, ChatKitClient

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timezone.now().date() + timedelta(days=30)


def search(user: Any, **changes: Any) -> FlightSearch:
    asked: dict[str, Any] = {
        "destination": "LIS",
        "departs_on": DAY.isoformat(),
        "returns_on": (DAY + timedelta(days=3)).isoformat(),
        "cabin": "economy",
        "item_id": "widget_1",
    }
    return booking.search_flights(user_id=user.pk, **{**asked, **changes})


@sync_to_async
def show(user: Any, **changes: Any) -> tuple[Conversation, FlightSearch]:
    """Show a card in a conversation, as the tool's turn does."""
    found = search(user, **changes)
    conversation = Conversation.objects.create(user=user)
    conversation.refresh_from_db()
    store_item(conversation, place(conversation.pk, flight_options(found)))
    conversation.save()
    return conversation, found


async def choose(user: Any, thread_id: str, option_id: Any, item_id: Any = "widget_1", **more: Any) -> Answer:
    payload = {"id": option_id, **more}
    params = {
        "thread_id": thread_id,
        "item_id": item_id,
        "action": {"type": "flight.select", "payload": payload},
    }
    return await ChatKitClient(user).request("threads.custom_action", params)


@sync_to_async
def booked(user: Any) -> list[str]:
    return [segment["flight_number"] for segment in profile_data(user_id=user.pk)["segments"]]


@sync_to_async
def stored(conversation: Conversation) -> list[dict[str, Any]]:
    return [item.payload for item in Item.objects.filter(conversation=conversation).order_by("position")]


# Looking


def test_flights_of_a_day_are_always_the_same_under_new_ids(alice: Any) -> None:
    first, second = search(alice), search(alice)

    def without_ids(found: FlightSearch) -> list[dict[str, Any]]:
        return [{name: value for name, value in each.items() if name != "id"} for each in found.options]

    assert without_ids(first) == without_ids(second)
    assert not {each["id"] for each in first.options} & {each["id"] for each in second.options}
    assert (first.origin, first.destination) == ("BER", "LIS")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"destination": "Atlantis"}, "doesn’t fly to “Atlantis”"),
        ({"destination": "Berlin"}, "same airport"),
        ({"departs_on": "next week"}, "YYYY-MM-DD"),
        ({"departs_on": "2020-01-01"}, "before today"),
        ({"departs_on": (DAY + timedelta(days=500)).isoformat()}, "sold until"),
        ({"returns_on": (DAY - timedelta(days=1)).isoformat()}, "before the departure"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_in_words(alice: Any, change: Any, words: str) -> None:
    with pytest.raises(ToolRefused, match=words):
        search(alice, **change)


@pytest.mark.parametrize("cabin", Cabin.values)
def test_the_card_is_a_widget_of_openais_own(alice: Any, cabin: str) -> None:
    found = search(alice, destination="Tokyo", origin="SFO", cabin=cabin)
    booking.choose_flight(user_id=alice.pk, option_id=found.options[1]["id"])

    for state in (found, FlightSearch.objects.get(pk=found.pk)):
        item = place("conv_1", flight_options(state))
        widget = TypeAdapter(WidgetItem).validate_python(item)
        assert "option_" not in item["copy_text"]
        # What the types don't know they leave out; defaults that are not said they add, where it is loaded afresh.
        assert widget.model_dump(mode="json", exclude_none=True)["widget"] == item["widget"]


# Choosing


async def test_the_way_out_is_booked_and_the_way_back_offered(alice: Any) -> None:
    conversation, found = await show(alice)

    answer = await choose(alice, conversation.pk, found.options[0]["id"])

    assert answer.types == ["thread.item.replaced", *["thread.item.done"] * 2, "client_effect"]
    assert await booked(alice) == ["LN 418", "LN 421", found.options[0]["number"]]
    assert answer.events[-1]["name"] == "customer_profile/update"
    assert answer.events[-1]["data"]["profile"]["segments"][2]["flight_number"] == found.options[0]["number"]
    way_back = answer.events[2]["item"]
    leg = way_back["widget"]["children"][0]
    final = await choose(alice, conversation.pk, leg["key"], way_back["id"])
    assert final.types == ["thread.item.replaced", "thread.item.done", "client_effect"]
    assert "complete" in final.events[1]["item"]["content"][0]["text"]
    assert len(await booked(alice)) == 4


async def test_the_lock_survives_a_reload(alice: Any) -> None:
    conversation, found = await show(alice)
    await choose(alice, conversation.pk, found.options[1]["id"])

    answer = await ChatKitClient(alice).request("threads.get_by_id", {"thread_id": conversation.pk})

    [card, said, _] = answer.json["items"]["data"]
    assert [row["key"] for row in card["widget"]["children"]] == [found.options[1]["id"]]
    assert "onClickAction" not in card["widget"]["children"][0]
    assert said["content"][0]["text"].startswith("Booked: ")


@pytest.mark.parametrize("option", [0, 1])
async def test_a_replay_is_refused_and_books_nothing(alice: Any, option: int) -> None:
    conversation, found = await show(alice)
    await choose(alice, conversation.pk, found.options[0]["id"])
    before = await stored(conversation)

    again = await choose(alice, conversation.pk, found.options[option]["id"])

    assert (again.status, again.code) == (409, "conflict")
    assert "chosen" in again.json["detail"]
    assert len(await booked(alice)) == 3
    assert await stored(conversation) == before


async def test_two_presses_at_once_book_one_flight(alice: Any) -> None:
    conversation, found = await show(alice)

    answers = await asyncio.gather(*(choose(alice, conversation.pk, each["id"]) for each in found.options))

    assert sorted(answer.status for answer in answers) == [200, 409, 409]
    assert len(await booked(alice)) == 3


async def test_what_the_browser_says_of_an_option_is_not_believed(alice: Any) -> None:
    conversation, found = await show(alice)
    forged = {**found.options[0], "price": 1, "number": "LN 1"}

    answer = await choose(
        alice,
        conversation.pk,
        found.options[0]["id"],
        options=[forged],
        request={"origin": "BER", "destination": "JFK", "cabin": "first"},
        leg="return",
    )

    assert answer.status == 200
    flight = await Flight.objects.aget(number=found.options[0]["number"])
    assert (flight.destination, flight.paid, flight.cabin) == ("LIS", found.options[0]["price"], "economy")


@pytest.mark.parametrize(
    ("option_id", "item_id", "status"),
    [
        ("option_nobody_knows", "widget_1", 404),
        ("flight-morning", "widget_1", 404),
        (7, "widget_1", 422),
        ("", "widget_1", 422),
        ("option", "widget_unknown", 404),
    ],
)
async def test_what_was_not_offered_is_refused(alice: Any, option_id: Any, item_id: str, status: int) -> None:
    conversation, found = await show(alice)
    wanted = found.options[0]["id"] if option_id == "option" else option_id

    answer = await choose(alice, conversation.pk, wanted, item_id)

    assert answer.status == status
    assert len(await booked(alice)) == 2


async def test_a_stranger_can_choose_nothing(alice: Any, mallory: Any) -> None:
    conversation, found = await show(alice)
    own, _ = await show(mallory, item_id="widget_2")

    foreign = await choose(mallory, conversation.pk, found.options[0]["id"])
    smuggled = await choose(mallory, own.pk, found.options[0]["id"], "widget_2")

    assert (foreign.status, smuggled.status) == (404, 404)
    assert len(await booked(alice)) == len(await booked(mallory)) == 2


async def test_an_action_without_streaming_answers_with_the_card(alice: Any) -> None:
    conversation, found = await show(alice, returns_on=None)
    action = {"type": "flight.select", "payload": {"id": found.options[0]["id"]}}
    params = {"thread_id": conversation.pk, "item_id": "widget_1", "action": action}

    answer = await ChatKitClient(alice).request("threads.sync_custom_action", params)

    assert answer.json["updated_item"]["widget"]["status"]["text"].startswith("Booked: ")
    assert len(await booked(alice)) == 3


def test_two_flights_at_the_same_time_are_refused(alice: Any) -> None:
    trip = date.fromisoformat(profile_data(user_id=alice.pk)["segments"][0]["date"])
    options = search(alice, departs_on=trip.isoformat(), returns_on=None).options

    with pytest.raises(ToolRefused, match="LN 418 at that time"):
        booking.choose_flight(user_id=alice.pk, option_id=options[1]["id"])
    services.cancel_trip(user_id=alice.pk)
    booking.choose_flight(user_id=alice.pk, option_id=options[1]["id"])


def test_a_chosen_option_is_gone_for_good(alice: Any, bob: Any) -> None:
    options = search(alice).options
    booking.choose_flight(user_id=alice.pk, option_id=options[0]["id"])

    with pytest.raises(Conflict):
        booking.choose_flight(user_id=alice.pk, option_id=options[0]["id"])
    with pytest.raises(NotFound):
        booking.choose_flight(user_id=bob.pk, option_id=options[1]["id"])
