"""Speech into text by the provider's own API: `settings.CHAT_TRANSCRIBER`. Nothing of it is kept."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from django.conf import settings

from conversations.errors import (
    AssistantError,
    AssistantFailed,
    AssistantTimeout,
    AssistantUnavailable,
    Malformed,
)
from conversations.responder import TOKENS_A_SECOND, Transcript, Usage
from conversations.tokens import estimate_tokens

from .providers.practice.server import PracticeServer

SECONDS = 60
#: More than fits into a request that we take.
LONGEST_SECONDS = 4 * 3600
_ENDINGS = {
    "audio/webm": "webm",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
}
_NOT_HERE = "This assistant's provider takes no dictation. Type your message instead."
_FAILED = "What you said couldn't be written down. Try again, or type your message."

logger = logging.getLogger(__name__)


async def transcribe(audio: bytes, media_type: str) -> Transcript:
    """Return what was said. Raises an AssistantError, or Malformed where the provider takes no dictation."""
    form = aiohttp.FormData()
    form.add_field("model", settings.OPENAI_TRANSCRIPTION_MODEL)
    form.add_field("file", audio, filename=f"speech.{_ENDINGS[media_type]}", content_type=media_type)
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    async with _provider() as (base_url, key), aiohttp.ClientSession(timeout=timeout) as http:
        address, headers = f"{base_url.rstrip('/')}/audio/transcriptions", {"Authorization": f"Bearer {key}"}
        try:
            async with http.post(address, data=form, headers=headers) as answer:
                if answer.status >= 400:
                    raise _refusal(answer.status)
                return _read(await answer.json())
        except TimeoutError as error:
            raise AssistantTimeout(_FAILED) from error
        except (aiohttp.ClientError, ValueError, KeyError, TypeError) as error:
            logger.warning("dictation failed: %s", type(error).__name__)
            raise AssistantUnavailable(_FAILED) from error


@asynccontextmanager
async def _provider() -> AsyncIterator[tuple[str, str]]:
    """Give the address and the key of the provider's API."""
    match settings.CHAT_PROVIDER:
        case "openai":
            yield settings.OPENAI_BASE_URL or "https://api.openai.com/v1", settings.OPENAI_API_KEY
        case "practice":
            server = PracticeServer()
            try:
                yield await server.start(), "practice"
            finally:
                await server.close()
        case _:
            raise Malformed(_NOT_HERE)


def _read(answer: dict[str, Any]) -> Transcript:
    text, usage = str(answer["text"]).strip(), answer.get("usage")
    # The practice provider costs nothing, whatever model it is asked for.
    is_practice = settings.CHAT_PROVIDER == "practice"
    model = "practice" if is_practice else settings.OPENAI_TRANSCRIPTION_MODEL
    return Transcript(text, model, _read_usage(usage, text) if isinstance(usage, dict) else None)


def _read_usage(usage: dict[str, Any], text: str) -> Usage | None:
    """Return what was counted: the speech's length, or tokens; None where that can't be."""
    match usage:
        case {"seconds": int() | float() as seconds} if 0 < seconds <= LONGEST_SECONDS:
            tokens = round(seconds * TOKENS_A_SECOND)
            return Usage(tokens, estimate_tokens(text), seconds=float(seconds))
        case {"input_tokens": int() as told, "output_tokens": int() as said} if told >= 0 and said >= 0:
            if told + said > LONGEST_SECONDS * TOKENS_A_SECOND * 10:
                return None
            return Usage(told, said)
    return None


def _refusal(status: int) -> AssistantError | Malformed:
    logger.warning("dictation was refused: status %s", status)
    if status in (404, 405, 501):  # a server that speaks the rest of the API
        return Malformed(_NOT_HERE)
    if status in (429, 503):
        return AssistantUnavailable("The assistant is over its limits right now. Try again in a moment.")
    return AssistantFailed(_FAILED)
