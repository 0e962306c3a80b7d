"""What a provider counted, in the form that the client's objects take, also where it is a little wrong."""

from __future__ import annotations

from typing import Any, TypeGuard

#: More than any model takes or gives in one call: who counts as much has miscounted, and the columns have an end.
MOST_TOKENS = 100_000_000


def mend_usage(event: dict[str, Any]) -> None:
    """Put the usage of an event into its form; one that can't be true goes, and is estimated later."""
    response = event.get("response")
    holder = response if isinstance(response, dict) else event
    if (usage := holder.get("usage")) is None:
        return
    holder["usage"] = (_mend_responses if holder is response else _mend_chat)(usage)


def _mend_responses(usage: Any) -> dict[str, Any] | None:
    tokens = _read_tokens(usage, "input_tokens", "output_tokens")
    if tokens is None:
        return None
    cached, written = _read_details(usage, "input_tokens_details")
    return {
        "input_tokens": tokens[0],
        "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
        "output_tokens": tokens[1],
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": sum(tokens),
    }


def _mend_chat(usage: Any) -> dict[str, Any] | None:
    tokens = _read_tokens(usage, "prompt_tokens", "completion_tokens")
    if tokens is None:
        return None
    cached, written = _read_details(usage, "prompt_tokens_details")
    return {
        "prompt_tokens": tokens[0],
        "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
        "completion_tokens": tokens[1],
        "total_tokens": sum(tokens),
    }


def _read_tokens(usage: Any, *names: str) -> list[int] | None:
    counts = [usage.get(name) for name in names] if isinstance(usage, dict) else [None]
    tokens = [count for count in counts if _is_count(count)]
    return tokens if len(tokens) == len(names) else None


def _read_details(usage: dict[str, Any], name: str) -> list[int]:
    details = usage.get(name)
    known = details if isinstance(details, dict) else {}
    counts = [known.get(name) for name in ("cached_tokens", "cache_write_tokens")]
    return [count if _is_count(count) else 0 for count in counts]


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and 0 <= value <= MOST_TOKENS
