"""What an answer used, as its provider counted it, or as its texts suggest where nobody counted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from agents.usage import Usage as SdkUsage
from openai.types.responses import Response
from pydantic import BaseModel

from conversations.responder import Usage
from conversations.tokens import estimate_tokens


def read_usage(response: Response) -> SdkUsage:
    """Return the provider's own count, in the SDK's form; zeros where it counted nothing."""
    if response.usage is None:
        return SdkUsage(requests=1)
    usage = response.usage
    return SdkUsage(
        requests=1,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.total_tokens,
        input_tokens_details=usage.input_tokens_details,
    )


def to_usage(counted: SdkUsage | None, *, asked: str | None, given: Any, answered: Sequence[Any]) -> Usage:
    """Return what to charge for an answer: what was counted, else an estimate from what went in and came out."""
    if counted is not None and (counted.input_tokens or counted.output_tokens):
        details = counted.input_tokens_details
        cached, written = details.cached_tokens or 0, details.cache_write_tokens or 0
        return Usage(counted.input_tokens, counted.output_tokens, cached, written)
    went_in = (asked or "") + _write(given)
    return Usage(estimate_tokens(went_in), estimate_tokens(_write(answered)), is_estimated=True)


def _write(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json", exclude_unset=True) if isinstance(value, BaseModel) else str(value)
