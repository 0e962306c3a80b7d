"""What a user may send in a minute, and what he and the site may use in a day.

Checked when a message is sent or tried again, the day's use before each call of a model, too. What was used still
counts when its conversation is deleted.
"""

from __future__ import annotations

import math
import time
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_noop

from conversations import errors, rows
from conversations.models import Charge
from conversations.responder import Usage

#: How long a process goes by what it last summed up for the whole site and what it has charged itself since.
SITE_SECONDS = 2.0
MINUTE = timedelta(minutes=1)
KEPT = timedelta(days=2)
_USERS = gettext_noop("Today's allowance is used up. It starts anew at midnight UTC.")
_SITES = gettext_noop("The assistant has used up what it may use in a day. It goes on at midnight UTC.")


def check_rate(*, user_id: str) -> None:
    """Raise RateLimited when the user has asked for as many replies as a minute may have, or used up the day's."""
    now = timezone.now()
    if limit := settings.CHAT_RATE_PER_MINUTE:
        who_and_when: list[Any] = [user_id, now - MINUTE, now + MINUTE, limit]
        reached = rows.run(_ALLOWED_BEFORE, [*who_and_when, *who_and_when, limit - 1])
        if reached:
            wait = (reached[0][0] + MINUTE - now).total_seconds()
            raise errors.RateLimited(
                gettext_noop("You have sent many messages. Wait a moment."), retry_after=max(wait, 1)
            )
    check_allowance(user_id=user_id)


# The oldest of as many replies as a minute may have: a row is there only when the limit is reached. What lies in the
# future, since a clock was set back, doesn't count.
_ALLOWED_BEFORE = """
select at from (
    (
        select queued_at as at from conversations_turn where user_id = %s and queued_at > %s and queued_at < %s
        order by queued_at desc limit %s
    ) union all (
        select at from conversations_charge where user_id = %s and at > %s and at < %s
        order by at desc limit %s
    )
) as asked order by at desc offset %s limit 1
"""


def count_retry(*, user_id: str) -> None:
    """Let a reply that is asked for again count like a message: it costs the same."""
    Charge.objects.create(user_id=user_id)


def keep_counting(*, conversation_ids: list[str]) -> None:
    """Keep what conversations that go count against limits, and not a word of them."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [now, conversation_ids, min(_midnight(now), now - MINUTE)])


_KEEP = """
insert into conversations_charge (user_id, at, tokens, cost)
select user_id, coalesce(finished_at, %s), input_tokens + output_tokens, coalesce(cost, 0)
from conversations_turn
where conversation_id = any(%s) and (finished_at is null or finished_at >= %s)
"""


def keep_counting_dictations(*, user_id: str) -> None:
    """Keep what the dictations of a user who goes count against the site's limits, as nobody's."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_DICTATIONS, [user_id, _midnight(timezone.now())])


_KEEP_DICTATIONS = """
insert into conversations_charge (user_id, at, tokens, cost)
select null, created_at, input_tokens + output_tokens, coalesce(cost, 0)
from conversations_dictation where user_id = %s and created_at >= %s
"""


def forget_charges() -> None:
    """Delete what counts no more."""
    Charge.objects.filter(at__lt=timezone.now() - KEPT).delete()


def check_allowance(*, user_id: str) -> None:
    """Raise RateLimited when a limit of today is reached."""
    now = timezone.now()
    if settings.CHAT_DAILY_TOKENS and _tokens_of_user(user_id, _midnight(now)) >= settings.CHAT_DAILY_TOKENS:
        raise _refusal(_USERS, now)
    if settings.CHAT_SITE_DAILY_TOKENS or settings.CHAT_SITE_DAILY_COST:
        used = _site.used()
        tokens_gone = settings.CHAT_SITE_DAILY_TOKENS and used.tokens >= settings.CHAT_SITE_DAILY_TOKENS
        money_gone = settings.CHAT_SITE_DAILY_COST and used.cost >= settings.CHAT_SITE_DAILY_COST
        if tokens_gone or money_gone:
            raise _refusal(_SITES, now)


def is_limited() -> bool:
    """Say whether there is anything to check."""
    return bool(
        settings.CHAT_DAILY_TOKENS or settings.CHAT_SITE_DAILY_TOKENS or settings.CHAT_SITE_DAILY_COST
    )


def note(usage: Usage, cost: Decimal | None) -> None:
    """Count what was charged in this process until the site's turns are summed up again."""
    _site.add(Used(usage.input_tokens + usage.output_tokens, cost or Decimal(0)))


class Used(NamedTuple):
    """What some turns used."""

    tokens: int
    cost: Decimal


class _Site:
    """What everybody used today: summing it up before each call would cost more the more was used."""

    def __init__(self) -> None:
        self._used = Used(0, Decimal(0))
        self._summed_at = -math.inf

    def used(self) -> Used:
        if time.monotonic() > self._summed_at + SITE_SECONDS:
            self._used = _sum("", [], _midnight(timezone.now()))
            self._summed_at = time.monotonic()
        return self._used

    def add(self, more: Used) -> None:
        self._used = Used(self._used.tokens + more.tokens, self._used.cost + more.cost)


_site = _Site()


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _refusal(words: str, now: datetime) -> errors.RateLimited:
    wait = (_midnight(now) + timedelta(days=1) - now).total_seconds()
    return errors.RateLimited(words, retry_after=wait)


def _tokens_of_user(user_id: str, midnight: datetime) -> int:
    return _sum("user_id = %s and", [user_id], midnight).tokens


def _sum(whose: str, who: list[Any], midnight: datetime) -> Used:
    """Add up what today's turns and dictations used.

    A turn that was sent before and went on today, after a decision or tried again, counts whole.
    """
    with connection.cursor() as cursor:
        cursor.execute(_USED.format(whose=whose), [*who, midnight] * 3)
        tokens, cost = cursor.fetchone()
    return Used(int(tokens), Decimal(cost))


_USED = """
select coalesce(sum(tokens), 0), coalesce(sum(cost), 0) from (
    select input_tokens + output_tokens as tokens, cost from conversations_turn
    where {whose} (finished_at is null or finished_at >= %s)
    union all
    select input_tokens + output_tokens, cost from conversations_dictation where {whose} created_at >= %s
    union all
    select tokens, cost from conversations_charge where {whose} at >= %s
) as used
"""
