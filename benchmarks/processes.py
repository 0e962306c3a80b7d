"""The processes under load: started on a core of their own, watched through /proc, ended with the benchmark."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
_TICK = os.sysconf("SC_CLK_TCK")
# The first core is the measured process's; load, provider and PostgreSQL share what else there is.
CORES = sorted(os.sched_getaffinity(0))
FOR_THE_APP = {CORES[0]}
FOR_THE_REST = set(CORES[1:]) or FOR_THE_APP


class Process:
    """A child whose output is read, and whose first line of a kind says that it is ready."""

    def __init__(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str] | None = None,
        cores: set[int] = FOR_THE_REST,
    ) -> None:
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._command = [str(word) for word in command]
        self._child = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._child.pid

    def wait_for(self, words: str, seconds: float = START_SECONDS) -> str:
        """Return the first line that holds the words."""
        with self._changed:
            self._changed.wait_for(lambda: self._line(words) or self._child.poll() is not None, seconds)
        if not self._line(words):
            raise RuntimeError(f"{self._command[:4]} never said {words!r}:\n{self.output}")
        return self._line(words)

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def stop(self) -> None:
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
            try:
                self._child.wait(20)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()

    def _line(self, words: str) -> str:
        return next((line.strip() for line in self.lines if words in line), "")

    def _read(self) -> None:
        assert self._child.stdout is not None
        with self._child.stdout as stream:
            for line in stream:
                with self._changed:
                    self.lines.append(line)
                    self._changed.notify_all()
        self._child.wait()
        with self._changed:
            self._changed.notify_all()


@contextmanager
def running(
    command: Sequence[str | Path],
    environment: Mapping[str, str] | None = None,
    cores: set[int] = FOR_THE_REST,
) -> Iterator[Process]:
    """Run a process for as long as the block."""
    process = Process(command, environment, cores)
    try:
        yield process
    finally:
        process.stop()


@contextmanager
def running_provider() -> Iterator[tuple[str, int]]:
    """Run the practice provider as a process of its own; yields its base URL and its pid."""
    module = [sys.executable, "-m", "agents_app.providers.practice", "--port", "0"]
    with running(module) as process:
        yield process.wait_for("http://"), process.pid


def wait_until_answers(url: str) -> None:
    """Return when the address answers with 200."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def cpu_seconds(pid: int) -> float:
    """Return what a process has used of the processor, all its threads together."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICK


def family_cpu_seconds(parent: int) -> float:
    """Return the same of a process, its children and those that have ended: all of a PostgreSQL server."""
    fields = _stat(parent)
    total = sum(int(field) for field in fields[11:15]) / _TICK
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if int(_stat(int(entry.name))[1]) == parent:
                    total += cpu_seconds(int(entry.name))
            except OSError:
                continue
    return total


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process."""
    return _status_mb(pid, "VmRSS")


def peak_memory_mb(pid: int) -> float:
    """Return the most that a process has had resident since the peak was last forgotten."""
    return _status_mb(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def load_client(plan: dict[str, Any], seconds: float) -> Process:
    """Start the load client with a plan; it writes its result to the plan's `result`."""
    path = Path(plan["result"]).with_suffix(".plan.json")
    path.write_text(json.dumps({**plan, "give_up_after": seconds}))
    return Process([sys.executable, "-m", "benchmarks.load", path])


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _status_mb(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(name)
