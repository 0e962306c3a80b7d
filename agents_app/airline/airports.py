"""Where Linnet Air flies: airports by their IATA codes, with their clocks and places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from math import asin, cos, radians, sin, sqrt
from zoneinfo import ZoneInfo

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

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)


AIRPORTS = {
    airport.code: airport
    for airport in (
        Airport("AMS", "Amsterdam", "Europe/Amsterdam", 52.31, 4.76),
        Airport("ATH", "Athens", "Europe/Athens", 37.94, 23.94),
        Airport("BCN", "Barcelona", "Europe/Madrid", 41.30, 2.08),
        Airport("BER", "Berlin", "Europe/Berlin", 52.37, 13.50),
        Airport("BOS", "Boston", "America/New_York", 42.36, -71.01),
        Airport("CDG", "Paris", "Europe/Paris", 49.01, 2.55),
        Airport("CPH", "Copenhagen", "Europe/Copenhagen", 55.62, 12.65),
        Airport("DUB", "Dublin", "Europe/Dublin", 53.42, -6.27),
        Airport("DXB", "Dubai", "Asia/Dubai", 25.25, 55.36),
        Airport("FCO", "Rome", "Europe/Rome", 41.80, 12.24),
        Airport("FRA", "Frankfurt", "Europe/Berlin", 50.03, 8.56),
        Airport("HEL", "Helsinki", "Europe/Helsinki", 60.32, 24.96),
        Airport("HND", "Tokyo", "Asia/Tokyo", 35.55, 139.78),
        Airport("IST", "Istanbul", "Europe/Istanbul", 41.28, 28.73),
        Airport("JFK", "New York", "America/New_York", 40.64, -73.78),
        Airport("JTR", "Santorini", "Europe/Athens", 36.40, 25.48),
        Airport("LAX", "Los Angeles", "America/Los_Angeles", 33.94, -118.41),
        Airport("LHR", "London", "Europe/London", 51.47, -0.45),
        Airport("LIS", "Lisbon", "Europe/Lisbon", 38.77, -9.13),
        Airport("MAD", "Madrid", "Europe/Madrid", 40.47, -3.56),
        Airport("MUC", "Munich", "Europe/Berlin", 48.35, 11.79),
        Airport("NRT", "Tokyo", "Asia/Tokyo", 35.77, 140.39),
        Airport("OPO", "Porto", "Europe/Lisbon", 41.24, -8.68),
        Airport("ORD", "Chicago", "America/Chicago", 41.98, -87.90),
        Airport("OSL", "Oslo", "Europe/Oslo", 60.19, 11.10),
        Airport("PRG", "Prague", "Europe/Prague", 50.10, 14.26),
        Airport("SEA", "Seattle", "America/Los_Angeles", 47.45, -122.31),
        Airport("SFO", "San Francisco", "America/Los_Angeles", 37.62, -122.38),
        Airport("SIN", "Singapore", "Asia/Singapore", 1.36, 103.99),
        Airport("VIE", "Vienna", "Europe/Vienna", 48.11, 16.57),
        Airport("WAW", "Warsaw", "Europe/Warsaw", 52.17, 20.97),
        Airport("YYZ", "Toronto", "America/Toronto", 43.68, -79.63),
        Airport("ZRH", "Zurich", "Europe/Zurich", 47.46, 8.55),
    )
}


def find_airport(name: str) -> Airport | None:
    """Return the airport with this code, or in this city; None where Linnet Air doesn't fly."""
    wanted = name.strip().casefold()
    if airport := AIRPORTS.get(wanted.upper()):
        return airport
    return next((each for each in AIRPORTS.values() if each.city.casefold() == wanted), None)


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
