"""The seam between the SDK and a provider: what is said is shown as it streams, and stored before it counts."""

from __future__ import annotations

import dataclasses
import logging
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, NoReturn, cast

from agents import (
    Agent,
    AgentOutputSchemaBase,
    Handoff,
    Model,
    ModelResponse,
    ModelSettings,
    ModelTracing,
    RunContextWrapper,
    Tool,
)
from agents.items import TResponseInputItem, TResponseOutputItem, TResponseStreamEvent
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from openai.types.responses import Response
from openai.types.responses.response_prompt_param import ResponsePromptParam

from conversations.errors import AssistantFailed, StateLost
from conversations.responder import Spent

from . import steps
from .context import RunContext
from .failures import MISTAKEN
from .guardrails.screening import open_screen
from .mistakes import MOST_IN_A_ROW, MOST_MISFITS, mend_calls
from .providers.streams import finish_reason, show_text
from .screen import HELD_BACK, Screen
from .steady_model import SteadyModel
from .usage import read_usage, to_usage

logger = logging.getLogger(__name__)

CUT_SHORT = gettext_noop("*(This answer was cut short. Ask me to go on, and I will.)*")
REFUSED = gettext_noop(
    "I'm sorry, I can't help with that. If there is something about your journey that I can do, just tell me."
)


