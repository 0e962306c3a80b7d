"""The models that customers may choose from: CHAT_MODELS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatsite.env import BadSetting

PROVIDERS = ("openai", "gemini", "practice")


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A model in the composer's menu."""

    id: str
    label: str
    provider: str
    model: str


def read_models(entries: Sequence[str], provider: str) -> list[OfferedModel]:
    """Read `gpt-6-luna=Quick` and `gemini:gemini-3.8-flash=Thorough`; without a provider, the site's own."""
    models = [_read(entry, provider) for entry in entries]
    if len({model.id for model in models}) < len(models):
        raise BadSetting("CHAT_MODELS", "must name each model once")
    return models


def _read(entry: str, provider: str) -> OfferedModel:
    name, _, label = (part.strip() for part in entry.partition("="))
    first, colon, rest = name.partition(":")
    owner, model = (first, rest) if colon and first in PROVIDERS else (provider, name)
    if not model:
        raise BadSetting("CHAT_MODELS", f"must list models such as gpt-6-luna=Quick, not {entry!r}")
    return OfferedModel(name, label or model, owner, model)
