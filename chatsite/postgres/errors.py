"""What can be wrong with the embedded server, in words for the person who starts it."""

from __future__ import annotations

from django.db import OperationalError


class PostgresUnavailable(OperationalError):
    """The embedded server can't be made, started or reached; says what to do about it."""
