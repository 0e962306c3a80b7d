"""A practice provider in the test's own loop, and the runner that asks it, on both APIs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from agents_app.providers.practice.server import PracticeServer
from agents_app.runner import AgentRunner

APIS = ("responses", "chat_completions")


class Practice:
    """A running practice provider, asked over HTTP as anybody else would."""

    def __init__(self, server: PracticeServer, http: aiohttp.ClientSession) -> None:
        self.url = server.url
        self._root = server.url.removesuffix("/v1")
        self._http = http

    async def script(self, *behaviours: dict[str, Any]) -> None:
        """Queue behaviours for the next requests."""
        async with self._http.post(f"{self._root}/practice/script", json=behaviours) as response:
            assert response.status == 200, await response.text()

    async def requests(self) -> list[dict[str, Any]]:
        """Return the bodies of the requests that came."""
        async with self._http.get(f"{self._root}/practice/requests") as response:
            return [request["body"] for request in (await response.json())["requests"]]

    async def post(self, path: str, body: Any) -> tuple[int, str]:
        """Ask something directly; return the status and the body."""
        async with self._http.post(
            f"{self._root}{path}", json=body, headers={"Authorization": "Bearer k"}
        ) as response:
            return response.status, await response.text()


@pytest_asyncio.fixture
async def practice() -> AsyncIterator[Practice]:
    server = PracticeServer(pace=0, kept_requests=500)
    await server.start()
    async with aiohttp.ClientSession() as http:
        yield Practice(server, http)
    await server.close()


@pytest.fixture(params=APIS)
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture
async def runner(practice: Practice, api: str, settings: Any) -> AsyncIterator[AgentRunner]:
    """A runner whose provider is the practice one, reached as a team's own OpenAI-compatible server is."""
    settings.CHAT_PROVIDER = "openai"
    settings.OPENAI_API_KEY = "sk-secret-of-the-test"
    settings.OPENAI_MODEL = "practice"
    settings.OPENAI_BASE_URL = practice.url
    settings.OPENAI_API = api
    runner = AgentRunner()
    yield runner
    await runner.close()
