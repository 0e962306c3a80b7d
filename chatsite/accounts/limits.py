"""How often one address may sign in, register or become a guest.

Counted in PostgreSQL by one statement, so that all processes share the count (docs/decisions/0006-rate-limit.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext_noop as _

from chatsite.accounts.models import AddressAttempts, User
from conversations.errors import RateLimited

#: They are short work for a person with some conversations, and long for one with thousands.
EXPORTS_PER_MINUTE = 10


def count_attempt(request: HttpRequest) -> None:
    """Count an attempt of the request's address. Raises RateLimited when its minute is full."""
    limit = settings.AUTH_RATE_PER_MINUTE
    if not limit:
        return
    count, seconds_left = _count(_subscriber(client_address(request)))
    if count == 1:
        _forget_minutes_gone()
    if count > limit:
        raise RateLimited(
            _("Too many attempts from this address. Wait a moment, then try again."), retry_after=seconds_left
        )


def count_export(user: User) -> None:
    """Count a user's request for all that is held of him. Raises RateLimited when his minute is full."""
    count, seconds_left = _count(_exports_of(user))
    if count > EXPORTS_PER_MINUTE:
        raise RateLimited(retry_after=seconds_left)


def forget_exports(user: User) -> None:
    """Forget that a user who goes asked for what is held of him."""
    AddressAttempts.objects.filter(address=_exports_of(user)).delete()


def _exports_of(user: User) -> str:
    return f"export {user.pk}"


def client_address(request: HttpRequest) -> str:
    """Return the address a request came from. Only what a trusted proxy says of others is believed."""
    believed = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while forwarded and _is_trusted(believed):
        nearest = _parsed(forwarded.pop())
        if nearest is None:
            break
        believed = str(nearest)
    return believed


def _count(address: str) -> tuple[int, float]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [address])
        count, seconds_left = cursor.fetchone()
    return count, float(seconds_left)


_COUNT = """
    INSERT INTO accounts_addressattempts AS minute (address, started_at, count) VALUES (%s, now(), 1)
    ON CONFLICT (address) DO UPDATE SET (started_at, count) = (
        SELECT CASE WHEN is_over THEN now() ELSE minute.started_at END,
               CASE WHEN is_over THEN 1 ELSE minute.count + 1 END
        FROM (SELECT minute.started_at <= now() - interval '1 minute' AS is_over) AS now
    )
    RETURNING count, extract(epoch FROM started_at + interval '1 minute' - now())
"""
# A row that another process is counting on is left for the next time: waiting for it could deadlock.
_FORGET = """
    DELETE FROM accounts_addressattempts WHERE address IN (
        SELECT address FROM accounts_addressattempts
        WHERE started_at < now() - interval '2 minutes' LIMIT 100 FOR UPDATE SKIP LOCKED
    )
"""


def _forget_minutes_gone() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FORGET)


def _subscriber(address: str) -> str:
    """Return what to count under: an IPv6 subscriber has a whole /64 to choose addresses from."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, 64), strict=False))
    return address


def _is_trusted(address: str) -> bool:
    parsed = _parsed(address)
    networks = _networks(tuple(settings.TRUSTED_PROXIES))
    return parsed is not None and any(parsed in network for network in networks)


@lru_cache(maxsize=1)
def _networks(proxies: Iterable[str]) -> list[IPv4Network | IPv6Network]:
    return [ip_network(proxy, strict=False) for proxy in proxies]


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address.strip())
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, IPv6Address) else parsed
