"""What can be asked of the airline about a customer's trip. Refusals are in the customer's words and language."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from conversations.services import ToolRefused

from . import demo, seating
from .models import MOST_BAGS, Flight, Profile, TimelineEntry

BAG_PRICE = 35
CANCELLATION_FEE = 75
MOST_NOTE_CHARS = 500
MOST_MEAL_CHARS = 80


@transaction.atomic
def get_trip(*, user_id: str) -> Profile:
    """Return a customer's profile; one who comes for the first time gets the demonstration's trip.

    A trip that is over makes place for the same one, a few days ahead: an example that people keep should not
    go stale.
    """
    now = timezone.now()
    fields = demo.profile_fields(user_id=user_id, today=now.date())
    profile, is_new = Profile.objects.get_or_create(user_id=user_id, defaults=fields)
    if is_new or _is_over(profile, now) or not profile.loyalty_id:
        profile = _begin_anew(profile, now)
    return profile


@transaction.atomic
def change_seat(*, user_id: str, flight_number: str, seat: str) -> Flight:
    """Move a customer to another seat. Raises ToolRefused with the reason when that can't be done."""
    profile = lock_profile(user_id)
    seat = seating.read_seat(seat)
    flight = _find_flight(profile, flight_number)
    if flight.seat == seat:
        words = _("You already sit in %(seat)s on %(flight)s.")
        raise ToolRefused(words % {"seat": seat, "flight": flight.number})
    _check_not_gone(flight)
    seating.check_seat(seat, cabin=flight.cabin, flight_number=flight.number, besides=flight.seat)
    before, flight.seat = flight.seat, seat
    flight.save(update_fields=["seat"])
    text = gettext_noop("Seat %(before)s changed to %(seat)s on %(flight)s")
    note(profile, text, TimelineEntry.Kind.SUCCESS, before=before, seat=seat, flight=flight.number)
    return flight


@transaction.atomic
def add_checked_bag(*, user_id: str) -> Profile:
    """Add one bag of 23 kg to a customer's booking. Raises ToolRefused at the limit."""
    profile = lock_profile(user_id)
    if profile.checked_bags >= MOST_BAGS:
        words = _("This booking has %(bags)s checked bags already, and more are not possible.")
        raise ToolRefused(words % {"bags": profile.checked_bags})
    _check_flights_ahead(profile)
    profile.checked_bags += 1
    profile.save(update_fields=["checked_bags"])
    note(profile, gettext_noop("Bag added, %(price)s € to pay at the airport"), price=BAG_PRICE)
    return profile


@transaction.atomic
def set_meal(*, user_id: str, meal: str) -> Profile:
    """Note which meal a customer would like on board; “standard” takes the wish back."""
    meal = _read_words(meal, MOST_MEAL_CHARS)
    profile = lock_profile(user_id)
    _check_flights_ahead(profile)
    is_usual = meal.casefold() in ("standard", "regular", "normal", "none", "no preference")
    profile.meal = "" if is_usual else meal[:1].upper() + meal[1:]
    profile.save(update_fields=["meal"])
    if profile.meal:
        note(profile, gettext_noop("Meal: %(meal)s"), meal=profile.meal)
    else:
        note(profile, gettext_noop("Meal: standard"))
    return profile


@transaction.atomic
def request_assistance(*, user_id: str, text: str) -> Profile:
    """Tell the airport's staff what help a customer needs; a later request replaces an earlier one."""
    text = _read_words(text, MOST_NOTE_CHARS)
    profile = lock_profile(user_id)
    _check_flights_ahead(profile)
    profile.assistance = text
    profile.save(update_fields=["assistance"])
    note(profile, gettext_noop("Assistance requested: %(note)s"), note=text)
    return profile


def get_refund(*, user_id: str) -> int:
    """Return the euros that a customer would get back for the whole trip. Raises ToolRefused where it is cancelled."""
    profile = get_trip(user_id=user_id)
    _check_flights_ahead(profile)
    return _refund(list(_flights_ahead(profile)))


