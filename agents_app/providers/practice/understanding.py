"""Which tools a customer's plain sentences ask for. No model: a few patterns, enough to try every tool by hand.

What changes something is picked only where it is wished for, never where it is asked about or declined.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from .dates import find_days
from .library import RULES, pick_search
from .prompt import Call
from .sentences import Clause

_SEAT = re.compile(r"\b(\d{1,2}\s?[a-l])\b", re.IGNORECASE)
_FLIGHT = re.compile(
    r"\b((?!me|to|on|in|at|by|of|is|or|no|my|am|pm|we|us|kg)[a-z]{2}\s?\d{2,4})\b", re.IGNORECASE
)
_SITS = re.compile(
    r"\b(?:seats?|seated|sit|get|give|move|change|switch|swap|put|row|aisle|window)\b", re.IGNORECASE
)
_BAGS = r"(?:bags?|suitcases?|luggage|baggage|trolley|pieces?)"
_BAG = re.compile(rf"\b{_BAGS}\b", re.IGNORECASE)
_ADDS = re.compile(
    r"\b(?:add|adding|book|buy|order|need|want|like|include|get|have|take|bring|purchase|give|put|"
    r"check(?:ed)? in|register|"
    r"another|more|extra|additional|further)\b",
    re.IGNORECASE,
)
_NO_NEW_BAG = re.compile(
    r"\b(?:hand|cabin|carry-?on|overhead|remove|delete|cancel|take off|drop|fewer|less|lost|missing|"
    r"damaged|tags?|claim|"
    r"wrap\w*|where|fragile|repack\w*|unpack\w*|help with|carry my|my (?:bags?|suitcases?|luggage|baggage))\b",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(
    rf"\b(?P<count>two|three|2|3|a couple of)(?: more| extra| additional| further| checked| big|"
    rf" large)* {_BAGS}\b",
    re.IGNORECASE,
)
_COUNTS = {"two": 2, "2": 2, "a couple of": 2, "three": 3, "3": 3}
_DIET = re.compile(
    r"\b(vegan|vegetarian|kosher|halal|gluten[- ]free|lactose[- ]free|low[- ]salt|diabetic|"
    r"(?:child(?:ren)?|kid)s?'?s?"
    r"(?= meal)|standard(?= meal))\b",
    re.IGNORECASE,
)
_MEAL_IS = re.compile(r"\bmeals?(?: preference| wish)? (?:to|is|should be)[: ]+([\w -]{3,60})", re.IGNORECASE)
ASKS_FOR_HELP = re.compile(
    r"\b(?:wheelchair|assistance|help (?:at|to) the (?:airport|gate)|unaccompanied|mobility|(?:blind|"
    r"deaf) passenger)\b",
    re.IGNORECASE,
)
_TRIP = r"(?:trips?|bookings?|flights?|reservations?|journey|itinerary)"
_CANCELS = re.compile(
    rf"\bcancel (?:(?!seats?\b|meals?\b|bags?\b|wheelchair\b|assistance\b)\w+ ){{0,4}}?(?:{_TRIP}|"
    rf"everything|it all)\b",
    re.IGNORECASE,
)
_CANCELS_IT = re.compile(r"\bcancel (?:it|everything|all|them|both)\b", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:had|have|has|was|were|been) (?:to )?cancel|\bcancel\w* (?:last|yesterday|already)\b", re.I
)
_REFUNDS = re.compile(r"\brefund\D{0,40}?(\d+(?:[.,]\d{1,2})?)", re.IGNORECASE)
_PLACE = r"(?P<where>[a-zà-ÿ]+(?: [a-zà-ÿ]+)?)"
_TO = re.compile(
    rf"\b(?:fly|flying|flights?|trip|tickets?|journey|travel|holiday|vacation)\b[^.?!]*?\bto {_PLACE}",
    re.IGNORECASE,
)
_GOES_TO = re.compile(
    rf"\b(?:want|like|love|need|have|let's|take me|get me|bring me|plan\w*)\b[^.?!]{{0,20}}?"
    rf"(?:\b(?:go|get|be|come|take me|get me|bring me)\b )(?:to|in) {_PLACE}",
    re.IGNORECASE,
)
_FROM = re.compile(rf"\bfrom {_PLACE}", re.IGNORECASE)
_NEW_TRIP = re.compile(
    r"\b(?:book|find|search|look(?:ing)? for|new|another|explore|options|one[- ]way|round trip|"
    r"cheap\w*|tickets?)\b",
    re.IGNORECASE,
)
_OWN_FLIGHT = re.compile(
    r"\b(?:(?:my|our) (?:next )?|the )(?:coming |return |booked )?(?:flights?|trip|journey|booking)\b",
    re.IGNORECASE,
)
_NOT_A_PLACE = re.compile(
    r" (?:on|in|from|to|next|tomorrow|today|with|for|and|please|returning|leaving|by|via|at|the|this|"
    r"one|round|or|around"
    r"|business|first|economy|premium|but|when|then|pls|if|is|are|there|cost|costs|do|you|monday|"
    r"tuesday|wednesday|thursday"
    r"|friday|saturday|sunday)$",
    re.IGNORECASE,
)
_NO_PLACE = re.compile(
    r"(?:this|that|these|the|my|a|an|your|see|be|know|get|go|attach|change|cancel|seat|it|somewhere|"
    r"anywhere|see|find|have|"
    r"make|add|check|what|where|fly|book|sleep|bed|talk|speak|sea)\b",
    re.IGNORECASE,
)
_CABIN = re.compile(r"\b(premium economy|economy|business|first)(?: class| cabin)?\b", re.IGNORECASE)
_ONE_WAY = re.compile(r"\b(?:one[- ]way|no return|single ticket)\b", re.IGNORECASE)
_OWN = re.compile(
    r"\b(?:do|did|when do|where do|what do) (?:i|we) (?:have\b(?! to)|fly|leave|land|sit|depart|"
    r"arrive)|\b(?:have|am|are|will) "
    r"(?:i|we)\b|\b(?:i|we) (?:have\b(?! to)|am|are|fly|leave|land|depart|arrive|sit)\b|\b(?:did|have) you\b"
    rf"|(?<!in )(?<!with )(?<!as )\b(?:my|our) (?:next |coming |return |current |upcoming |whole |"
    rf"checked )*(?:seats?|{_TRIP}|"
    rf"{_BAGS}|meal|account|profile|points|status|benefits|perks|tier|membership|details|reference|fare)\b",
    re.IGNORECASE,
)
_LOOKS = re.compile(
    rf"\b(?:{_TRIP}|my (?:account|profile|points|status|benefits|seats?|details)|account|vip notes|"
    rf"perks|aviator|loyalty|platinum)\b",
    re.IGNORECASE,
)
_THANKS = re.compile(r"\W*(?:thanks?|thank you|hi|hello|bye)\b", re.IGNORECASE)
_FEW, _SHORT = 4, 8
_SHOWS_TRIP = re.compile(
    r"\b(?:show|see|give|display|list|pull|tell|view)\b[^.?!]{0,20}\b(?:my|our) (?:trip|booking|"
    r"itinerary|reservation|flights|"
    r"account|profile|journey)\b",
    re.IGNORECASE,
)
_ALLOWED = re.compile(
    r"\b(?:may|allowed|cost|costs|price|fee|how big|how heavy|how much|can i|can we|could i|polic\w+|"
    r"rules?|should i|if i|if my|"
    r"possible|cancel|change\b|free|how (?:do|can) (?:i|we))\b",
    re.IGNORECASE,
)
#: “Can I move to 14C on LN 418?” is a wish in the form of a question; it costs nothing, and is undone as easily.
_MAY_MOVE = re.compile(
    r"^(?:\w+,? ){0,2}?(?:can|could|may) (?:i|we) (?:please |just )?(?:change|move|switch|swap|sit)\b", re.I
)
ASKS_SEAT = re.compile(r"\bseat", re.IGNORECASE)
ASKS_TO_BOOK = re.compile(r"\b(?:book|find|plan)\b[^.?!]*\b(?:flights?|trip|ticket)\b", re.IGNORECASE)
ASKS_MEAL = re.compile(r"\bmeals?\b|\bfood\b", re.IGNORECASE)
_DAYS_AHEAD, _DAYS_AWAY = 14, 3

#: A tool's name and its arguments.
Wanted = tuple[str, dict[str, Any]]


def pick_calls(clauses: Sequence[Clause]) -> list[Call]:
    """Return the calls that a customer's words ask for."""
    calls = [Call(name, json.dumps(arguments)) for name, arguments in _read(clauses)]
    if not any(call.name in ("show_my_trip", "flight_option_list") for call in calls):
        calls += pick_search(clauses)
        if not calls and _looks(clauses):
            calls = [Call("show_my_trip")]
    return calls


