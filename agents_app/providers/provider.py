"""A provider that the settings name: one client for the whole process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from agents import Model, OpenAIChatCompletionsModel
from django.conf import settings
from openai import AsyncOpenAI

from conversations.loading import load

from .client import Client
from .responses import ResponsesModel
from .warming import warm_up

if TYPE_CHECKING:
    from .practice.server import PracticeServer

Api = Literal["responses", "chat_completions"]


@dataclass(frozen=True, slots=True)
class Provider:
    """A model behind a client that is kept open."""

    model_name: str
    api: Api
    client: Client
    practice: PracticeServer | None = None

    def make_model(self, name: str = "") -> Model:
        """Return the SDK's model for the API that this provider speaks."""
        if self.api == "responses":
            return ResponsesModel(name or self.model_name, self.client)
        return OpenAIChatCompletionsModel(name or self.model_name, cast("AsyncOpenAI", self.client))

    async def close(self) -> None:
        """Close the connections, and the practice server when it is ours."""
        await self.client.close()
        if self.practice is not None:
            await self.practice.close()


async def open_provider(name: str) -> Provider:
    """Return the provider of that name, ready to be asked: openai, gemini or practice."""
    provider = await _open(name)
    await load(warm_up, provider.api)
    return provider


async def _open(name: str) -> Provider:
    match name:
        case "openai":
            client = _make_client(settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL or None)
            return Provider(settings.OPENAI_MODEL, cast("Api", settings.OPENAI_API), client)
        case "gemini":
            client = _make_client(settings.GEMINI_API_KEY, settings.GEMINI_BASE_URL)
            return Provider(settings.GEMINI_MODEL, "chat_completions", client)
        case _:
            return await _open_practice()


async def _open_practice() -> Provider:
    from .practice.server import WORD_PACE, PracticeServer  # a web server, for this alone

    server = PracticeServer(pace=getattr(settings, "PRACTICE_WORD_PACE", WORD_PACE))
    client = _make_client("practice", await server.start())
    return Provider("practice", "responses", client, server)


def _make_client(api_key: str, base_url: str | None) -> Client:
    # Silence is bounded by half a turn, so that a provider that hangs is asked once more before the turn ends.
    silence = settings.CHAT_TURN_TIMEOUT_SECONDS / 2
    return Client(api_key, base_url or "https://api.openai.com/v1", silence_seconds=silence)
