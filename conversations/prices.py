"""What tokens cost: a data file with a date for each price. Nobody's guess: an unknown price is None."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from django.conf import settings

from conversations.responder import Usage

OUR_FILE = Path(__file__).with_name("prices.toml")
_MILLION = Decimal(1_000_000)
#: What providers add to a model's name without another price: the date of a snapshot, Google's folder.
_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")


class BadPrices(Exception):
    """A file of prices that can't be read; says which and why."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    input: Decimal
    cached_input: Decimal
    output: Decimal
    as_of: date


def cost_of(model: str, usage: Usage) -> Decimal | None:
    """Return what a call cost in US dollars, or None where the model's price isn't known."""
    price = find_price(model)
    if price is None:
        return None
    cached = min(usage.cached_tokens, usage.input_tokens)
    fresh = usage.input_tokens - cached
    spent = fresh * price.input + cached * price.cached_input + usage.output_tokens * price.output
    return spent / _MILLION


def find_price(model: str) -> Price | None:
    """Return a model's price; a dated snapshot has the price of its model unless it has its own."""
    prices, name = _load(settings.CHAT_PRICES_FILE), model.removeprefix("models/")
    return prices.get(name) or prices.get(_SNAPSHOT.sub("", name))


@cache
def _load(own_file: str) -> dict[str, Price]:
    return read_prices(OUR_FILE) | (read_prices(Path(own_file)) if own_file else {})


def read_prices(path: Path) -> dict[str, Price]:
    """Read a file of prices. Raises BadPrices."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        return {model: _read_price(entry) for model, entry in entries.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise BadPrices(
            f"{path} holds no prices that can be read ({type(error).__name__}: {error})."
        ) from None


def _read_price(entry: dict[str, object]) -> Price:
    if not isinstance(entry["as_of"], date):
        raise TypeError("as_of must be a date such as 2026-01-31")
    given = (entry["input"], entry.get("cached_input", entry["input"]), entry["output"])
    amounts = [Decimal(str(amount)) for amount in given]
    if any(not amount.is_finite() or amount < 0 for amount in amounts):
        raise ValueError("prices are numbers of 0 or more")
    fresh, cached, output = amounts
    return Price(fresh, cached, output, entry["as_of"])
