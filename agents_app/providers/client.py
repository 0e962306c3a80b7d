"""What the SDK's models take for `openai`'s client: its two endpoints, over our transport.

The bodies are the SDK's own, sent as they are. The stock client walks through each message of a history first and tries
every type that it might have: 100 ms for 200 messages, more than all the rest of a turn.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any
from urllib.parse import urlencode

from openai import BaseModel, NotGiven, Omit

from .streams import read_events
from .transport import Transport


class Client:
    """Streams answers from one provider; has what the SDK's models ask of `openai.AsyncOpenAI`."""

    def __init__(self, api_key: str, base_url: str, *, silence_seconds: float) -> None:
        headers = {"Authorization": f"Bearer {api_key}", "Accept": "text/event-stream"}
        self.base_url = base_url
        self.transport = Transport(base_url, headers, silence_seconds=silence_seconds)
        self.responses = Endpoint(self.transport, "/responses")
        self.chat = Chat(self.transport)

    async def close(self) -> None:
        """Close the connections."""
        await self.transport.close()


class Endpoint:
    """`client.responses` or `client.chat.completions`, for streams only."""

    def __init__(self, transport: Transport, path: str) -> None:
        self._transport = transport
        self._path = path

    async def create(
        self,
        *,
        extra_headers: Mapping[str, Any] | None = None,
        extra_query: Mapping[str, Any] | None = None,
        extra_body: Any = None,
        **body: Any,
    ) -> AsyncGenerator[BaseModel, None]:
        """Ask, and return the events once the answer has begun. Raises what `Transport.post` does."""
        query = urlencode(_given(extra_query))
        path = f"{self._path}?{query}" if query else self._path
        answer = await self._transport.post(path, _given(body) | _given(extra_body), _given(extra_headers))
        return read_events(answer)


class Chat:
    """`client.chat`."""

    def __init__(self, transport: Transport) -> None:
        self.completions = Endpoint(transport, "/chat/completions")


def _given(values: Any) -> dict[str, Any]:
    """Return the values without those that the SDK marks as left out."""
    if not isinstance(values, Mapping):
        return {}
    return {name: value for name, value in values.items() if not isinstance(value, Omit | NotGiven)}
