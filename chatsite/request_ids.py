"""The request that is being answered, for log lines. Set up with logging, before any model."""

from __future__ import annotations

from contextvars import ContextVar

from django.http import HttpRequest

current: ContextVar[HttpRequest | None] = ContextVar("request", default=None)
