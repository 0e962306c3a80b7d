"""The seam on the way out: a request goes to the provider as it was made.

The client walks through each message of a history and tries every type that it might have, to rename fields that
ours don't have: 100 ms for 200 messages, more than all the rest of a turn. What is passed as `extra_body` it takes
as it is.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from openai.resources.chat import AsyncChat, AsyncCompletions
from openai.resources.responses import AsyncResponses


class PlainResponses(AsyncResponses):
    """The Responses API, for input and tools that are JSON already."""

    async def create(self, **request: Any) -> Any:
        return await super().create(**_take_as_is(request, "input", "tools"))


class PlainChat(AsyncChat):
    """The Chat Completions API, for messages and tools that are JSON already."""

    @cached_property
    def completions(self) -> AsyncCompletions:
        return _PlainCompletions(self._client)


class _PlainCompletions(AsyncCompletions):
    async def create(self, **request: Any) -> Any:
        return await super().create(messages=[], **_take_as_is(request, "messages", "tools"))


def _take_as_is(request: dict[str, Any], *names: str) -> dict[str, Any]:
    bulk = {name: request.pop(name) for name in names if isinstance(request.get(name), list)}
    return {**request, "extra_body": {**bulk, **(request.get("extra_body") or {})}}
