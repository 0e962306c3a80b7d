"""Looking for flights and taking one. What was offered is kept here: nobody books what was not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from conversations import ids
from conversations.errors import Conflict, NotFound
from conversations.services import ToolRefused

from . import seating
from .airports import AIRPORTS, Airport, distance_km, find_airport, flying_time
from .models import Cabin, Flight, FlightSearch, Profile, TimelineEntry
from .services import lock_profile, note

#: How far ahead flights are sold.
BOOKABLE = timedelta(days=330)
_DEPARTURES = (time(7, 10), time(12, 35), time(18, 20))
_CABIN_FACTORS = {Cabin.ECONOMY: 1.0, Cabin.PREMIUM_ECONOMY: 1.6, Cabin.BUSINESS: 3.2, Cabin.FIRST: 5.0}
_SLOT_FACTORS = (0.92, 1.12, 1.0)
_BASE_PRICE, _PRICE_PER_KM = 39, 0.06
_DEPARTS_EARLY = gettext_noop("The departure date %(day)s is before today (%(earliest)s).")
_RETURNS_EARLY = gettext_noop("The return date %(day)s is before the departure (%(earliest)s).")


@dataclass(frozen=True, slots=True)
class Choice:
    """What came of choosing an option: the flight, the search it was on, and the way back to choose next."""

    search: FlightSearch
    flight: Flight
    way_back: FlightSearch | None


@transaction.atomic
def search_flights(
    *,
    user_id: str,
    destination: str,
    departs_on: str,
    returns_on: str | None,
    cabin: str,
    origin: str | None = None,
    item_id: str = "",
) -> FlightSearch:
    """Offer flights to a customer; without an origin, from the home airport. Raises ToolRefused."""
    profile = lock_profile(user_id)
    start, end = _read_airport(origin or profile.home_airport), _read_airport(destination)
    if start.code == end.code:
        raise ToolRefused(_("Origin and destination are the same airport."))
    day = _read_date(departs_on, earliest=timezone.now().date(), too_early=_DEPARTS_EARLY)
    day_back = _read_date(returns_on, earliest=day, too_early=_RETURNS_EARLY) if returns_on else None
    return _offer(profile, FlightSearch.Leg.OUTBOUND, (start, end), (day, day_back), Cabin(cabin), item_id)


@transaction.atomic
def choose_flight(*, user_id: str, option_id: str, item_id: str | None = None) -> Choice:
    """Book an option that was offered to the customer; on the way out, offer the way back.

    `item_id` is the widget that was clicked on. Raises NotFound, Conflict for one that was chosen before, ToolRefused.
    """
    profile = lock_profile(user_id)
    search = _find_search(profile, option_id)
    if item_id is not None and search.item_id != item_id:
        raise NotFound(gettext_noop("There is no such flight to choose here."))
    if search.chosen:
        raise Conflict(gettext_noop("A flight was chosen here already."))
    option = next(each for each in search.options if each["id"] == option_id)
    flight = _book(profile, search, option)
    search.chosen = option_id
    search.save(update_fields=["chosen"])
    return Choice(search, flight, _offer_way_back(profile, search))


def _find_search(profile: Profile, option_id: str) -> FlightSearch:
    search = profile.searches.filter(options__contains=[{"id": option_id}]).first()
    if search is None:
        raise NotFound(gettext_noop("There is no such flight to choose here."))
    return search


def _book(profile: Profile, search: FlightSearch, option: dict[str, Any]) -> Flight:
    departs_at, arrives_at = (datetime.fromisoformat(option[name]) for name in ("departs_at", "arrives_at"))
    if departs_at <= timezone.now():
        raise ToolRefused(_("This flight has departed. Ask me for other flights."))
    same_time = profile.flights.filter(departs_at__lt=arrives_at, arrives_at__gt=departs_at)
    if clash := same_time.exclude(status=Flight.Status.CANCELLED).first():
        words = _("You are on %(flight)s at that time. Cancel it first, or choose another flight.")
        raise ToolRefused(words % {"flight": clash.number})
    profile.flights.filter(
        departs_at=departs_at
    ).delete()  # a cancelled one: there is one place for each time
    flight = Flight.objects.create(
        profile=profile,
        number=option["number"],
        origin=search.origin,
        destination=search.destination,
        departs_at=departs_at,
        arrives_at=arrives_at,
        seat=seating.give_seat(search.cabin),
        cabin=search.cabin,
        paid=option["price"],
    )
    note(
        profile,
        gettext_noop("%(flight)s booked, %(origin)s to %(destination)s, %(price)s €"),
        TimelineEntry.Kind.SUCCESS,
        flight=flight.number,
        origin=flight.origin,
        destination=flight.destination,
        price=flight.paid,
    )
    return flight


def _offer_way_back(profile: Profile, search: FlightSearch) -> FlightSearch | None:
    if search.leg != FlightSearch.Leg.OUTBOUND or search.returns_on is None:
        return None
    way = AIRPORTS[search.destination], AIRPORTS[search.origin]
    days = search.returns_on, None
    return _offer(profile, FlightSearch.Leg.RETURN, way, days, Cabin(search.cabin), ids.new_id("widget"))


def _offer(
    profile: Profile,
    leg: FlightSearch.Leg,
    way: tuple[Airport, Airport],
    days: tuple[date, date | None],
    cabin: Cabin,
    item_id: str,
) -> FlightSearch:
    return FlightSearch.objects.create(
        profile=profile,
        item_id=item_id,
        leg=leg,
        origin=way[0].code,
        destination=way[1].code,
        departs_on=days[0],
        returns_on=days[1],
        cabin=cabin,
        options=_make_options(way, days[0], cabin),
    )


def _make_options(way: tuple[Airport, Airport], day: date, cabin: Cabin) -> list[dict[str, Any]]:
    """Return a day's flights: always the same for a route and a day, under ids of this offer alone."""
    start, end = way
    digest = hashlib.sha256(f"{start.code}{end.code}{day}".encode()).digest()
    fare = (_BASE_PRICE + _PRICE_PER_KM * distance_km(start, end)) * _CABIN_FACTORS[cabin]
    options = []
    for slot, clock in enumerate(_DEPARTURES):
        departs_at = datetime.combine(day, clock, start.zone) + timedelta(minutes=5 * (digest[slot] % 9))
        if departs_at <= timezone.now():
            continue  # gone this morning
        # In UTC: across a change of the clocks a duration is not a difference of clock times.
        arrives_at = (departs_at.astimezone(UTC) + flying_time(start, end)).astimezone(end.zone)
        options.append(
            {
                "id": ids.new_id("option"),
                "number": f"LN {500 + (digest[3] * 3 + slot) % 400}",
                "departs_at": departs_at.isoformat(),
                "arrives_at": arrives_at.isoformat(),
                "price": round(fare * _SLOT_FACTORS[slot]),
            }
        )
    if not options:
        raise ToolRefused(_("The last flight of that day has left. Choose a later day."))
    return options


def _read_airport(name: str) -> Airport:
    airport = find_airport(name)
    if airport is None:
        words = _("Linnet Air doesn’t fly to “%(place)s”. It flies to %(places)s.")
        known = ", ".join(f"{each.name} ({each.code})" for each in AIRPORTS.values())
        raise ToolRefused(words % {"place": name[:40], "places": known})
    return airport


def _read_date(text: str, *, earliest: date, too_early: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        words = _("“%(date)s” is no date. Write it as YYYY-MM-DD.")
        raise ToolRefused(words % {"date": text[:20]}) from None
    if day < earliest:
        raise ToolRefused(_(too_early) % {"day": day, "earliest": earliest})
    latest = timezone.now().date() + BOOKABLE
    if day > latest:
        words = _("Flights are sold until %(latest)s; %(day)s is later than that.")
        raise ToolRefused(words % {"latest": latest, "day": day})
    return day
