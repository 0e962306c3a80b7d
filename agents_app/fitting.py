"""Makes a conversation fit a model: whole exchanges go, the oldest first, so that no call is parted from its result."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from conversations.tokens import estimate_tokens

Item = Mapping[str, Any]

#: What stands before a summary, as if the customer had asked for it: roles alternate, as some servers want it.
SUMMARY_ASKED = "Sum up what we have said so far."
CUT_OUTPUT = "\n[… the rest was left out]"
#: What a picture counts for.
PICTURE_TOKENS = 1000
#: Stands in place of one that the model refuses: it is broken, or the model has no eyes.
UNREAD_PICTURE = {"type": "input_text", "text": "[A picture that could not be read]"}
#: A tool's result is never cut below so many tokens.
LEAST_OUTPUT = 50


def fit(items: Sequence[Item], budget: int) -> list[Item]:
    """Return the latest exchanges that fit a budget of tokens; an exchange begins with a user's message.

    The summary stays, and so does the last exchange; where that alone is too much, its tools' results are shortened.
    """
    if count_tokens(items) <= budget:
        return list(items)
    summary, exchanges = _split(items)
    room = budget - count_tokens(summary) - count_tokens(exchanges[-1])
    kept = [exchanges[-1] if room >= 0 else _shorten(exchanges[-1], -room)]
    for exchange in reversed(exchanges[:-1]):
        room -= count_tokens(exchange)
        if room < 0:
            break
        kept.insert(0, exchange)
    return [*summary, *(item for exchange in kept for item in exchange)]


def leave_out_pictures(items: Sequence[Item]) -> list[Item]:
    """Return the items with words in place of pictures."""
    return [
        {**item, "content": [UNREAD_PICTURE if _is_picture(part) else part for part in _parts(item)]}
        if any(map(_is_picture, _parts(item)))
        else item
        for item in items
    ]


def leave_out_unanswered(items: Sequence[Item]) -> list[Item]:
    """Return the items without earlier exchanges that came to no answer: what ended their turns may be in them."""
    summary, exchanges = _split(items)
    answered = [each for each in exchanges[:-1] if any(item.get("role") == "assistant" for item in each)]
    return [*summary, *(item for exchange in [*answered, exchanges[-1]] for item in exchange)]


def _parts(item: Item) -> list[Any]:
    content = item.get("content")
    return content if isinstance(content, list) else []


def _is_picture(part: Any) -> bool:
    return bool(part.get("type") == "input_image")


def count_tokens(items: Sequence[Item]) -> int:
    """Estimate the tokens of input items, whatever they are. Parts of a list never count less than the list."""
    pictures = sum(_is_picture(part) for item in items for part in _parts(item))
    # Written at once: an encoder for each item costs more than what it writes.
    text = json.dumps(leave_out_pictures(items) if pictures else items, ensure_ascii=False)
    return estimate_tokens(text) + PICTURE_TOKENS * pictures


def _split(items: Sequence[Item]) -> tuple[list[Item], list[list[Item]]]:
    begin = 2 if items and items[0].get("content") == SUMMARY_ASKED else 0
    exchanges: list[list[Item]] = [[]]
    for item in items[begin:]:
        if item.get("role") == "user" and exchanges[-1]:
            exchanges.append([])
        exchanges[-1].append(item)
    return list(items[:begin]), exchanges


def _shorten(exchange: Sequence[Item], too_much: int) -> list[Item]:
    """Cut the tools' results of an exchange, the longest first, by so many tokens in all."""
    shortened = list(exchange)
    outputs = [index for index, item in enumerate(exchange) if isinstance(item.get("output"), str)]
    for index in sorted(outputs, key=lambda index: -len(exchange[index]["output"])):
        if too_much <= 0:
            break
        output = exchange[index]["output"]
        tokens = estimate_tokens(output)
        keep = max(LEAST_OUTPUT, tokens - too_much - estimate_tokens(CUT_OUTPUT))
        if keep < tokens:
            shortened[index] = {**exchange[index], "output": _cut(output, keep / tokens) + CUT_OUTPUT}
            too_much -= tokens - keep
    return shortened


def _cut(text: str, share: float) -> str:
    return text[: int(len(text) * share)]
