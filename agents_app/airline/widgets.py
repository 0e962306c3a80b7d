"""The flights to choose from, as a ChatKit widget. Plain JSON, as conversations.events.payloads: a test holds it to
openai-chatkit's own types."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .airports import AIRPORTS
from .models import Cabin, FlightSearch

FLIGHT_SELECT = "flight.select"
#: How the model's words begin, by which the practice model knows a card when it sees one.
SHOWN = "Shown to the customer on a card to choose from; don't list them again."

Json = dict[str, Any]


def flight_options(search: FlightSearch) -> Json:
    """Return the thread item of a search: its options, or the one that was chosen, which can't be chosen again."""
    widget: Json = {
        "type": "ListView",
        "key": search.pk,
        "status": {"text": _headline(search), **({"icon": "check-circle"} if search.chosen else {})},
        "children": [_row(search, option) for option in _open_options(search)],
    }
    return {"type": "widget", "id": search.item_id, "widget": widget, "copy_text": _in_words(search)}


def describe_options(search: FlightSearch) -> str:
    """Return the options in words for the model, which may name them by their ids."""
    lines = [f"- {_describe(option)} ({option['id']})" for option in search.options]
    return "\n".join([SHOWN, "", f"{_headline(search)}:", *lines])


def _in_words(search: FlightSearch) -> str:
    """Return what the card shows, for the clipboard and for the staff's transcript."""
    return "\n".join([_headline(search), *(f"- {_describe(option)}" for option in _open_options(search))])


def _open_options(search: FlightSearch) -> list[Json]:
    return [option for option in search.options if search.chosen in ("", option["id"])]


def _headline(search: FlightSearch) -> str:
    cities = {"origin": AIRPORTS[search.origin].name, "destination": AIRPORTS[search.destination].name}
    way = _("%(origin)s to %(destination)s") % cities + f", {day_name(search.departs_on)}"
    return _("Booked: %(way)s") % {"way": way} if search.chosen else way


def _row(search: FlightSearch, option: Json) -> Json:
    departs, arrives = _times(option)
    row: Json = {"type": "ListViewItem", "key": option["id"], "gap": 5, "align": "center"}
    if not search.chosen:
        row["onClickAction"] = {
            "type": FLIGHT_SELECT,
            "handler": "server",
            "loadingBehavior": "auto",
            "streaming": True,  # ChatKit's default, said: what is loaded afresh has it too
            "payload": {"id": option["id"]},
        }
    way = {
        "type": "Col",
        "flex": 1,
        "gap": 0,
        "children": [
            _line(_time(f"{departs:%H:%M}"), _PATH, _time(_arrival(departs, arrives))),
            _line(
                _caption(f"{option['number']} {search.origin}"),
                {"type": "Spacer"},
                _caption(f"{search.destination}, {_duration(arrives - departs)}"),
            ),
        ],
    }
    price = {"type": "Text", "value": f"{option['price']} €", "weight": "semibold", "size": "md"}
    cabin = _caption(_(Cabin(search.cabin).label))
    row["children"] = [way, {"type": "Col", "align": "end", "gap": 0, "children": [price, cabin]}]
    return row


def _line(*children: Json) -> Json:
    return {"type": "Row", "gap": 3, "align": "center", "children": list(children)}


def _time(value: str) -> Json:
    return {"type": "Text", "value": value, "weight": "semibold", "size": "lg"}


def _caption(value: str) -> Json:
    return {"type": "Caption", "value": value, "color": "secondary"}


_DOT: Json = {"type": "Box", "size": 6, "radius": "full", "border": 1, "children": []}
#: From one airport to the other without a stop: there are no others.
_PATH: Json = {
    "type": "Row",
    "flex": 1,
    "gap": 0,
    "align": "center",
    "children": [_DOT, {"type": "Box", "flex": 1, "border": {"top": 1}, "children": []}, _DOT],
}


def _describe(option: Json) -> str:
    departs, arrives = _times(option)
    return f"{option['number']}, {departs:%H:%M} to {_arrival(departs, arrives)}, {option['price']} €"


def _times(option: Json) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(option["departs_at"]), datetime.fromisoformat(option["arrives_at"])


def _arrival(departs: datetime, arrives: datetime) -> str:
    days = (arrives.date() - departs.date()).days
    return f"{arrives:%H:%M}" + (f" ({days:+})" if days else "")


def _duration(length: timedelta) -> str:
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    return _("%(hours)s h %(minutes)s") % {"hours": hours, "minutes": f"{minutes:02}"}


def day_name(day: date) -> str:
    """Return a day as customers read it, such as Thu 26 November."""
    # Translators: Django's letters for a date: D the weekday, j the day, F the month.
    return date_format(day, _("D j F"))
