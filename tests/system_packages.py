"""Programs that the system's packages bring: found, installed where we are root, else asked for."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

ELSEWHERE = ("/usr/sbin", "/usr/local/sbin")  # where they lie, though not on everybody's path


def program(name: str, package: str) -> str:
    """Return a program's path. Without it the test is skipped, but never where that would hide a failure."""
    return _found(lambda: _which(name), name, package)


def postgresql_binaries() -> Path:
    """Return the folder of the system's own PostgreSQL, which speaks TLS; the embedded one doesn't."""
    return Path(_found(_newest_postgresql, "a PostgreSQL server with TLS", "postgresql"))


def _found(look: Callable[[], str | None], what: str, package: str) -> str:
    path = look() or (_install(package) and look())
    if not path:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            f"Not found: {what}. Install it to run this test: `apt-get install {package}`."
        )
    return str(path)


def _which(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(ELSEWHERE))


def _newest_postgresql() -> str | None:
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    return str(max(found, key=lambda path: int(path.parent.name))) if found else None


def _install(package: str) -> bool:
    """Install a package as root, one test process at a time."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with open(Path(tempfile.gettempdir()) / "chat-tests-packages.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", package]):
            command = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *arguments]
            subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
            )
    return True