@transaction.atomic
def cancel_trip(*, user_id: str) -> int:
    """Cancel all flights that are still to come; return the euros that go back."""
    profile = lock_profile(user_id)
    _check_flights_ahead(profile)
    flights = list(_flights_ahead(profile))
    refund = _refund(flights)
    profile.flights.filter(pk__in=[flight.pk for flight in flights]).update(status=Flight.Status.CANCELLED)
    text = gettext_noop("Trip cancelled, %(refund)s € go back to you")
    note(profile, text, TimelineEntry.Kind.WARNING, refund=refund)
    return refund


def lock_profile(user_id: str) -> Profile:
    """Return the profile, held until the end of the transaction: a customer may write in two conversations."""
    get_trip(user_id=user_id)
    return Profile.objects.select_for_update().get(user_id=user_id)


def note(
    profile: Profile,
    text: str,
    kind: TimelineEntry.Kind = TimelineEntry.Kind.INFO,
    /,
    **values: str | int,
) -> None:
    """Write what changed into a locked profile's timeline: an English text of the catalogs, and its gaps' values."""
    TimelineEntry.objects.create(
        profile=profile, happened_at=timezone.now(), kind=kind, text=text, values=values
    )
    profile.revision += 1
    profile.save(update_fields=["revision"])


def _is_over(profile: Profile, now: datetime) -> bool:
    return not profile.flights.filter(arrives_at__gt=now).exists()


def _begin_anew(profile: Profile, now: datetime) -> Profile:
    """Give a customer the demonstration's trip, unless somebody else just has."""
    profile = Profile.objects.select_for_update().get(pk=profile.pk)
    if not profile.loyalty_id:  # stored by an earlier version, which knew less
        known = demo.profile_fields(user_id=profile.user_id, today=now.date())
        for name in demo.LATER_FIELDS:
            setattr(profile, name, known[name])
        profile.save(update_fields=demo.LATER_FIELDS)
    if _is_over(profile, now):
        profile.flights.all().delete()
        profile.timeline.all().delete()
        profile.checked_bags = 1
        profile.revision += 1
        profile.save(update_fields=["checked_bags", "revision"])
        Flight.objects.bulk_create(demo.make_flights(profile, today=now.date()))
        TimelineEntry.objects.bulk_create(demo.make_timeline(profile, now=now))
    return profile


def _flights_ahead(profile: Profile) -> QuerySet[Flight]:
    ahead = profile.flights.filter(departs_at__gt=timezone.now()).exclude(status=Flight.Status.CANCELLED)
    return ahead.order_by("departs_at")


def _check_flights_ahead(profile: Profile) -> None:
    if _flights_ahead(profile).exists():
        return
    if profile.flights.filter(departs_at__gt=timezone.now()).exists():
        raise ToolRefused(_("This trip is cancelled already, so there is nothing to change about it."))
    raise ToolRefused(_("All flights of this booking have departed."))


def _refund(flights: list[Flight]) -> int:
    return max(sum(flight.paid for flight in flights) - CANCELLATION_FEE, 0)


def _find_flight(profile: Profile, number: str) -> Flight:
    """Return the flight with this number; the next one where it is flown twice."""
    wanted = re.sub(r"[\s-]", "", number).upper()
    flights = list(profile.flights.order_by("departs_at"))
    found = [flight for flight in flights if flight.number.replace(" ", "") == wanted]
    if not found:
        words = _("“%(flight)s” is not part of this booking. Its flights: %(flights)s.")
        known = ", ".join(flight.number for flight in flights)
        raise ToolRefused(words % {"flight": number[:20], "flights": known})
    now = timezone.now()
    ahead = [f for f in found if f.departs_at > now and f.status != Flight.Status.CANCELLED]
    return (ahead or found)[0]


def _check_not_gone(flight: Flight) -> None:
    if flight.status == Flight.Status.CANCELLED:
        words = _("%(flight)s is cancelled, so its seats can’t be changed any more.")
        raise ToolRefused(words % {"flight": flight.number})
    if flight.departs_at <= timezone.now():
        words = _("%(flight)s has departed, so its seats can’t be changed any more.")
        raise ToolRefused(words % {"flight": flight.number})


def _read_words(text: str, limit: int) -> str:
    text = " ".join(text.split())
    if not text:
        raise ToolRefused(_("Say in a few words what you would like."))
    if len(text) > limit:
        raise ToolRefused(_("Say it in at most %(limit)s characters.") % {"limit": limit})
    return text
