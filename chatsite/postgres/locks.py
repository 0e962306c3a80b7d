"""Who changes, uses and is the server: three locks of the kernel's, which no crash leaves behind.

A pid in a file says little: it may be a zombie's, or another program's after a restart of the container. A lock on an
open file (flock) ends with the last process that holds the file, however it ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def changing(folder: Path) -> Iterator[int]:
    """Let one process at a time make, start or stop the server of this folder.

    Programs that inherit the descriptor keep the lock to their end, though the process that started them be killed.
    """
    descriptor = _open(folder / "change.lock")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def register_user(folder: Path) -> int:
    """Count this process among the server's users for as long as the descriptor is open, here or in its children."""
    descriptor = _open(folder / "users.lock")
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def is_last_user(descriptor: int) -> bool:
    """Say whether no other process uses the server; to be asked under `changing`, and only when leaving."""
    return _try_lock(descriptor, fcntl.LOCK_EX)


def server_lock(folder: Path) -> int | None:
    """Return a locked descriptor for a new server to inherit; None while processes of the old one live."""
    descriptor = _open(folder / "server.lock")
    if _try_lock(descriptor, fcntl.LOCK_EX):
        return descriptor
    os.close(descriptor)
    return None


def server_is_alive(folder: Path) -> bool:
    """Say whether any process of the server lives."""
    descriptor = _open(folder / "server.lock")
    try:
        return not _try_lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def wait_for_the_servers_end(folder: Path) -> None:
    """Return when the last process of the server has gone; costs nothing while it lives."""
    descriptor = _open(folder / "server.lock")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:  # whoever the folder belongs to must be able to open what root made in it
        owner = path.parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
