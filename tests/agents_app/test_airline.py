"""What the airline allows, and what it refuses in words that a customer understands."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone, translation

from agents_app.airline import services
from agents_app.airline.airports import find_airport
from agents_app.airline.models import Flight, Profile
from agents_app.airline.profile import profile_data
from conversations.services import ToolRefused

pytestmark = pytest.mark.django_db


def timeline(user: Any) -> list[str]:
    return [entry.words() for entry in services.get_trip(user_id=user.pk).timeline.order_by("-happened_at")]


def test_a_new_customer_has_a_trip_a_few_days_ahead(alice: Any) -> None:
    profile = services.get_trip(user_id=alice.pk)

    flights = list(profile.flights.order_by("departs_at"))
    assert [(f.number, f.origin, f.destination, f.seat) for f in flights] == [
        ("LN 418", "BER", "LIS", "14A"),
        ("LN 421", "LIS", "BER", "11C"),
    ]
    assert flights[0].departs_at > timezone.now()
    assert (flights[0].departs_at.date() - timezone.now().date()).days == 5
    assert len(timeline(alice)) == 3


def test_a_trip_stays_what_it_is(alice: Any) -> None:
    first, second = services.get_trip(user_id=alice.pk), services.get_trip(user_id=alice.pk)

    assert first == second
    assert Flight.objects.count() == 2


def test_customers_have_bookings_of_their_own(alice: Any, bob: Any) -> None:
    services.change_seat(user_id=alice.pk, flight_number="LN 418", seat="14C")

    mine, theirs = services.get_trip(user_id=alice.pk), services.get_trip(user_id=bob.pk)

    assert mine.booking_reference != theirs.booking_reference
    assert theirs.flights.get(number="LN 418").seat == "14A"


@pytest.mark.parametrize(("flight", "seat"), [("LN 418", "14C"), ("ln418", "14c"), (" LN-418 ", "14 c")])
def test_a_seat_may_be_written_in_several_ways(alice: Any, flight: str, seat: str) -> None:
    changed = services.change_seat(user_id=alice.pk, flight_number=flight, seat=seat)

    changed.refresh_from_db()
    assert (changed.number, changed.seat) == ("LN 418", "14C")
    assert timeline(alice)[0] == "Seat 14A changed to 14C on LN 418"


@pytest.mark.parametrize(
    ("flight", "seat", "words"),
    [
        ("LN 418", "14Z", "not a seat"),
        ("LN 418", "31A", "not a seat"),
        ("LN 418", "0A", "not a seat"),
        ("LN 418", "", "not a seat"),
        ("LN 418", "window", "not a seat"),
        ("LN 418", "14C; drop table", "not a seat"),
        ("LN 999", "14C", "not part of this booking"),
        ("LN 418", "14B", "taken. Free in the same row: 14C, 14D, 14E"),
        ("LN 418", "2A", "Business"),
        ("LN 418", "14A", "already sit"),
    ],
)
def test_what_is_not_possible_is_refused_in_words(alice: Any, flight: str, seat: str, words: str) -> None:
    with pytest.raises(ToolRefused, match=words):
        services.change_seat(user_id=alice.pk, flight_number=flight, seat=seat)

    assert services.get_trip(user_id=alice.pk).flights.get(number="LN 418").seat == "14A"
    assert len(timeline(alice)) == 3


def test_bags_are_added_up_to_the_limit(alice: Any) -> None:
    counts = [services.add_checked_bag(user_id=alice.pk).checked_bags for _ in range(2)]

    assert counts == [2, 3]
    with pytest.raises(ToolRefused, match="3 checked bags already"):
        services.add_checked_bag(user_id=alice.pk)


def let_pass(profile: Profile, time: timedelta) -> None:
    for flight in profile.flights.order_by("departs_at"):
        flight.departs_at -= time
        flight.arrives_at -= time
        flight.save()


def test_nothing_changes_after_departure(alice: Any) -> None:
    profile = services.get_trip(user_id=alice.pk)
    last = profile.flights.latest("departs_at")
    let_pass(profile, last.departs_at - timezone.now() + timedelta(minutes=1))

    with pytest.raises(ToolRefused, match="departed"):
        services.change_seat(user_id=alice.pk, flight_number="LN 418", seat="14C")
    with pytest.raises(ToolRefused, match="departed"):
        services.add_checked_bag(user_id=alice.pk)


def test_a_trip_that_is_over_makes_place_for_a_new_one(alice: Any) -> None:
    services.set_meal(user_id=alice.pk, meal="vegan")
    let_pass(services.get_trip(user_id=alice.pk), timedelta(days=30))

    profile = services.get_trip(user_id=alice.pk)

    days = [
        (flight.departs_at.date() - timezone.now().date()).days
        for flight in profile.flights.order_by("departs_at")
    ]
    assert sorted(days) == [5, 8]
    assert profile.meal == "Vegan"
    assert services.change_seat(user_id=alice.pk, flight_number="LN 418", seat="14C").seat == "14C"


def test_a_profile_of_an_earlier_version_is_completed(alice: Any) -> None:
    services.get_trip(user_id=alice.pk)
    Profile.objects.update(loyalty_id="", tier_benefits=[], name="Alice A.")

    data = profile_data(user_id=alice.pk)

    assert data["loyalty_id"].startswith("LN-")
    assert data["tier_benefits"]
    assert data["name"] == "Alice A."


def test_a_meal_and_assistance_are_noted(alice: Any) -> None:
    services.set_meal(user_id=alice.pk, meal="  vegan  ")
    services.request_assistance(user_id=alice.pk, text="A wheelchair\nto the gate")

    data = profile_data(user_id=alice.pk)

    assert (data["meal_preference"], data["special_assistance"]) == ("Vegan", "A wheelchair to the gate")
    assert [entry["entry"] for entry in data["timeline"][:2]] == [
        "Assistance requested: A wheelchair to the gate",
        "Meal: Vegan",
    ]
    assert services.set_meal(user_id=alice.pk, meal="standard").meal == ""


@pytest.mark.parametrize("text", ["", " \n ", "x" * 501])
def test_a_wish_needs_some_words_and_not_too_many(alice: Any, text: str) -> None:
    with pytest.raises(ToolRefused):
        services.request_assistance(user_id=alice.pk, text=text)
    with pytest.raises(ToolRefused):
        services.set_meal(user_id=alice.pk, meal=text)


def test_a_trip_is_cancelled_once_and_paid_back_after_the_fee(alice: Any) -> None:
    assert services.get_refund(user_id=alice.pk) == 214

    assert services.cancel_trip(user_id=alice.pk) == 214

    data = profile_data(user_id=alice.pk)
    assert [segment["status"] for segment in data["segments"]] == ["Cancelled", "Cancelled"]
    assert data["timeline"][0]["entry"] == "Trip cancelled, 214 € go back to you"
    for change in (
        lambda: services.cancel_trip(user_id=alice.pk),
        lambda: services.add_checked_bag(user_id=alice.pk),
        lambda: services.change_seat(user_id=alice.pk, flight_number="LN 418", seat="14C"),
    ):
        with pytest.raises(ToolRefused, match="is cancelled"):
            change()


def test_the_profile_has_what_the_samples_page_reads(alice: Any) -> None:
    data = profile_data(user_id=alice.pk)

    assert json.loads(json.dumps(data)) == data
    assert data.keys() >= {
        *("customer_id", "name", "loyalty_status", "loyalty_id", "email", "phone", "home_airport"),
        *("preferred_routes", "travel_summary", "tier_benefits", "loyalty_progress", "segments"),
        *("bags_checked", "meal_preference", "special_assistance", "timeline", "spotlight"),
    }
    assert data["segments"][0].keys() >= {
        *("flight_number", "date", "origin", "destination"),
        *("departure_time", "arrival_time", "seat", "status"),
    }
    assert data["loyalty_progress"].keys() == {
        *("current_tier", "next_tier", "points_earned", "points_required"),
        *("segments_flown", "segments_required", "renewal_date"),
    }
    assert data["timeline"][0].keys() == {"timestamp", "kind", "entry"}


def test_every_change_has_a_higher_revision(alice: Any) -> None:
    revisions = [profile_data(user_id=alice.pk)["revision"]]
    for change in (services.add_checked_bag, services.cancel_trip):
        change(user_id=alice.pk)
        revisions.append(profile_data(user_id=alice.pk)["revision"])

    assert revisions == sorted(set(revisions))


@pytest.mark.django_db(transaction=True)
def test_two_first_visits_at_once_make_one_trip(alice: Any) -> None:
    def visit(_: int) -> str:
        try:
            return services.add_checked_bag(user_id=alice.pk).booking_reference
        except ToolRefused:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(visit, range(4)))

    assert answers.count("refused") == 2
    assert Profile.objects.get().checked_bags == 3
    assert Flight.objects.count() == 2


@pytest.mark.parametrize("change", [{"seat": "99Z"}, {"arrives_at": timezone.now() - timedelta(days=1)}])
def test_the_database_refuses_impossible_flights(alice: Any, change: dict[str, Any]) -> None:
    flight = services.get_trip(user_id=alice.pk).flights.first()
    assert flight is not None

    with pytest.raises(IntegrityError):
        Flight.objects.filter(pk=flight.pk).update(**change)


def test_the_database_refuses_more_bags_than_the_limit(alice: Any) -> None:
    services.get_trip(user_id=alice.pk)

    with pytest.raises(IntegrityError):
        Profile.objects.update(checked_bags=4)


def test_what_changed_is_said_in_the_readers_language(alice: Any) -> None:
    services.change_seat(user_id=alice.pk, flight_number="LN 418", seat="14C")
    services.set_meal(user_id=alice.pk, meal="100 % vegan")
    profile = services.get_trip(user_id=alice.pk)
    profile.timeline.create(happened_at=timezone.now(), text="100 % of an earlier version")

    with translation.override("de"):
        data = profile_data(user_id=alice.pk)
        assert find_airport("lissabon") is find_airport("Lisbon")

    assert [entry["entry"] for entry in data["timeline"][:4]] == [
        "100 % of an earlier version",
        "Essen: 100 % vegan",
        "Platz 14A auf LN 418 in 14C geändert",
        "Platz 14A auf LN 418 gewählt",
    ]
    assert data["segments"][0]["destination_city"] == "Lissabon"
    assert data["tier_benefits"][0].startswith("Ein Aufgabegepäckstück")
    assert data["segments"][0]["status"] == "On time"  # pages know it by this


def test_a_refusal_is_said_in_the_customers_language(alice: Any) -> None:
    with translation.override("ja"), pytest.raises(ToolRefused, match="LN 418の座席14Bはふさがっています"):
        services.change_seat(user_id=alice.pk, flight_number="LN 418", seat="14B")
