"""What models cost: a data file with a date for each price. Nobody's guess: an unknown price is None."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from conversations.responder import Usage

OUR_FILE = Path(__file__).with_name("prices.toml")
_MILLION = Decimal(1_000_000)
#: What providers add to a model's name without another price: the date of a snapshot, Google's folder.
_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")


class BadPrices(Exception):
    """A file of prices that can't be read; says which and why."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens, and for a minute of speech where that is what counts."""

    input: Decimal
    cached_input: Decimal
    cache_write: Decimal
    output: Decimal
    minute: Decimal
    #: The day from which it holds.
    since: date


def cost_of(model: str, usage: Usage) -> Decimal | None:
    """Return what a call cost in US dollars, or None where the model's price isn't known."""
    price = find_price(model)
    if price is None:
        return None
    cached = min(usage.cached_tokens, usage.input_tokens)
    written = min(usage.written_tokens, usage.input_tokens - cached)
    fresh = usage.input_tokens - cached - written
    spent = fresh * price.input + cached * price.cached_input + written * price.cache_write
    spent += usage.output_tokens * price.output
    return spent / _MILLION + Decimal(str(usage.seconds)) / 60 * price.minute


def find_price(model: str) -> Price | None:
    """Return a model's price of today; a dated snapshot has the price of its model unless it has its own."""
    prices, name = _load(settings.CHAT_PRICES_FILE), model.removeprefix("models/")
    known = prices.get(name) or prices.get(_SNAPSHOT.sub("", name)) or ()
    today = timezone.now().date()
    return next((price for price in reversed(known) if price.since <= today), known[0] if known else None)


#: A model's prices, one after another in time.
Prices = tuple[Price, ...]


@cache
def _load(own_file: str) -> dict[str, Prices]:
    return read_prices(OUR_FILE) | (read_prices(Path(own_file)) if own_file else {})


def read_prices(path: Path) -> dict[str, Prices]:
    """Read a file of prices. Raises BadPrices."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        return {model: _read_entry(entry) for model, entry in entries.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise BadPrices(
            f"{path} holds no prices that can be read ({type(error).__name__}: {error})."
        ) from None


def _read_entry(entry: Mapping[str, object]) -> Prices:
    later = entry.get("later")
    prices = [_read_price(entry, "as_of")]
    if isinstance(later, Mapping):
        prices.append(_read_price(later, "since"))
    return tuple(prices)


def _read_price(entry: Mapping[str, object], day: str) -> Price:
    since = entry[day]
    if not isinstance(since, date):
        raise TypeError(f"{day} must be a date such as 2026-01-31")
    if "minute" in entry:  # speech is charged by its length, then, and by nothing else
        entry = {"input": 0, "output": 0, **entry}
    fresh = entry["input"]
    return Price(
        input=_read_amount(fresh),
        cached_input=_read_amount(entry.get("cached_input", fresh)),
        cache_write=_read_amount(entry.get("cache_write", fresh)),
        output=_read_amount(entry["output"]),
        minute=_read_amount(entry.get("minute", 0)),
        since=since,
    )


def _read_amount(value: object) -> Decimal:
    amount = Decimal(str(value))
    if not amount.is_finite() or amount < 0:
        raise ValueError("prices are numbers of 0 or more")
    return amount