def _read(clauses: Sequence[Clause]) -> Iterator[Wanted]:
    if wanted := _REFUNDS.search(_join(clauses, "wants")):
        reason = " ".join(clause.text for clause in clauses)[:200]
        yield "refund", {"amount": float(wanted[1].replace(",", ".")), "reason": reason}
        return
    for read in _READERS:
        yield from read(clauses)


def _join(clauses: Sequence[Clause], *kinds: str) -> str:
    return " ".join(clause.text for clause in clauses if clause.kind in kinds)


def _looks(clauses: Sequence[Clause]) -> bool:
    """Say whether the trip is meant, however it is put: “my booking”, but not a story that a trip comes up in."""
    about = [
        each.text for each in clauses if each.kind in ("wants", "asks") or len(each.text.split()) <= _FEW
    ]
    return bool(_LOOKS.search(" ".join(about))) and not _THANKS.match(about[0]) and not _is_left_open(clauses)


def _is_left_open(clauses: Sequence[Clause]) -> bool:
    """Say whether something is wished for that needs a question back, or isn't the model's to do."""
    text = _join(clauses, "wants", "says")
    return bool(ASKS_SEAT.search(text) or ASKS_TO_BOOK.search(text)) or any(
        c.kind == "declines" for c in clauses
    )


def _read_seat(clauses: Sequence[Clause]) -> Iterator[Wanted]:
    wishes = [clause for clause in clauses if clause.kind == "wants" or _MAY_MOVE.search(clause.text)]
    wish = " ".join(clause.text for clause in wishes)
    said = _join(clauses, "wants", "asks", "says")
    seat = _SEAT.search(_FLIGHT.sub(" ", wish)) or (wish and _SEAT.search(_FLIGHT.sub(" ", said)))
    flight = _FLIGHT.search(wish) or _FLIGHT.search(said)
    if seat and flight and (_SITS.search(wish) or _is_short(wish)):
        yield "change_seat", {"flight_number": flight[1].upper(), "seat": seat[1].replace(" ", "").upper()}


