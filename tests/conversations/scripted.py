"""An assistant that a test conducts: it answers when and as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from agents_app.tools import TOOLS
from conversations.responder import Step, TurnRecorder, TurnRequest

Script = Callable[[TurnRequest, TurnRecorder], Awaitable[None]]


class ScriptedResponder:
    """A `Responder`: the other side of the protocol, as a team's own assistant would be."""

    #: As if it could do what the airline's does: what the pages show of a trip belongs to these.
    tools = TOOLS
    script: Script
    requests: list[TurnRequest]

    async def prepare(self) -> None:
        pass

    async def respond(self, request: TurnRequest, recorder: TurnRecorder) -> None:
        type(self).requests.append(request)
        await type(self).script(request, recorder)

    async def close(self) -> None:
        pass


async def say(recorder: TurnRecorder, text: str) -> None:
    """Answer with the text, and nothing else."""
    await recorder.text(text)
    await recorder.step(Step(response={"said": text}, text=text, final=True, model="scripted"))


async def echo(request: TurnRequest, recorder: TurnRecorder) -> None:
    """Answer with what was said last."""
    await say(recorder, f"You said: {request.history[-1].text}")  # type: ignore[union-attr]


def held(after: str = "Half of ") -> tuple[Script, asyncio.Event, asyncio.Event]:
    """Make a script that says the beginning, sets the first event, and ends when the second one is set."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def script(request: TurnRequest, recorder: TurnRecorder) -> None:
        await recorder.text(after)
        begun.set()
        await go_on.wait()
        await say(recorder, "the answer")

    return script, begun, go_on
