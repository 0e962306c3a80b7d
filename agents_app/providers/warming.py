"""Builds what is built when a first stream is read: half a second that the first reply needn't wait for."""

from __future__ import annotations

from functools import cache

from .practice import chat_completions, responses
from .practice.prompt import Call, Prompt, Reply
from .streams import Decoder, make_object

_PROMPT = Prompt("warm-up", [], frozenset(), stream=True, include_usage=True)
_REPLY = Reply("Welcome aboard!", (Call("show_my_trip"),))


@cache
def warm_up(api: str) -> None:
    """Read an imaginary answer, without a network: call it in a thread."""
    kind = responses if api == "responses" else chat_completions
    decoder = Decoder()
    frames = b"".join(frame.data for frame in kind.answer_frames(_PROMPT, _REPLY))
    for event in decoder.hold_runs(decoder.take(frames)):
        make_object(event)
