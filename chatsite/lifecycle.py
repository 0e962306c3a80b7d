"""Whether this process is on its way out, and why it could not come up."""

from __future__ import annotations

_stopping = False


class CannotStart(Exception):
    """Something that the person who starts the site can mend; says what and how."""


def is_stopping() -> bool:
    """Say whether the process was told to end: from then on /readyz answers 503."""
    return _stopping


def stop_soon() -> None:
    """Note that the process was told to end."""
    global _stopping
    _stopping = True
