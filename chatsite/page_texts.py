"""What the pages' scripts say, in the reader's language. `{name}` is filled in by the script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop


def page_texts(request: HttpRequest) -> dict[str, Any]:
    return {"page_texts": _texts}


def _texts() -> dict[str, Any]:
    """Return all of them; of the airline's nothing where the start is one's own."""
    everybodys = _of_the_page() | _of_a_start()
    return everybodys if settings.CHAT_START else everybodys | _of_the_airline() | _of_the_trip()


def _of_the_page() -> dict[str, Any]:
    return {
        "untitled": _("New conversation"),
        "askForPerson": _("Ask for a person"),
        "wantPerson": _prompt()(gettext_noop("I’d like to talk to a person, please.")),
        "personFailed": _("That didn’t work. Ask again"),
        "useDark": _("Use dark colours"),
        "useLight": _("Use light colours"),
    }


def _of_a_start() -> dict[str, Any]:
    return {
        "goodMorning": _("Good morning"),
        "goodAfternoon": _("Good afternoon"),
        "goodEvening": _("Good evening"),
        "greeting": _("{greeting}, {name}"),
        "placeholder": _("Write a message"),
        "disclaimer": _("The assistant can be wrong. Check what matters."),
    }


def _of_the_airline() -> dict[str, Any]:
    ask = _prompt()
    return {
        "subtitle": _("Seats, bags, changes, refunds: ask in your own words."),
        "firstPlaceholder": _("Ask about your trip, or anything else"),
        "prompts": [
            {
                "icon": "lucide:ticket",
                "label": _("Show my trip"),
                "description": _("Flights, seats and bags"),
                "prompt": ask(gettext_noop("Show me my trip.")),
            },
            {
                "icon": "lucide:armchair",
                "label": _("Change my seat"),
                "description": _("To 15C on LN 418, on the aisle"),
                "prompt": ask(gettext_noop("Please change my seat on LN 418 to 15C.")),
            },
            {
                "icon": "lucide:luggage",
                "label": _("Add a bag"),
                "description": _("One more, 23 kg for 35 €"),
                "prompt": ask(gettext_noop("Please add a checked bag to my trip.")),
            },
            {
                "icon": "lucide:message-square",
                "label": _("Something went wrong"),
                "description": _("Delay, lost bag, refund, complaint"),
                "prompt": ask(gettext_noop("Something went wrong on my trip and I need help.")),
            },
        ],
    }


def _prompt() -> Callable[[str], str]:
    """The practice model understands English only."""
    return str if settings.CHAT_PROVIDER == "practice" else _


def _of_the_trip() -> dict[str, Any]:
    return {
        "yourTrip": _("Your trip"),
        "yourTripChanged": _("Your trip, changed"),
        "copyCode": _("Copy booking code {code}"),
        "codeCopied": _("Booking code copied"),
        "flights": _("Flights"),
        "tripFailed": _("Your trip can’t be shown right now. Nothing about it has changed."),
        "tryAgain": _("Try again"),
        "status": {"On time": _("On time"), "Delayed": _("Delayed"), "Cancelled": _("Cancelled")},
        "seat": _("Seat"),
        "bags": _("Bags"),
        "meal": _("Meal"),
        "standardMeal": _("Standard"),
        "assistance": _("Assistance"),
        "traveller": _("Traveller"),
        "member": _("{tier} member since {year}"),
        "points": _("{points} of {needed} points to {tier}"),
        "pointsTowards": _("Points towards {tier}"),
        "benefits": _("{tier} benefits"),
        "whatChanged": _("What changed"),
    }
