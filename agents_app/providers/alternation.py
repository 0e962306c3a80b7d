"""Lets customer and assistant take turns, as the templates of some models insist (Gemma's, Mistral's).

A turn that failed or was stopped leaves a message without an answer, or a tool's result that nobody told. Such a model
would refuse the conversation from then on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Item = Mapping[str, Any]

NO_ANSWER: Item = {"role": "assistant", "content": "[No answer was given here.]"}


def take_turns(items: Sequence[Item]) -> list[Item]:
    """Return the items with what stands for an answer that is missing, and answers that follow each other as one.

    Messages of the customer are never joined: the last one is what is to be answered, and nothing else.
    """
    taken: list[Item] = []
    for item in items:
        before = taken[-1] if taken else {}
        if _is_customers(item) and (_is_customers(before) or before.get("type") == "function_call_output"):
            taken.append(NO_ANSWER)
        if _is_answer(item) and _is_answer(before):
            taken[-1] = {**before, "content": [*before["content"], *item["content"]]}
        else:
            taken.append(item)
    return taken


def _is_customers(item: Item) -> bool:
    return item.get("role") == "user"


def _is_answer(item: Item) -> bool:
    return item.get("role") == "assistant" and isinstance(item.get("content"), list)
