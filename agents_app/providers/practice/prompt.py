"""What a request asks, in one form for both APIs."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


class Refused(Exception):
    """The request is not one that a real provider would take; answered with status 400 and this message."""

    def __init__(self, message: str, code: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Said:
    """A message. `role` is system, user or assistant."""

    role: str
    text: str
    images: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call; each one that this server makes has a fresh id, as with real models."""

    name: str
    arguments: str = "{}"
    call_id: str = field(default_factory=lambda: f"call_{secrets.token_hex(12)}")


@dataclass(frozen=True, slots=True)
class Output:
    """What a tool returned."""

    call_id: str
    text: str


Entry = Said | Call | Output


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request to answer."""

    model: str
    entries: Sequence[Entry]
    tools: frozenset[str]
    stream: bool
    include_usage: bool
    seal_thoughts: bool = False

    @property
    def question(self) -> str:
        """The text of the last user message."""
        return next((e.text for e in reversed(self.entries) if isinstance(e, Said) and e.role == "user"), "")

    @property
    def images(self) -> int:
        """How many pictures came with the last user message."""
        return next((e.images for e in reversed(self.entries) if isinstance(e, Said) and e.role == "user"), 0)

    @property
    def since_question(self) -> Sequence[Entry]:
        """What followed the last user message: the tool calls of this turn and what they returned."""
        for index in range(len(self.entries) - 1, -1, -1):
            entry = self.entries[index]
            if isinstance(entry, Said) and entry.role == "user":
                return self.entries[index + 1 :]
        return self.entries

    @property
    def characters(self) -> int:
        """How much text came in, for the token counts."""
        return sum(len(e.arguments if isinstance(e, Call) else e.text) for e in self.entries)


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer: text, tool calls or a refusal."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    refusal: str = ""
    finish: Literal["stop", "length", "content_filter"] = "stop"

    @property
    def characters(self) -> int:
        """How much text goes out, for the token counts."""
        return len(self.text) + len(self.refusal) + sum(len(call.arguments) for call in self.calls)


@dataclass(frozen=True, slots=True)
class Frame:
    """One server-sent event. `paced` ones carry a word; `ending` ones say that the answer is complete."""

    data: bytes
    paced: bool = False
    ending: bool = False


def count_tokens(characters: int) -> int:
    """Estimate tokens the way everybody does: four characters each."""
    return (characters + 3) // 4


def check_pairs(entries: Sequence[Entry]) -> None:
    """Refuse orphan calls, orphan outputs and duplicate call ids, as the real APIs do."""
    made: set[str] = set()
    for entry in entries:
        if isinstance(entry, Call):
            made.add(entry.call_id)
        elif isinstance(entry, Output) and entry.call_id not in made:
            raise Refused(f"No tool call found for function call output with call_id {entry.call_id}.")
    calls = [entry.call_id for entry in entries if isinstance(entry, Call)]
    outputs = [entry.call_id for entry in entries if isinstance(entry, Output)]
    for kind, ids in (("tool call", calls), ("tool output", outputs)):
        repeated = {call_id for call_id in ids if ids.count(call_id) > 1}
        if repeated:
            raise Refused(f"Duplicate {kind} id: {sorted(repeated)[0]}.")
    if orphans := [call_id for call_id in calls if call_id not in outputs]:
        raise Refused(f"No tool output found for function call {orphans[0]}.")


def split_words(text: str) -> list[str]:
    """Cut text into words that keep the space before them, so that joining gives the text back."""
    words: list[str] = []
    start = 0
    for index in range(1, len(text)):
        if text[index].isspace() and not text[index - 1].isspace():
            words.append(text[start:index])
            start = index
    if text:
        words.append(text[start:])
    return words


def count_images(content: Any) -> int:
    """Count a message's pictures, and refuse one that is no picture."""
    parts = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    urls = [part.get("image_url") for part in parts if part.get("type") in ("input_image", "image_url")]
    for url in urls:
        address = url.get("url") if isinstance(url, dict) else url
        if not str(address).startswith(("data:image/", "https://")):
            raise Refused(
                "Invalid image_url: expected a URL or a base64-encoded data URL with an image MIME type."
            )
    return len(urls)


def read_text(content: Any, allowed: frozenset[str], where: str) -> str:
    """Return the text of a message's content: a string, or parts of the allowed types."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise Refused(f"Invalid type for '{where}': expected a string or an array.")
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind not in allowed:
            supported = ", ".join(sorted(allowed))
            raise Refused(f"Invalid value: '{kind}' in '{where}'. Supported values are: {supported}.")
    return "".join(str(part.get("text") or part.get("refusal") or "") for part in content)
