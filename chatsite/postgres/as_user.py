"""Run a program as another user: `as_user.py UID GID CAPABILITIES FOLDER PROGRAM [ARGUMENT …]`.

PostgreSQL refuses to run as root, and an unprivileged user can't reach a checkout in /root or in a private temporary
folder. So the program keeps, as an ambient capability, the right to pass through folders that are closed to it, and
nothing else of root's. It is a program of its own because a process with threads must not run Python between fork and
exec. Imports nothing of ours: it is started with `python -IS`.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Sequence

DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2

_PR_SET_SECUREBITS, _NO_SETUID_FIXUP = 28, 1 << 2
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2
_CAPABILITY_VERSION_3 = 0x20080522


def main(uid: str, gid: str, capabilities: str, folder: str, *command: str) -> None:
    """Become the user, check that the folder can be reached, and become the program."""
    become(int(uid), int(gid), [int(number) for number in capabilities.split(",") if number])
    os.stat(
        os.path.join(folder, ".")
    )  # entering it is enough: initdb's user may not read what lies beside its draft
    os.execv(command[0], command)


def become(uid: int, gid: int, capabilities: Sequence[int]) -> None:
    """Change user and groups for good, keeping only the given capabilities."""
    if capabilities:
        # Keeps capabilities when the user changes, and lets access(2), which initdb asks, count them.
        _prctl(_PR_SET_SECUREBITS, _NO_SETUID_FIXUP)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if capabilities:
        _keep(capabilities)


def _keep(capabilities: Sequence[int]) -> None:
    mask = sum(1 << number for number in capabilities)
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    sets = struct.pack(
        "6I", mask, mask, mask, 0, 0, 0
    )  # effective, permitted, inheritable; then the upper halves
    if _libc().capset(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capset failed")
    for number in capabilities:
        _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, number)


def _prctl(option: int, *arguments: int) -> None:
    padded = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    if _libc().prctl(option, *padded) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option} failed")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except OSError as error:
        sys.exit(f"as_user: {error}")
