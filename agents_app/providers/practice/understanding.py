"""Which tools a customer's plain sentences ask for. No model: a few patterns, enough to try every tool by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from .prompt import Call

_SEAT = re.compile(r"\b(\d{1,2}\s?[a-l])\b", re.IGNORECASE)
_FLIGHT = re.compile(r"\b([a-z]{2}\s?\d{2,4})\b", re.IGNORECASE)
ASKS_SEAT = re.compile(r"\bseat", re.IGNORECASE)
_ASKS_BAG = re.compile(r"\b(bags?|suitcases?|luggage|baggage)\b", re.IGNORECASE)
_ASKS_TRIP = re.compile(
    r"\b(trips?|bookings?|itinerary|reservations?|flights?|my (journey|account|profile|points|status|benefits))\b",
    re.IGNORECASE,
)
_SHOW_TRIP = re.compile(r"\bshow (me )?my trip\b", re.IGNORECASE)
_ASKS_TO_CANCEL = re.compile(r"\bcancel\b.*\b(trip|booking|flights?|reservation|journey)\b", re.IGNORECASE)
_ASKS_TO_FLY = re.compile(
    r"\b(fly|travel|flights?|trip|ticket)\b[^.?!]*?\bto (?P<where>[a-z]+(?: [a-z]+)?)", re.IGNORECASE
)
_NEW_TRIP = re.compile(
    r"\b(book|find|search|look(ing)? for|new|fly|travel|need|want|options)\b", re.IGNORECASE
)
_FROM = re.compile(r"\bfrom (?P<where>[a-z]+(?: [a-z]+)?)", re.IGNORECASE)
_NOT_A_PLACE = re.compile(
    r" (on|in|from|to|next|tomorrow|with|for|and|please|returning|leaving|by|via|at|the|this|one"
    r"|business|first|economy)$",
    re.IGNORECASE,
)
_NO_PLACE = re.compile(r"(?:this|that|these|the|my|a|an|your|see|be|know|get|go|attach)\b", re.IGNORECASE)
ASKS_TO_BOOK = re.compile(r"\b(book|find|plan)\b[^.?!]*\b(flights?|trip|ticket)\b", re.IGNORECASE)
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_CABIN = re.compile(r"\b(premium economy|economy|business|first) ?(class|cabin)?\b", re.IGNORECASE)
_ONE_WAY = re.compile(r"\bone[- ]way\b", re.IGNORECASE)
ASKS_MEAL = re.compile(r"\bmeals?\b|\bfood\b", re.IGNORECASE)
_MEAL = re.compile(
    r"\b(vegan|vegetarian|kosher|halal|gluten[- ]free|lactose[- ]free|low[- ]salt|diabetic|child|standard)\b",
    re.IGNORECASE,
)
_MEAL_IS = re.compile(r"\bmeals?(?: preference| wish)? (?:to|is|should be)[: ]+([\w -]{3,60})", re.IGNORECASE)
_ASKS_ASSISTANCE = re.compile(
    r"\b(wheelchair|special assistance|assistance|help at the (airport|gate)|unaccompanied)\b", re.IGNORECASE
)
_ASKS_REFUND = re.compile(r"\brefund\D{0,40}?(\d+(?:[.,]\d{1,2})?)", re.IGNORECASE)
_DAYS_AHEAD, _DAYS_AWAY = 14, 3


#: A tool's name and its arguments.
Wanted = tuple[str, dict[str, Any]]


def pick_calls(question: str, tools: frozenset[str]) -> list[Call]:
    """Return the calls that a customer's words ask for, of the tools that the request offers."""
    calls = [Call(name, json.dumps(arguments)) for name, arguments in _read(question)]
    return [call for call in calls if call.name in tools]


def _read(question: str) -> Iterator[Wanted]:
    if wanted := _ASKS_REFUND.search(question):
        yield "refund", {"amount": float(wanted[1].replace(",", ".")), "reason": question[:200]}
        return
    found = False
    for read in _READERS:
        for call in read(question):
            found = True
            yield call
    if _SHOW_TRIP.search(question) or (
        not found
        and _ASKS_TRIP.search(question)
        and not ASKS_SEAT.search(question)
        and not ASKS_TO_BOOK.search(question)
    ):
        yield "show_my_trip", {}


def _read_seat(question: str) -> Iterator[Wanted]:
    seat, flight = _SEAT.search(_FLIGHT.sub(" ", question)), _FLIGHT.search(question)
    if ASKS_SEAT.search(question) and seat and flight:
        yield "change_seat", {"flight_number": flight[1].upper(), "seat": seat[1].replace(" ", "").upper()}


def _read_bag(question: str) -> Iterator[Wanted]:
    if _ASKS_BAG.search(question):
        yield "add_checked_bag", {}


def _read_meal(question: str) -> Iterator[Wanted]:
    if ASKS_MEAL.search(question) and (meal := _MEAL.search(question) or _MEAL_IS.search(question)):
        yield "set_meal", {"meal": meal[1].strip()}


def _read_assistance(question: str) -> Iterator[Wanted]:
    if _ASKS_ASSISTANCE.search(question):
        yield "request_assistance", {"note": " ".join(question.split())[:200]}


def _read_cancellation(question: str) -> Iterator[Wanted]:
    if _ASKS_TO_CANCEL.search(question):
        yield "cancel_trip", {}


def _read_flights(question: str) -> Iterator[Wanted]:
    destination = _ASKS_TO_FLY.search(question)
    if (
        not destination
        or _NO_PLACE.match(destination["where"])
        or not _NEW_TRIP.search(question)
        or _ASKS_TO_CANCEL.search(question)
    ):
        return
    days = [date.fromisoformat(day) for day in _DATE.findall(question) if _is_date(day)]
    departs = days[0] if days else datetime.now(UTC).date() + timedelta(days=_DAYS_AHEAD)
    cabin = _CABIN.search(question)
    arguments = {
        "destination": _place(destination["where"]),
        "depart_date": departs.isoformat(),
        "cabin": cabin[1].lower() if cabin else "economy",
    }
    if not _ONE_WAY.search(question):
        arguments["return_date"] = (days[1:] or [departs + timedelta(days=_DAYS_AWAY)])[0].isoformat()
    if origin := _FROM.search(question):
        arguments["origin"] = _place(origin["where"])
    yield "flight_option_list", arguments


_READERS: tuple[Callable[[str], Iterator[Wanted]], ...] = (
    _read_seat,
    _read_bag,
    _read_meal,
    _read_assistance,
    _read_cancellation,
    _read_flights,
)


def _place(words: str) -> str:
    place = _NOT_A_PLACE.sub("", words)
    return place.upper() if len(place) == 3 else place.title()


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
