"""The id of the request that is being answered, for log lines. Set up with logging, before any model."""

from __future__ import annotations

import logging
from contextvars import ContextVar

current: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIdFilter(logging.Filter):
    """Put the id of the request that is being answered on each log record, or “-”."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current.get()
        return True
