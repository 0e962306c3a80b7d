"""Speech is written down by the provider's transcription API, which the practice provider has, too."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from aiohttp import web

from agents_app.providers.practice.server import SAID
from tests.agents_app.conftest import Practice
from tests.conversations.chatkit_client import Answer, ChatKitClient

pytestmark = pytest.mark.django_db(transaction=True)


async def dictate(user: Any, audio: bytes = b"speech", mime_type: str = "audio/webm;codecs=opus") -> Answer:
    params = {"audio_base64": base64.b64encode(audio).decode(), "mime_type": mime_type}
    return await ChatKitClient(user).request("input.transcribe", params)


@pytest.fixture
def provider(practice: Practice, settings: Any) -> Practice:
    settings.CHAT_PROVIDER, settings.OPENAI_API_KEY = "openai", "sk-secret"
    settings.OPENAI_BASE_URL = practice.url
    return practice


async def test_speech_becomes_text(provider: Practice, alice: Any) -> None:
    answer = await dictate(alice)

    assert (answer.status, answer.json) == (200, {"text": SAID})
    assert await provider.requests() == [{"model": "gpt-transcribe", "file": "speech.webm"}]


async def test_a_visitor_without_a_key_can_try_it(settings: Any, alice: Any) -> None:
    settings.CHAT_PROVIDER = "practice"

    assert (await dictate(alice, mime_type="audio/mp4")).json == {"text": SAID}


async def test_speech_may_be_longer_than_a_message(provider: Practice, alice: Any, settings: Any) -> None:
    speech = b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    assert (await dictate(alice, speech)).status == 200
    longer = await ChatKitClient(alice).create("x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    assert longer.status == 413


@pytest.mark.parametrize(
    ("audio", "mime_type", "status"),
    [(b"", "audio/webm", 422), (b"x", "video/webm", 415), (b"x" * (10 * 1024 * 1024 + 1), "audio/ogg", 413)],
)
async def test_what_is_no_speech_is_refused(
    provider: Practice, alice: Any, audio: bytes, mime_type: str, status: int
) -> None:
    assert (await dictate(alice, audio, mime_type)).status == status
    assert await provider.requests() == []


async def test_a_provider_without_it_is_said_plainly(settings: Any, alice: Any) -> None:
    settings.CHAT_PROVIDER, settings.GEMINI_API_KEY = "gemini", "k"

    answer = await dictate(alice)

    assert (answer.status, answer.code) == (400, "malformed")
    assert "takes no dictation" in answer.json["detail"]


@pytest.mark.parametrize(
    ("provider_status", "status", "code"),
    [
        (404, 400, "malformed"),
        (401, 502, "assistant_failed"),
        (500, 502, "assistant_failed"),
        (429, 503, "assistant_unavailable"),
        (200, 503, "assistant_unavailable"),
    ],
)
async def test_a_provider_that_fails_is_said_in_our_words(
    settings: Any, alice: Any, provider_status: int, status: int, code: str
) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({"error": {"message": "sk-secret is wrong"}}, status=provider_status)

    app = web.Application()
    app.router.add_post("/v1/audio/transcriptions", refuse)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    settings.CHAT_PROVIDER, settings.OPENAI_API_KEY = "openai", "sk-secret"
    settings.OPENAI_BASE_URL = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"

    answer = await dictate(alice)

    await runner.cleanup()
    assert (answer.status, answer.code) == (status, code)
    assert "sk-secret" not in answer.body.decode()


async def test_dictation_has_a_rate(provider: Practice, alice: Any, bob: Any, settings: Any) -> None:
    settings.CHAT_RATE_PER_MINUTE = 2

    answers = [await dictate(alice) for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) <= 60
    assert (await dictate(bob)).status == 200


async def test_an_assistant_without_it_says_so(settings: Any, alice: Any) -> None:
    settings.CHAT_TRANSCRIBER = ""

    assert (await dictate(alice)).status == 400
