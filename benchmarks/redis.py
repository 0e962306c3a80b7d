"""A Redis for the scenario with two processes, where the machine has one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.lab import free_port
from benchmarks.processes import running


@contextmanager
def running_redis() -> Iterator[str | None]:
    """Yield the address of a Redis that keeps nothing, or None."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    port = free_port()
    with running([program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]) as process:
        process.wait_for("Ready to accept connections")
        yield f"redis://127.0.0.1:{port}/0"
