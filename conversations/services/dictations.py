"""What dictation takes: counted before anybody is asked, so that a crash costs no more than is counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_noop

from conversations import errors, prices
from conversations.models import Dictation
from conversations.responder import Spent, Usage
from conversations.services import allowance


def begin_dictation(*, user: Any, expected: Usage) -> Dictation:
    """Count a dictation and what it will take, roughly. Raises RateLimited."""
    _check_rate(user)
    allowance.check_allowance(user_id=user.pk)
    allowance.note(expected, None)
    return Dictation.objects.create(
        user=user,
        seconds=expected.seconds,
        input_tokens=expected.input_tokens,
        output_tokens=expected.output_tokens,
    )


def end_dictation(*, dictation: Dictation, spent: Spent) -> None:
    """Store what a dictation took, which is nothing where it was refused."""
    usage, cost = spent.usage, prices.cost_of(spent.model, spent.usage)
    before = Usage(dictation.input_tokens, dictation.output_tokens)
    dictation.model, dictation.cost = spent.model, cost
    dictation.seconds, dictation.usage_is_estimated = usage.seconds, usage.is_estimated
    dictation.input_tokens, dictation.output_tokens = usage.input_tokens, usage.output_tokens
    dictation.save()
    more = usage.input_tokens - before.input_tokens, usage.output_tokens - before.output_tokens
    allowance.note(Usage(*more), cost)


def _check_rate(user: Any) -> None:
    """Let nobody dictate more often than send: each time costs the site money."""
    limit, now = settings.CHAT_RATE_PER_MINUTE, timezone.now()
    if not limit:
        return
    recent = Dictation.objects.filter(user=user, created_at__gt=now - timedelta(minutes=1))
    times = recent.order_by("-created_at").values_list("created_at", flat=True)
    reached = times[limit - 1 : limit].first()
    if reached is not None:
        wait = (reached + timedelta(minutes=1) - now).total_seconds()
        raise errors.RateLimited(
            gettext_noop("You have dictated many times. Wait a moment."), retry_after=max(wait, 1)
        )
