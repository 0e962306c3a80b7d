"""A model that judges each message before the assistant sees it: dearer than patterns, and only where asked for."""

from __future__ import annotations

import asyncio
import logging
from functools import cache
from pathlib import Path

from agents_app.asking import ask_aside
from agents_app.steady_model import SteadyModel
from conversations.errors import AssistantError
from conversations.responder import TurnRecorder

from .incoming import REFUSALS, Refusal

logger = logging.getLogger(__name__)

NAME = "model"
SECONDS = 10.0


async def judge_message(text: str, model: SteadyModel, recorder: TurnRecorder) -> Refusal | None:
    """Return why a message isn't passed on. A judge that fails or takes long lets it through: others still look."""
    try:
        async with asyncio.timeout(SECONDS):
            await recorder.before_call()
            said, spent = await ask_aside(model, _instructions(), f"<message>\n{text}\n</message>")
    except (AssistantError, TimeoutError) as error:
        logger.warning("a message could not be judged and is passed on: %s", type(error).__name__)
        return None
    recorder.spent(spent)
    return REFUSALS.get(said.strip(" .`\"'\n").lower())


@cache
def _instructions() -> str:
    return Path(__file__).with_suffix(".md").read_text(encoding="utf-8")
