"""The provider that the settings name: one client for the whole process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from agents import Model, OpenAIChatCompletionsModel, OpenAIResponsesModel
from django.conf import settings
from httpx2 import Response
from openai import DefaultAioHttpClient, Timeout

from conversations.loading import load

from .practice.server import WORD_PACE, PracticeServer
from .streams import FoldingOpenAI
from .warming import warm_up

Api = Literal["responses", "chat_completions"]

#: The client asks again so often, before the stream has begun: refused, 429, 5xx, closed before the headers.
MAX_RETRIES = 2
CONNECT_SECONDS = 5.0
#: How long the client may wait before it asks again; a provider that wants more ends the turn, which says so.
LONGEST_WAIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Provider:
    """A model behind a client that is kept open."""

    model_name: str
    api: Api
    client: FoldingOpenAI
    practice: PracticeServer | None = None

    def make_model(self) -> Model:
        """Return the SDK's model for the API that this provider speaks."""
        if self.api == "responses":
            return OpenAIResponsesModel(self.model_name, self.client)
        return OpenAIChatCompletionsModel(self.model_name, self.client)

    async def close(self) -> None:
        """Close the connections, and the practice server when it is ours."""
        await self.client.close()
        if self.practice is not None:
            await self.practice.close()


async def open_provider() -> Provider:
    """Return the provider that CHAT_PROVIDER names, ready to be asked."""
    provider = await _open()
    await load(warm_up, provider.api)
    return provider


async def _open() -> Provider:
    match settings.CHAT_PROVIDER:
        case "openai":
            client = _make_client(settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL or None)
            return Provider(settings.OPENAI_MODEL, cast("Api", settings.OPENAI_API), client)
        case "gemini":
            client = _make_client(settings.GEMINI_API_KEY, settings.GEMINI_BASE_URL)
            return Provider(settings.GEMINI_MODEL, "chat_completions", client)
        case _:
            return await _open_practice()


async def _open_practice() -> Provider:
    server = PracticeServer(pace=getattr(settings, "PRACTICE_WORD_PACE", WORD_PACE))
    client = _make_client("practice", await server.start())
    return Provider("practice", "responses", client, server)


def _make_client(api_key: str, base_url: str | None) -> FoldingOpenAI:
    # Silence is bounded by half a turn, so that a provider that hangs is asked once more before the turn ends.
    timeout = Timeout(settings.CHAT_TURN_TIMEOUT_SECONDS / 2, connect=CONNECT_SECONDS)
    http_client = DefaultAioHttpClient(timeout=timeout, event_hooks={"response": [_spare_vain_retries]})
    return FoldingOpenAI(
        api_key=api_key,
        # Given always: the client would read OPENAI_BASE_URL from the environment, where it may be meant empty.
        base_url=base_url or "https://api.openai.com/v1",
        timeout=timeout,
        max_retries=MAX_RETRIES,
        http_client=http_client,
    )


async def _spare_vain_retries(response: Response) -> None:
    """Tell the client not to ask again where that is in vain, or where a customer would wait too long for it."""
    if response.status_code not in (429, 503):
        return
    wait = read_retry_after(response.headers.get("retry-after"))
    if (wait or 0) > LONGEST_WAIT_SECONDS or b"insufficient_quota" in await response.aread():
        response.headers["x-should-retry"] = "false"


def read_retry_after(header: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for; a date counts as none."""
    try:
        return max(float(header or ""), 0.0)
    except ValueError:
        return None
