"""Ids given out: unguessable, sortable by time, and saying what they name."""

from uuid_utils import uuid7


def new_id(prefix: str) -> str:
    """Return a new id such as `conv_0190f3c2-…`, a UUIDv7 (RFC 9562) behind its kind."""
    return f"{prefix}_{uuid7()}"
