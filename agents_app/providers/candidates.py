"""Who may answer a turn, in order: the model that was chosen, then the provider to fall back on."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from agents import Model
from django.conf import settings

from conversations.errors import AssistantError, AssistantUnavailable

from .dialects import Dialect, dialect_of
from .provider import Provider, open_provider

#: How long a provider that could not be reached, or refused us, is asked only when there is no other.
REST_SECONDS = 30.0


@dataclass(slots=True)
class Candidate:
    """A provider's model. Lives as long as the process, and remembers what it can't do."""

    provider: Provider
    model_name: str
    dialect: Dialect
    #: Tokens of a history that it takes, where it has refused more; 0: not known.
    budget: int = 0
    _resting_until: float = field(default=0.0, repr=False)

    @property
    def is_resting(self) -> bool:
        return time.monotonic() < self._resting_until

    def make_model(self) -> Model:
        """Return the SDK's model."""
        return self.provider.make_model(self.model_name)

    def rest(self, failure: AssistantError) -> None:
        """Take it that it will fail the next turns in the same way, where the failure says so."""
        if isinstance(failure, AssistantUnavailable) or failure.trouble:
            self._resting_until = time.monotonic() + REST_SECONDS


class Candidates:
    """The providers of a process, each opened when it is first needed."""

    def __init__(self) -> None:
        self._providers: dict[str, Provider] = {}
        self._known: dict[tuple[str, str], Candidate] = {}
        self._opening = asyncio.Lock()

    async def choose(self, chosen_model: str = "") -> list[Candidate]:
        """Return who may answer a turn, in order; never nobody."""
        names = [_provider_of(chosen_model)]
        if settings.CHAT_FALLBACK_PROVIDER and settings.CHAT_FALLBACK_PROVIDER not in names:
            names.append(settings.CHAT_FALLBACK_PROVIDER)
        found = [await self._find(names[0], _model_of(chosen_model))]
        found += [await self._find(name, "") for name in names[1:]]
        return sorted(found, key=lambda candidate: candidate.is_resting)

    async def close(self) -> None:
        """Close all connections."""
        providers, self._providers = list(self._providers.values()), {}
        self._known.clear()
        for provider in providers:
            await provider.close()

    async def _find(self, name: str, model: str) -> Candidate:
        async with self._opening:
            if name not in self._providers:
                self._providers[name] = await open_provider(name)
        provider = self._providers[name]
        model = model or provider.model_name
        if (name, model) not in self._known:
            self._known[name, model] = Candidate(provider, model, dialect_of(provider.api, model))
        return self._known[name, model]


def _provider_of(choice: str) -> str:
    offered = next((model for model in settings.CHAT_MODELS if model.id == choice), None)
    return offered.provider if offered else str(settings.CHAT_PROVIDER)


def _model_of(choice: str) -> str:
    offered = next((model for model in settings.CHAT_MODELS if model.id == choice), None)
    return offered.model if offered else ""
