"""Speech into text by the provider's own API: `settings.CHAT_TRANSCRIBER`. Nothing of it is kept."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from django.conf import settings

from conversations.errors import (
    AssistantError,
    AssistantFailed,
    AssistantTimeout,
    AssistantUnavailable,
    Malformed,
)

from .providers.practice.server import PracticeServer

SECONDS = 60
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


async def transcribe(audio: bytes, media_type: str) -> str:
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
                return str((await answer.json())["text"]).strip()
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


def _refusal(status: int) -> AssistantError | Malformed:
    logger.warning("dictation was refused: status %s", status)
    if status in (404, 405, 501):  # a server that speaks the rest of the API
        return Malformed(_NOT_HERE)
    if status in (429, 503):
        return AssistantUnavailable("The assistant is over its limits right now. Try again in a moment.")
    return AssistantFailed(_FAILED)
