"""Whether this process is on its way out, and why it could not come up."""

from __future__ import annotations

import os
import socket
from contextlib import suppress

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
    tell_supervisor("STOPPING=1")


def tell_supervisor(state: str) -> None:
    """Tell systemd, where it asked to be told, that the process is `READY=1` or `STOPPING=1`."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # a name outside the file system
        address = "\0" + address[1:]
    # It goes by without an answer, and so do we.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.sendto(state.encode(), address)
