from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def check_trusted_proxies(**kwargs: Any) -> list[CheckMessage]:
    """Report every TRUSTED_PROXIES entry that is no address or network."""
    return [
        Error(
            f"TRUSTED_PROXIES must list addresses or networks such as 10.0.0.0/8, not {proxy!r}.",
            id="accounts.E001",
        )
        for proxy in settings.TRUSTED_PROXIES
        if not _is_network(proxy)
    ]


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True
