"""Dictation: what comes in is checked here, who writes it down is said by `settings.CHAT_TRANSCRIBER`."""

from __future__ import annotations

import base64
import binascii
import time
from collections import deque
from collections.abc import Awaitable, Callable

from django.conf import settings
from django.utils.module_loading import import_string

from conversations import errors, events, services
from conversations.loading import load
from conversations.threads import in_database

MAX_BYTES = 10 * 1024 * 1024
#: What it takes in a request: base64, and some words around it.
MAX_BODY_BYTES = MAX_BYTES * 4 // 3 + 65_536
MEDIA_TYPES = ("audio/webm", "audio/mp4", "audio/ogg", "audio/mpeg", "audio/wav")

#: An audio's bytes and media type; returns the text.
Transcriber = Callable[[bytes, str], Awaitable[str]]


async def write_down(*, user_id: str, audio_base64: str, mime_type: str) -> str:
    """Return what somebody said. Raises one of our errors where it can't be, in words for whom it meets."""
    if not settings.CHAT_TRANSCRIBER:
        raise errors.Malformed("This assistant takes no dictation.")
    media_type = mime_type.partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise errors.UnsupportedMediaType("Send the speech as WebM, MP4, Ogg, MP3 or WAV.")
    audio = _decode(audio_base64)
    _count(user_id)
    await in_database(services.check_allowance, user_id=user_id)
    transcribe: Transcriber = await load(import_string, settings.CHAT_TRANSCRIBER)
    return events.clean(await transcribe(audio, media_type))


def _decode(audio_base64: str) -> bytes:
    try:
        audio = base64.b64decode(audio_base64, validate=True)
    except (binascii.Error, ValueError):
        audio = b""
    if not audio:
        raise errors.Invalid(errors=[{"field": "params.audio_base64", "message": "must be audio in base64"}])
    if len(audio) > MAX_BYTES:
        raise errors.TooLarge("A dictation may have at most 10 MB.")
    return audio


_recent: dict[str, deque[float]] = {}


def _count(user_id: str) -> None:
    """Let nobody dictate more often than send, as far as this process sees: each time costs the site money."""
    limit = settings.CHAT_RATE_PER_MINUTE
    if not limit:
        return
    now = time.monotonic()
    for other in [known for known, times in _recent.items() if times[-1] < now - 60]:
        del _recent[other]
    times = _recent.setdefault(user_id, deque(maxlen=limit))
    if len(times) == limit and times[0] > now - 60:
        raise errors.RateLimited(
            "You have dictated many times. Wait a moment.", retry_after=times[0] + 60 - now
        )
    times.append(now)
