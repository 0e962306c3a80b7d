"""Speech is written down by the provider's transcription API, which the practice provider has, too."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from agents_app.providers.practice.server import SAID
from conversations.models import Dictation
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


@asynccontextmanager
async def listening(settings: Any, answers: list[web.Response]) -> AsyncIterator[None]:
    """Let another provider write down what is said, which gives these answers."""

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return answers.pop(0)

    app = web.Application()
    app.router.add_post("/v1/audio/transcriptions", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    settings.CHAT_PROVIDER, settings.OPENAI_API_KEY = "openai", "sk-secret"
    settings.OPENAI_BASE_URL = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield
    await runner.cleanup()


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
    refusal = web.json_response({"error": {"message": "sk-secret is wrong"}}, status=provider_status)
    async with listening(settings, [refusal]):
        answer = await dictate(alice)

    assert (answer.status, answer.code) == (status, code)
    assert "sk-secret" not in answer.body.decode()


async def test_dictation_has_a_rate(provider: Practice, alice: Any, bob: Any, settings: Any) -> None:
    settings.CHAT_RATE_PER_MINUTE = 2

    answers = [await dictate(alice) for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) <= 60
    assert (await dictate(bob)).status == 200


async def test_what_it_took_is_stored_and_counts_against_the_days_limits(
    alice: Any, bob: Any, settings: Any
) -> None:
    tokens = {"type": "tokens", "input_tokens": 90, "output_tokens": 10}
    said = [web.json_response({"text": "", "usage": usage}) for usage in ({"seconds": 12.5}, tokens, tokens)]
    settings.CHAT_DAILY_TOKENS = 225

    async with listening(settings, said):
        assert [(await dictate(user)).status for user in (alice, alice, alice, bob)] == [200, 200, 429, 200]

    first, second, _ = await stored()
    assert (first.seconds, first.input_tokens, first.model) == (12.5, 125, "gpt-transcribe")
    assert first.cost == Decimal("0.0009375")
    assert (second.input_tokens, second.output_tokens) == (90, 10)
    refused = await ChatKitClient(alice).create("Hello")
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert "midnight UTC" in refused.json["detail"]


@pytest.mark.parametrize("usage", [None, [], {"seconds": -1}, {"seconds": 10**9}, {"input_tokens": "x"}])
async def test_what_nobody_counted_is_estimated(settings: Any, alice: Any, usage: Any) -> None:
    async with listening(settings, [web.json_response({"text": "Hello", "usage": usage})]):
        assert (await dictate(alice, b"x" * 8000)).status == 200

    (dictation,) = await stored()
    assert (dictation.seconds, dictation.input_tokens, dictation.usage_is_estimated) == (2, 20, True)


async def test_what_was_refused_took_nothing_but_counts_as_often(
    settings: Any, alice: Any, practice: Practice
) -> None:
    settings.CHAT_PROVIDER, settings.GEMINI_API_KEY, settings.CHAT_RATE_PER_MINUTE = "gemini", "k", 1

    assert (await dictate(alice)).status == 400

    (dictation,) = await stored()
    assert (dictation.seconds, dictation.input_tokens) == (0, 0)
    assert (await dictate(alice)).status == 429


async def stored() -> list[Dictation]:
    return [each async for each in Dictation.objects.order_by("pk")]


async def test_an_assistant_without_it_says_so(settings: Any, alice: Any) -> None:
    settings.CHAT_TRANSCRIBER = ""

    assert (await dictate(alice)).status == 400
