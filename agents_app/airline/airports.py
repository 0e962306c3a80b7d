"""Where Linnet Air flies: airports by their IATA codes, with their clocks and places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from math import asin, cos, radians, sin, sqrt
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_EARTH_KM = 6371
_KM_PER_HOUR = 830
_GROUND_MINUTES = 40


@dataclass(frozen=True)
class Airport:
    """One airport."""

    code: str
    city: str
    zone_name: str
    latitude: float
    longitude: float

    @property
    def name(self) -> str:
        """Return what its city is called in the reader's language."""
        return _(self.city)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)


AIRPORTS = {
    airport.code: airport
    for airport in (
        Airport("AMS", gettext_noop("Amsterdam"), "Europe/Amsterdam", 52.31, 4.76),
        Airport("ATH", gettext_noop("Athens"), "Europe/Athens", 37.94, 23.94),
        Airport("BCN", gettext_noop("Barcelona"), "Europe/Madrid", 41.30, 2.08),
        Airport("BER", gettext_noop("Berlin"), "Europe/Berlin", 52.37, 13.50),
        Airport("BOS", gettext_noop("Boston"), "America/New_York", 42.36, -71.01),
        Airport("CDG", gettext_noop("Paris"), "Europe/Paris", 49.01, 2.55),
        Airport("CPH", gettext_noop("Copenhagen"), "Europe/Copenhagen", 55.62, 12.65),
        Airport("DUB", gettext_noop("Dublin"), "Europe/Dublin", 53.42, -6.27),
        Airport("DXB", gettext_noop("Dubai"), "Asia/Dubai", 25.25, 55.36),
        Airport("FCO", gettext_noop("Rome"), "Europe/Rome", 41.80, 12.24),
        Airport("FRA", gettext_noop("Frankfurt"), "Europe/Berlin", 50.03, 8.56),
        Airport("HEL", gettext_noop("Helsinki"), "Europe/Helsinki", 60.32, 24.96),
        Airport("HND", gettext_noop("Tokyo"), "Asia/Tokyo", 35.55, 139.78),
        Airport("IST", gettext_noop("Istanbul"), "Europe/Istanbul", 41.28, 28.73),
        Airport("JFK", gettext_noop("New York"), "America/New_York", 40.64, -73.78),
        Airport("JTR", gettext_noop("Santorini"), "Europe/Athens", 36.40, 25.48),
        Airport("LAX", gettext_noop("Los Angeles"), "America/Los_Angeles", 33.94, -118.41),
        Airport("LHR", gettext_noop("London"), "Europe/London", 51.47, -0.45),
        Airport("LIS", gettext_noop("Lisbon"), "Europe/Lisbon", 38.77, -9.13),
        Airport("MAD", gettext_noop("Madrid"), "Europe/Madrid", 40.47, -3.56),
        Airport("MUC", gettext_noop("Munich"), "Europe/Berlin", 48.35, 11.79),
        Airport("NRT", gettext_noop("Tokyo"), "Asia/Tokyo", 35.77, 140.39),
        Airport("OPO", gettext_noop("Porto"), "Europe/Lisbon", 41.24, -8.68),
        Airport("ORD", gettext_noop("Chicago"), "America/Chicago", 41.98, -87.90),
        Airport("OSL", gettext_noop("Oslo"), "Europe/Oslo", 60.19, 11.10),
        Airport("PRG", gettext_noop("Prague"), "Europe/Prague", 50.10, 14.26),
        Airport("SEA", gettext_noop("Seattle"), "America/Los_Angeles", 47.45, -122.31),
        Airport("SFO", gettext_noop("San Francisco"), "America/Los_Angeles", 37.62, -122.38),
        Airport("SIN", gettext_noop("Singapore"), "Asia/Singapore", 1.36, 103.99),
        Airport("VIE", gettext_noop("Vienna"), "Europe/Vienna", 48.11, 16.57),
        Airport("WAW", gettext_noop("Warsaw"), "Europe/Warsaw", 52.17, 20.97),
        Airport("YYZ", gettext_noop("Toronto"), "America/Toronto", 43.68, -79.63),
        Airport("ZRH", gettext_noop("Zurich"), "Europe/Zurich", 47.46, 8.55),
    )
}


def find_airport(name: str) -> Airport | None:
    """Return the airport with this code, or in this city; None where Linnet Air doesn't fly."""
    wanted = name.strip().casefold()
    if airport := AIRPORTS.get(wanted.upper()):
        return airport
    cities = {each: {each.city.casefold(), each.name.casefold()} for each in AIRPORTS.values()}
    return next((each for each, names in cities.items() if wanted in names), None)


def distance_km(one: Airport, other: Airport) -> float:
    """Return the length of the great circle between two airports."""
    north, south = radians(one.latitude), radians(other.latitude)
    east = radians(other.longitude - one.longitude)
    chord = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(east / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(chord))


def flying_time(one: Airport, other: Airport) -> timedelta:
    """Return how long a flight takes from gate to gate, in steps of five minutes."""
    minutes = _GROUND_MINUTES + 60 * distance_km(one, other) / _KM_PER_HOUR
    return timedelta(minutes=5 * round(minutes / 5))
