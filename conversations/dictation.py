"""Dictation: what comes in is checked here, who writes it down is said by `settings.CHAT_TRANSCRIBER`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from conversations import errors, events, services
from conversations.loading import load
from conversations.responder import TOKENS_A_SECOND, Spent, Transcript, Usage
from conversations.threads import in_database

MAX_BYTES = 10 * 1024 * 1024
#: What it takes in a request: base64, and some words around it.
MAX_BODY_BYTES = MAX_BYTES * 4 // 3 + 65_536
MEDIA_TYPES = ("audio/webm", "audio/mp4", "audio/ogg", "audio/mpeg", "audio/wav")

#: How many bytes a second of speech takes, roughly.
_BYTES_A_SECOND = {"audio/wav": 32_000}
_PACKED_BYTES_A_SECOND = 4_000

#: An audio's bytes and media type; returns what was said, and what that took.
Transcriber = Callable[[bytes, str], Awaitable[Transcript]]


async def write_down(*, user: Any, audio_base64: str, mime_type: str) -> str:
    """Return what somebody said. Raises one of our errors where it can't be, in words for whom it meets."""
    if not settings.CHAT_TRANSCRIBER:
        raise errors.Malformed("This assistant takes no dictation.")
    media_type = mime_type.partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise errors.UnsupportedMediaType(gettext_noop("Send the speech as WebM, MP4, Ogg, MP3 or WAV."))
    audio = _decode(audio_base64)
    transcribe: Transcriber = await load(import_string, settings.CHAT_TRANSCRIBER)
    expected = _expect(audio, media_type)
    dictation = await in_database(services.begin_dictation, user=user, expected=expected)
    try:
        transcript = await transcribe(audio, media_type)
    except errors.AppError as error:
        if not isinstance(error, errors.AssistantTimeout):  # then nobody knows: it may be charged
            await in_database(services.end_dictation, dictation=dictation, spent=Spent("", Usage()))
        raise
    spent = Spent(transcript.model, transcript.usage or expected)
    await in_database(services.end_dictation, dictation=dictation, spent=spent)
    return events.clean(transcript.text)


def _decode(audio_base64: str) -> bytes:
    try:
        audio = base64.b64decode(audio_base64, validate=True)
    except (binascii.Error, ValueError):
        audio = b""
    if not audio:
        raise errors.Invalid(errors=[{"field": "params.audio_base64", "message": "must be audio in base64"}])
    if len(audio) > MAX_BYTES:
        raise errors.TooLarge(gettext_noop("A dictation may have at most 10 MB."))
    return audio


def _expect(audio: bytes, media_type: str) -> Usage:
    """Return what an audio's size suggests: rather too much."""
    seconds = len(audio) / _BYTES_A_SECOND.get(media_type, _PACKED_BYTES_A_SECOND)
    return Usage(round(seconds * TOKENS_A_SECOND), seconds=seconds, is_estimated=True)