class RecordedModel(Model):
    """A model for one turn.

    It gives back the responses that an earlier attempt stored, without asking or showing anything, so that the
    SDK calls the same tools with the same call ids. After these it asks the provider, streams the text to the
    recorder, and lets the SDK see a response only when it is durable. Streaming thus ends here: the SDK's own
    events, which nobody reads, are never made.
    """

    def __init__(self, model: SteadyModel, *, context: RunContext, stored: Sequence[dict[str, Any]]) -> None:
        self._model = model
        self._context = context
        self._recorder = context.recorder
        self._stored = deque(stored)
        self._first: ModelResponse | None = None
        self._call_ids: set[str] = set()
        self._in_a_row = self._misfits = 0

    async def get_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: list[Handoff[Any, Any]],
        tracing: ModelTracing,
        *,
        previous_response_id: str | None,
        conversation_id: str | None,
        prompt: ResponsePromptParam | None,
    ) -> ModelResponse:
        """Return the next stored response, or ask for one and store it."""
        if self._first is not None:
            response, self._first = self._first, None
            return response
        if self._stored:
            return self._replay(self._stored.popleft(), tools, handoffs)
        if self._context.waiting:
            raise MustWait
        self._count_misfits()
        await self._recorder.before_call()
        events = self._model.stream_response(
            system_instructions,
            input,
            model_settings,
            tools,
            output_schema,
            handoffs,
            tracing,
            previous_response_id=previous_response_id,
            conversation_id=conversation_id,
            prompt=prompt,
        )
        screen = open_screen(self._context)
        response = await self._receive(events, screen)
        usage = to_usage(response.usage, asked=system_instructions, given=input, answered=response.output)
        self._call_ids |= steps.find_call_ids(input)
        used_item_ids = steps.find_item_ids(input)
        steps.give_ids(response.output, used_call_ids=self._call_ids, used_item_ids=used_item_ids)
        try:
            _check_worth(response.output)
            mistakes = self._mend(response, tools, handoffs)
        except AssistantFailed:
            self._recorder.spent(Spent(self._model.name, usage))
            raise
        self._note_calls(response, mistakes)
        step = steps.make_step(response, usage=usage, model=self._model.name, mistakes=mistakes)
        await self._recorder.step(
            dataclasses.replace(step, text=screen.text, annotations=tuple(screen.annotations))
        )
        return response

    async def ask_first(self, member: Agent[RunContext], items: list[TResponseInputItem]) -> bool:
        """Ask for the turn's first response; say whether it calls tools, which are the SDK's to run.

        A run that has nothing to run takes as long as all else of an answer: so it begins when there are calls, and is
        given this response as its first.
        """
        self._first = await self.get_response(
            await member.get_system_prompt(RunContextWrapper(self._context)),
            items,
            member.model_settings,
            member.tools,
            None,
            cast("list[Handoff[Any, Any]]", member.handoffs),
            ModelTracing.DISABLED,
            previous_response_id=None,
            conversation_id=None,
            prompt=None,
        )
        return bool(self._context.calls)

    def _replay(
        self, stored: dict[str, Any], tools: Sequence[Tool], handoffs: Sequence[Handoff[Any, Any]]
    ) -> ModelResponse:
        """Return a stored response. Raises StateLost where it calls what isn't there any more."""
        response, mistakes = steps.restore_response(stored), stored.get("mistakes", {})
        names, hand_overs = {tool.name for tool in tools}, {each.tool_name for each in handoffs}
        for call in steps.find_calls(response.output):
            # What nothing ran for then must not be taken for a hand-over that today's code knows.
            is_lost = (
                call.name in hand_overs if call.call_id in mistakes else call.name not in names | hand_overs
            )
            if is_lost:
                raise StateLost
        self._note_calls(response, mistakes)
        return response

    def _mend(
        self, response: ModelResponse, tools: Sequence[Tool], handoffs: Sequence[Handoff[Any, Any]]
    ) -> dict[str, str]:
        """Return what the model is told of its calls that no tool can take. Raises AssistantFailed after too many."""
        mistakes = mend_calls(
            response.output,
            tools={tool.name for tool in tools},
            hand_overs={handoff.tool_name for handoff in handoffs},
        )
        self._in_a_row = self._in_a_row + 1 if mistakes else 0
        if mistakes:
            logger.warning("an answer calls what no tool can take, %s in a row", self._in_a_row)
        if self._in_a_row >= MOST_IN_A_ROW:
            raise AssistantFailed(MISTAKEN)
        return mistakes

    def _count_misfits(self) -> None:
        """Count answers in a row of which no call fitted its tool. Raises AssistantFailed after too many."""
        calls = {call_id for call_id, _ in self._context.calls}
        wrong = self._context.misfits | self._context.mistakes.keys()
        self._misfits = self._misfits + 1 if calls and calls <= wrong else 0
        if self._misfits >= MOST_MISFITS:
            logger.warning("%s answers in a row call tools with what these don't take", self._misfits)
            raise AssistantFailed(MISTAKEN)

    def _note_calls(self, response: ModelResponse, mistakes: Mapping[str, str]) -> None:
        calls = [(call.call_id, call.name) for call in steps.find_calls(response.output)]
        self._call_ids.update(call_id for call_id, _ in calls)
        self._context.calls[:] = calls
        self._context.mistakes.update(mistakes)

    def stream_response(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: text is streamed to the recorder, not to the SDK."""
        raise NotImplementedError("get_response streams to the recorder")

    async def _receive(self, events: AsyncIterator[TResponseStreamEvent], screen: Screen) -> ModelResponse:
        """Show the text of a stream, and return the response once it is complete."""
        answer = _Answer()

        async def show(text: str) -> None:
            await self._recorder.text(screen.feed(text))

        show_text.set(show)
        async with aclosing(cast("AsyncGenerator[TResponseStreamEvent]", events)) as stream:
            await self._follow(stream, answer)
        if answer.response is not None and not screen.has_begun:  # it came otherwise than as a stream of text
            await show(steps.read_text(answer.response.output or answer.items))
        await self._recorder.text(screen.finish())
        return await self._complete(answer, screen)

    async def _follow(self, events: AsyncIterator[TResponseStreamEvent], answer: _Answer) -> None:
        """Keep what a stream ends with; its text is shown where it is read."""
        async for event in events:
            match event.type:
                case "response.output_item.done":
                    answer.items.append(event.item)
                case "response.completed":
                    answer.response = event.response
                case "response.incomplete":
                    answer.response = event.response
                    details = event.response.incomplete_details
                    finish_reason.set(
                        "content_filter" if details and details.reason == "content_filter" else "length"
                    )
                    return

    async def _complete(self, answer: _Answer, screen: Screen) -> ModelResponse:
        """Return a response that is worth storing, or raise."""
        if answer.response is None:
            raise AssistantFailed(retryable=True)
        output = answer.response.output or answer.items
        cut = finish_reason.get() in ("length", "content_filter")
        if steps.is_refusal(output) or (finish_reason.get() == "content_filter" and not _says(output)):
            output = [steps.make_message(_(REFUSED))]
            await self._recorder.text(screen.add(_(REFUSED)))
        elif cut and _says(output) and not steps.find_calls(output):
            output = [*output, steps.make_message("\n\n" + _(CUT_SHORT))]
            await self._recorder.text(screen.add("\n\n" + _(CUT_SHORT)))
        elif cut:
            output = []  # calls that may lack their last words
        if screen.finding is not None:
            logger.warning("the rest of an answer was held back: %s", screen.finding.kind)
            await self._recorder.text(screen.add(_(HELD_BACK)))
            output = [steps.make_message(screen.text)]  # the calls beside it go too: they may be part of it
        return ModelResponse(output=output, usage=read_usage(answer.response), response_id=answer.response.id)


class _Answer:
    """What has come of a stream so far."""

    def __init__(self) -> None:
        self.items: list[TResponseOutputItem] = []
        self.response: Response | None = None


def _check_worth(output: Sequence[TResponseOutputItem]) -> None:
    """Refuse an answer that says nothing; asked again, a model may say something."""
    if not (_says(output) or steps.find_calls(output)):
        raise AssistantFailed(retryable=finish_reason.get() not in ("length", "content_filter"))


class MustWait(Exception):
    """A tool waits for a yes or no: the model isn't asked before."""


def _says(output: Sequence[TResponseOutputItem]) -> bool:
    return bool(steps.read_text(output).strip())
