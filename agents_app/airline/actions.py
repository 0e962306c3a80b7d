"""What the airline's widgets send: `settings.CHAT_ACTIONS`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from conversations import ids
from conversations.errors import Invalid
from conversations.services import ActionCall, ActionOutcome

from .airports import AIRPORTS
from .booking import Choice, choose_flight
from .profile import profile_update
from .widgets import FLIGHT_SELECT, day_name, flight_options


def select_flight(call: ActionCall) -> ActionOutcome:
    """Book the chosen flight, lock its card, and show the ways back where one is wanted.

    Of what the browser sends only the option's id counts: what it stands for is looked up.
    """
    match call.payload:
        case {"id": str(option_id)} if option_id:
            pass
        case _:
            problem = {"field": "params.action.payload.id", "message": "is not the id of a flight on a card"}
            raise Invalid(errors=[problem])
    choice = choose_flight(user_id=call.user_id, option_id=option_id, item_id=call.item_id)
    new_items = [_message(_confirmation(choice))]
    if choice.way_back is not None:
        new_items.append(flight_options(choice.way_back))
    return ActionOutcome(
        replaced=(flight_options(choice.search),),
        items=tuple(new_items),
        effects=(profile_update(user_id=call.user_id),),
    )


ACTIONS = {FLIGHT_SELECT: select_flight}


def _confirmation(choice: Choice) -> str:
    flight = choice.flight
    departs = flight.departs_at.astimezone(AIRPORTS[flight.origin].zone)
    booked = _(
        "Booked: **%(flight)s**, %(origin)s to %(destination)s on %(day)s at %(time)s, %(cabin)s, seat **%(seat)s**, "
        "%(price)s €."
    ) % {
        "flight": flight.number,
        "origin": AIRPORTS[flight.origin].name,
        "destination": AIRPORTS[flight.destination].name,
        "day": day_name(departs.date()),
        "time": f"{departs:%H:%M}",
        "cabin": _(flight.get_cabin_display()),
        "seat": flight.seat,
        "price": flight.paid,
    }
    more = _("These are the flights back:") if choice.way_back else _("Your trip is complete.")
    return f"{booked} {more}"


def _message(text: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {"type": "assistant_message", "id": ids.new_id("msg"), "content": content}