def _is_short(text: str) -> bool:
    return len(text.split()) <= _SHORT


def _read_bag(clauses: Sequence[Clause]) -> Iterator[Wanted]:
    for clause in clauses:
        text = clause.text
        if (
            clause.kind == "wants"
            and _BAG.search(text)
            and _ADDS.search(text)
            and not _NO_NEW_BAG.search(text)
        ):
            counted = _HOW_MANY.search(text)
            yield from [("add_checked_bag", {})] * (_COUNTS[counted["count"].lower()] if counted else 1)
            return


def _read_meal(clauses: Sequence[Clause]) -> Iterator[Wanted]:
    wish = _join(clauses, "wants")
    if meal := _DIET.search(wish) or _MEAL_IS.search(wish):
        yield "set_meal", {"meal": meal[1].strip()}
    elif [clause.kind for clause in clauses] == ["says"] and len(clauses[0].text.split()) <= _FEW:
        said = clauses[0].text  # no more than “vegan meal”
        if (meal := _DIET.search(said)) and ASKS_MEAL.search(said):
            yield "set_meal", {"meal": meal[1].strip()}


def _read_assistance(clauses: Sequence[Clause]) -> Iterator[Wanted]:
    if ASKS_FOR_HELP.search(_join(clauses, "wants")):
        note = " ".join(clause.text for clause in clauses if clause.kind in ("wants", "says"))
        yield "request_assistance", {"note": note[:200]}


def _read_cancellation(clauses: Sequence[Clause]) -> Iterator[Wanted]:
    wish = _join(clauses, "wants")
    about = _join(clauses, "wants", "says", "declines")
    is_it = _CANCELS_IT.search(wish) and re.search(_TRIP, about, re.IGNORECASE)
    if (_CANCELS.search(wish) or is_it) and not _PAST.search(wish):
        yield "cancel_trip", {}


def _read_flights(clauses: Sequence[Clause]) -> Iterator[Wanted]:
    for clause in clauses:
        if clause.kind == "declines" or not (destination := _find_destination(clause)):
            continue
        said = _join(clauses, "wants", "asks", "says")
        yield "flight_option_list", _flight_arguments(destination, said)
        return


def _find_destination(clause: Clause) -> str:
    text = clause.text
    found = _TO.search(text) or (_GOES_TO.search(text) if clause.kind == "wants" else None)
    is_own = _OWN_FLIGHT.search(text) and not _NEW_TRIP.search(text)
    is_other = re.search(r"\bcancel\b|\bseat\b|\brefund\b", text, re.IGNORECASE)
    if not found or is_own or is_other or _NO_PLACE.match(found["where"]):
        return ""
    return _place(found["where"])


def _flight_arguments(destination: str, said: str) -> dict[str, Any]:
    today = datetime.now(UTC).date()
    days = find_days(said, today)
    departs = days[0] if days else today + timedelta(days=_DAYS_AHEAD)
    cabin = _CABIN.search(said)
    arguments = {
        "destination": destination,
        "depart_date": departs.isoformat(),
        "cabin": cabin[1].lower() if cabin else "economy",
    }
    if not _ONE_WAY.search(said):
        arguments["return_date"] = (days[1:] or [departs + timedelta(days=_DAYS_AWAY)])[0].isoformat()
    if origin := _FROM.search(said):
        arguments["origin"] = _place(origin["where"])
    return arguments


def _read_trip(clauses: Sequence[Clause]) -> Iterator[Wanted]:
    for clause in clauses:
        is_own = clause.kind == "asks" and _OWN.search(clause.text) and not _ALLOWED.search(clause.text)
        is_own = is_own and not RULES.search(clause.text)
        if clause.kind != "declines" and (_SHOWS_TRIP.search(clause.text) or is_own):
            yield "show_my_trip", {}
            return


_READERS: tuple[Callable[[Sequence[Clause]], Iterator[Wanted]], ...] = (
    _read_seat,
    _read_bag,
    _read_meal,
    _read_assistance,
    _read_cancellation,
    _read_flights,
    _read_trip,
)


def _place(words: str) -> str:
    place = _NOT_A_PLACE.sub("", words)
    return place.upper() if len(place) == 3 else place.title()
