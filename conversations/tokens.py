"""How many tokens a text has, roughly: for what a provider doesn't count, and to know what fits a model."""

from __future__ import annotations

BYTES_PER_TOKEN = 4


def estimate_tokens(text: str) -> int:
    """Estimate a text's tokens: four bytes each, so that a Japanese text counts more than its characters say."""
    return (len(text.encode("utf-8", "surrogatepass")) + BYTES_PER_TOKEN - 1) // BYTES_PER_TOKEN
