"""Answers turns with the Agents SDK: `settings.CHAT_RESPONDER`. The only caller of the SDK's Runner."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import ClassVar

from agents import RunConfig, Runner, set_trace_provider
from agents.exceptions import AgentsException, MaxTurnsExceeded
from agents.tracing.provider import DefaultTraceProvider
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from conversations.errors import AssistantFailed, Fenced, StateLost
from conversations.responder import HistoryMessage, TurnRecorder, TurnRequest

from . import mistakes, steps
from .assistants import ASSISTANTS, Assistant
from .context import RunContext, running
from .failures import LOOPED, find_cause
from .guardrails import judge
from .guardrails.incoming import check_in_slices
from .history import make_input
from .providers.candidates import Candidates
from .recorded_model import MustWait, RecordedModel
from .steady_model import SteadyModel
from .summaries import sum_up_when_long
from .team import Team

logger = logging.getLogger(__name__)

#: Model calls in one attempt of a turn.
MAX_STEPS = 10


class AgentRunner:
    """A Responder. Holds the provider's connections and nothing of any turn.

    A subclass with assistants and `tools` of its own is another assistant: docs/own-assistant.md.
    """

    #: Who answers; the first one has every new conversation.
    assistants: ClassVar[Sequence[Assistant]] = tuple(ASSISTANTS.values())

    def __init__(self) -> None:
        set_trace_provider(_no_traces())
        self._candidates = Candidates()
        self._team: Team | None = None
        self._opening = asyncio.Lock()

    async def prepare(self) -> None:
        """Open the provider's client and make the assistants, so that the first turn doesn't wait for them."""
        await self._candidates.choose()
        await self._get_team()

    async def respond(self, request: TurnRequest, recorder: TurnRecorder) -> None:
        """Answer one turn, going on from the steps that it has stored."""
        team = await self._get_team()
        steady = SteadyModel(await self._candidates.choose(request.chosen_model))
        context = RunContext.of(request, recorder)
        model = RecordedModel(steady, context=context, stored=request.steps)
        running.set(context)
        translation.activate(request.language or settings.LANGUAGE_CODE)  # for this task, and what it starts
        if not request.steps and (refusal := await self._check(request, recorder)) is not None:
            await recorder.text(refusal)
            await recorder.step(steps.make_refusal(refusal))
            return
        member = team.find_member(request.history, request.summary)
        items = make_input(request.history, summary=request.summary)
        if not request.steps and not await model.ask_first(member, items):
            await sum_up_when_long(request, recorder, steady, now_with=member.name)
            return
        try:
            run = await Runner.run(
                member,
                items,
                context=context,
                max_turns=len(request.steps) + MAX_STEPS,
                run_config=RunConfig(
                    model=model,
                    tracing_disabled=True,
                    tool_not_found_behavior="return_error_to_model",
                    tool_error_formatter=mistakes.tell,
                ),
            )
        except MustWait:
            await recorder.wait()
        except MaxTurnsExceeded as error:
            raise AssistantFailed(LOOPED) from error
        except AgentsException as error:
            if ending := find_cause(error, Fenced) or find_cause(error, StateLost):
                raise ending from None
            raise
        else:
            await sum_up_when_long(request, recorder, steady, now_with=run.last_agent.name)

    async def _check(self, request: TurnRequest, recorder: TurnRecorder) -> str | None:
        """Return what is said to a message that no model gets to see."""
        asked = request.history[-1] if request.history else None
        if not isinstance(asked, HistoryMessage) or asked.role != "user":
            return None
        text = "\n".join([asked.text, *(image.name for image in asked.images)])
        refusal = await check_in_slices(text, settings.CHAT_CHECKS, before=_said_before(request))
        if refusal is None and judge.NAME in settings.CHAT_CHECKS:
            # With a model of its own: what it says doesn't bind the reply to a provider.
            model = SteadyModel(await self._candidates.choose(request.chosen_model))
            refusal = await judge.judge_message(text, model, recorder)
        if refusal is None:
            return None
        logger.warning("a message was not passed on to the model: %s", refusal.kind)
        return _(refusal.words)

    async def close(self) -> None:
        """Close the providers' and other servers' connections."""
        if self._team is not None:
            team, self._team = self._team, None
            await team.close()
        await self._candidates.close()

    async def _get_team(self) -> Team:
        async with self._opening:
            if self._team is None:
                self._team = await Team.gather(self.assistants)
            return self._team


def _no_traces() -> DefaultTraceProvider:
    """Return what traces nothing. Told only to be silent, the SDK would still make a client with certificates."""
    provider = DefaultTraceProvider()
    provider.set_disabled(True)
    return provider


def _said_before(request: TurnRequest) -> str:
    """Return what the customer wrote before the message to answer."""
    before = (entry for entry in reversed(request.history[:-1]) if isinstance(entry, HistoryMessage))
    return next((entry.text for entry in before if entry.role == "user"), "")
