"""How an answer is given: pace, length and faults, asked for by a script or by words in the message.

A message says `[practice: fault=500, times=2]`; a script queued by HTTP has the same names as JSON.
"""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass
from typing import Any

#: Faults that answer instead of the model: status, error code, message.
STATUS_FAULTS = {
    "400": (400, "context_length_exceeded", "This model's maximum context length is exceeded."),
    "401": (401, "invalid_api_key", "Incorrect API key provided."),
    "404": (404, "model_not_found", "The model does not exist or you do not have access to it."),
    "429": (429, "rate_limit_exceeded", "Rate limit reached for requests."),
    "quota": (
        429,
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing.",
    ),
    "500": (500, "server_error", "The server had an error while processing your request."),
    "503": (503, "overloaded", "The engine is currently overloaded, please try again later."),
}
#: Faults of the connection or of the stream; see docs/practice.md.
STREAM_FAULTS = frozenset(
    {"close", "hang", "html", "close_mid", "hang_mid", "malformed", "error_event", "no_finish"}
)
#: Faults in what is said.
ANSWER_FAULTS = frozenset(
    {"empty", "length", "refusal", "content_filter", "unknown_tool", "broken_arguments", "loop", "big"}
)
FAULTS = frozenset(STATUS_FAULTS) | STREAM_FAULTS | ANSWER_FAULTS

_DIRECTIVE = re.compile(r"\[practice:(?P<settings>[^\]]*)\]", re.IGNORECASE)


class BadBehaviour(ValueError):
    """A name or a value that nobody knows; the message says which."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How to answer one request; the defaults are a well-behaved provider."""

    fault: str = ""
    times: int = 0
    """The fault meets only the first so many requests for the same message; 0: all of them."""
    step: int = 0
    """The fault meets only the answer before the tools (1) or after them (2); 0: both."""
    after: int = 5
    """Words sent before a fault in the middle of an answer."""
    retry_after: float | None = None
    slow: float = 0.0
    """Seconds to wait before the answer begins."""
    pace: float | None = None
    """Milliseconds between words; None: the server's own pace."""
    words: int = 0
    """Answer with so many words instead of something sensible."""
    preface: bool = False
    """Say something before the tool calls."""
    text: str = ""
    """Answer exactly this."""
    calls: tuple[tuple[str, str, str], ...] = ()
    """Call exactly these tools: name, arguments as JSON, and a call id (empty: a fresh one)."""


def read_directives(message: str) -> Behaviour:
    """Return the behaviour that a message asks for by its `[practice: …]` parts; unknown ones are ignored."""
    behaviour = Behaviour()
    for match in _DIRECTIVE.finditer(message):
        for setting in match["settings"].split(","):
            name, _, value = (part.strip() for part in setting.partition("="))
            try:
                behaviour = _set(behaviour, name, value or "true")
            except BadBehaviour:
                continue
    return behaviour


def read_script(entry: Any) -> Behaviour:
    """Return the behaviour that one entry of a script describes, or raise BadBehaviour."""
    if not isinstance(entry, dict):
        raise BadBehaviour("Each behaviour is a JSON object.")
    behaviour = Behaviour()
    for name, value in entry.items():
        behaviour = _set(behaviour, name, value)
    return behaviour


def remove_directives(message: str) -> str:
    """Return the message as its author meant it for the model."""
    return _DIRECTIVE.sub("", message).strip()


def _set(behaviour: Behaviour, name: str, value: Any) -> Behaviour:
    if name not in _READERS:
        raise BadBehaviour(f"Unknown name {name!r}. Known: {', '.join(sorted(_READERS))}.")
    try:
        return dataclasses.replace(behaviour, **{name: _READERS[name](value)})
    except (TypeError, ValueError, KeyError) as error:
        raise BadBehaviour(f"Bad value for {name}: {error}") from error


def _read_fault(value: Any) -> str:
    fault = str(value).lower()
    if fault not in FAULTS:
        raise ValueError(f"{fault!r} is none of {', '.join(sorted(FAULTS))}")
    return fault


def _read_flag(value: Any) -> bool:
    return str(value).lower() in {"true", "1", "yes"}


def _read_calls(value: Any) -> tuple[tuple[str, str, str], ...]:
    if isinstance(value, str):
        return tuple((name.strip(), "{}", "") for name in value.split("+"))
    return tuple(
        (call["name"], _read_arguments(call.get("arguments", {})), call.get("call_id", "")) for call in value
    )


def _read_arguments(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _read_number(value: Any) -> float:
    return min(max(float(value), 0.0), 3600.0)


def _read_count(value: Any) -> int:
    return min(max(int(value), 0), 1_000_000)


_READERS: dict[str, Any] = {
    "fault": _read_fault,
    "times": _read_count,
    "step": _read_count,
    "after": _read_count,
    "retry_after": _read_number,
    "slow": _read_number,
    "pace": _read_number,
    "words": _read_count,
    "preface": _read_flag,
    "text": str,
    "calls": _read_calls,
}
