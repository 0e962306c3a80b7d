"""What /readyz makes of a provider that an operator must mend."""

from __future__ import annotations

from typing import Any

import pytest

from chatsite import health


@pytest.mark.parametrize("trouble", ["refused", "no_quota"])
def test_a_balancer_is_let_through_again_after_a_minute(settings: Any, trouble: str) -> None:
    settings.CHAT_PROVIDER = "gemini"

    early, late = health.check_provider(trouble, 59), health.check_provider(trouble, 61)

    assert not early.good
    assert late.good
    assert early.told["state"] == late.told["state"] == trouble


def test_what_to_mend_is_named_after_the_provider(settings: Any) -> None:
    settings.CHAT_PROVIDER = "gemini"

    assert (
        "GEMINI_API_KEY, GEMINI_MODEL and GEMINI_BASE_URL"
        in health.check_provider("refused", 1).told["detail"]
    )


def test_a_provider_that_is_away_keeps_nobody_out(settings: Any) -> None:
    settings.CHAT_PROVIDER, settings.CHAT_FALLBACK_PROVIDER = "openai", ""

    state = health.check_provider("unreachable", 1)

    assert state.good
    assert state.told["state"] == "unreachable"
    assert "OPENAI_BASE_URL" in state.told["detail"]


def test_the_practice_provider_has_no_trouble(settings: Any) -> None:
    settings.CHAT_PROVIDER = "practice"

    assert health.check_provider("refused", 1).told["state"] == "practice"
