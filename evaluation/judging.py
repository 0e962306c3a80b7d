"""Says whether a case came out as it must."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from .playing import Talk


def find_faults(talk: Talk) -> list[str]:
    """Return what is wrong; nothing is a case that was achieved."""
    return [*talk.failures, *_faults_of_calls(talk), *_faults_of_words(talk)]


def _faults_of_calls(talk: Talk) -> Iterator[str]:
    case = talk.case
    called = [call["name"] for call in talk.calls]
    done = [call["name"] for call in talk.calls if call["status"] == "completed"]
    yield from (f"didn't do {tool}" for tool in case.tools if tool not in done)
    yield from (f"called {tool}" for tool in case.no_tools if tool in called)
    yield from (f"did {tool}" for tool in case.not_done if tool in done)
    for tool, times in case.times.items():
        if called.count(tool) != times:
            yield f"called {tool} {called.count(tool)} times, not {times}"
    for name, words in case.arguments.items():
        given = [json.dumps(call["arguments"].get(name), ensure_ascii=False) for call in talk.calls]
        if not any(words.lower() in each.lower() for each in given):
            yield f"no {name} with {words}"


def _faults_of_words(talk: Talk) -> Iterator[str]:
    last = talk.replies[-1] if talk.replies else ""
    for pattern in talk.case.says:
        if not re.search(pattern, last, re.IGNORECASE):
            yield f"doesn't say {pattern}"
    for pattern in talk.case.never_says:
        if any(re.search(pattern, reply, re.IGNORECASE) for reply in talk.replies):
            yield f"says {pattern}"
