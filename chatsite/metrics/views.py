"""GET /metrics: for who scrapes from the machine itself, or has the token."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.core import CollectorRegistry

from chatsite import problems
from chatsite.metrics.figures import registry
from chatsite.metrics.site import SiteFigures
from conversations.errors import AppError, MethodNotAllowed, NotAuthenticated, NotFound

# What proxies add: who comes by one comes from elsewhere, whatever address the proxy has and whoever it names.
_TRACES_OF_PROXIES = (
    "Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-IP",
    "Via",
)
_OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")

_site = CollectorRegistry()
_site.register(SiteFigures())


@csrf_exempt
async def metrics(request: HttpRequest) -> HttpResponse:
    """Return this process's figures and the site's, as Prometheus text; also when all request threads are stuck."""
    if request.method not in ("GET", "HEAD"):
        return problems.problem(request, MethodNotAllowed(headers={"Allow": "GET, HEAD"}))
    if not (_is_local(request) or _has_token(request)):
        return problems.problem(request, _refusal())
    body = await asyncio.to_thread(_read_figures)
    return HttpResponse(body, content_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"Cache-Control": "no-store"})


def _read_figures() -> bytes:
    return generate_latest(registry) + generate_latest(_site)


def _refusal() -> AppError:
    """Say how to ask where there is a way; without a token there is nothing here for strangers."""
    if settings.METRICS_TOKEN:
        return NotAuthenticated("Send METRICS_TOKEN: Authorization: Bearer <token>.")
    return NotFound()


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected: str = settings.METRICS_TOKEN
    return bool(expected) and scheme.lower() == "bearer" and constant_time_compare(token.strip(), expected)


def _is_local(request: HttpRequest) -> bool:
    if any(name in request.headers for name in _TRACES_OF_PROXIES):
        return False
    host = split_domain_port(request.headers.get("Host", ""))[0]
    try:
        return host in _OWN_NAMES and ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
