"""A model that keeps answering: by a second provider when the first fails, and with less when it was told too much.

What is refused is left out, too: it is in the history, and would end every later turn.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, cast

from agents import Model, ModelResponse, ModelSettings
from agents.items import TResponseInputItem, TResponseStreamEvent
from django.conf import settings

from conversations.errors import AssistantError, AssistantFailed

from .failures import TooLong, refuses_content, translate, translate_code
from .fitting import Item, count_tokens, fit, leave_out_pictures, leave_out_unanswered
from .providers.candidates import Candidate
from .providers.streams import finish_reason, show_text

logger = logging.getLogger(__name__)

#: How often a history is made smaller for a model that says that it is too long.
TIMES_TO_SHRINK = 3
#: What is left out, one after the other, where a request is refused: pictures, then what ended earlier turns, too.
_MAY_OFFEND = (leave_out_pictures, leave_out_unanswered)


class SteadyModel(Model):
    """One turn's model. A candidate that failed before any text was shown is followed by the next one.

    Once one has taken over it keeps the turn: its thoughts and signatures mean nothing to the others.
    """

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = list(candidates)
        self._started = False
        self._said_something = False
        self._left_out = 0

    @property
    def name(self) -> str:
        """The model that answers, or answered last."""
        return self._candidates[0].model_name

    @property
    def budget(self) -> int:
        """How many tokens of a conversation the model takes, as far as is known."""
        return self._candidates[0].budget or int(settings.CHAT_CONTEXT_TOKENS)

    async def stream_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Any],
        output_schema: Any,
        handoffs: list[Any],
        tracing: Any,
        **rest: Any,
    ) -> AsyncIterator[TResponseStreamEvent]:
        """Yield the events of one complete answer. Its text is shown as it comes. Raises AssistantError."""
        items = _make_items(input)
        self._said_something = False

        def ask(
            candidate: Candidate, items: Sequence[Item], budget: int
        ) -> AsyncIterator[TResponseStreamEvent]:
            dialect = candidate.dialect
            return candidate.make_model().stream_response(
                system_instructions,
                cast("list[TResponseInputItem]", dialect.items(fit(items, budget))),
                dialect.settings(model_settings),
                dialect.tools(tools),
                output_schema,
                dialect.handoffs(handoffs),
                tracing,
                **rest,
            )

        for event in await self._first_answer(ask, items):
            yield event

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        """Refuse: answers are streamed."""
        raise NotImplementedError("answers are streamed")

    async def _first_answer(self, ask: Any, items: Sequence[Item]) -> list[TResponseStreamEvent]:
        first_failure: AssistantError | None = None
        while True:
            candidate = self._candidates[0]
            try:
                return await self._ask_without_what_is_refused(candidate, ask, items)
            except AssistantError as failure:
                first_failure = first_failure or failure
                candidate.rest(failure)
                if self._said_something or len(self._candidates) == 1:
                    raise first_failure from first_failure.__cause__
            self._candidates.pop(0)
            logger.warning("%s answers in place of %s", self.name, candidate.model_name)

    async def _ask_without_what_is_refused(
        self, candidate: Candidate, ask: Any, items: Sequence[Item]
    ) -> list[TResponseStreamEvent]:
        left_out = self._left_out
        for leave_out in _MAY_OFFEND[:left_out]:
            items = leave_out(items)
        while True:
            try:
                answer = await self._ask_with_less_each_time(candidate, ask, items)
            except AssistantFailed as failure:
                if not refuses_content(failure):
                    raise
                less, left_out = _leave_out_more(items, left_out)
                if less == items:
                    raise
            else:
                self._left_out = left_out
                return answer
            items = less
            logger.warning("%s refused a request and is asked without what may offend it", self.name)

    async def _ask_with_less_each_time(
        self, candidate: Candidate, ask: Any, items: Sequence[Item]
    ) -> list[TResponseStreamEvent]:
        budget = self.budget
        for _ in range(TIMES_TO_SHRINK):
            try:
                return await self._collect(ask(candidate, items, budget))
            except TooLong:
                sent = count_tokens(fit(items, budget))
                budget = min(budget, sent) // 2
                if self._said_something or count_tokens(fit(items, budget)) >= sent:
                    raise
                candidate.budget = budget
        return await self._collect(ask(candidate, items, budget))

    async def _collect(self, events: AsyncIterator[TResponseStreamEvent]) -> list[TResponseStreamEvent]:
        """Return a stream's events once it is complete; what it says is shown meanwhile."""
        show = show_text.get()
        self._started = False

        async def watch(text: str) -> None:
            self._started = True
            self._said_something = self._said_something or bool(text)
            if show is not None:
                await show(text)

        collected = []
        token = show_text.set(watch)
        finish_reason.set("")
        try:
            async with aclosing(cast("AsyncGenerator[TResponseStreamEvent]", events)) as stream:
                async for event in stream:
                    self._started = True
                    _check(event)
                    collected.append(event)
                    if event.type == "response.incomplete":
                        break  # the SDK takes it for a failure
        except Exception as error:
            if (failure := translate(error, started=self._started)) is not None:
                raise failure from error
            raise
        finally:
            show_text.reset(token)
        if not any(event.type in ("response.completed", "response.incomplete") for event in collected):
            raise AssistantFailed(retryable=True)
        return collected


def _leave_out_more(items: Sequence[Item], left_out: int) -> tuple[Sequence[Item], int]:
    """Return the items with less in them, and how far that went; the same ones where nothing else may offend."""
    for number, leave_out in enumerate(_MAY_OFFEND[left_out:], left_out + 1):
        if (less := leave_out(items)) != items:
            return less, number
    return items, len(_MAY_OFFEND)


def _check(event: TResponseStreamEvent) -> None:
    """Raise what a provider reports within its stream."""
    match event.type:
        case "response.failed":
            raise translate_code(event.response.error.code if event.response.error else None)
        case "error":
            raise translate_code(event.code)


def _make_items(given: str | list[TResponseInputItem]) -> list[Item]:
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    return [cast("Item", item) for item in given]
