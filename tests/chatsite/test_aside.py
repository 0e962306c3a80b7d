"""What a process that starts lets a child do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.find_browser import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")

START = """
import os, signal, sys, time
from chatsite.aside import do_aside
from chatsite.lifecycle import CannotStart
parent = os.getpid()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0 if os.getpid() == parent else 3))
"""


def start(program: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START + program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_what_a_child_holds_is_not_held_by_its_parent() -> None:
    run = start("""
held = []
do_aside(lambda: (held.append(1), print("done", os.getpid() != parent)))
print(held)
""")

    said, complaints = run.communicate(timeout=60)

    assert (run.returncode, said, complaints) == (0, "done True\n[]\n", "")


def test_why_a_process_cannot_start_is_heard_from_its_child() -> None:
    run = start("""
def work():
    raise CannotStart("The disk is full…")
try:
    do_aside(work)
except CannotStart as error:
    print("heard:", error)
""")

    said, complaints = run.communicate(timeout=60)

    assert (run.returncode, said, complaints) == (0, "heard: The disk is full…\n", "")


def test_a_fault_of_a_child_ends_its_parent() -> None:
    run = start("do_aside(lambda: 1 / 0)\nprint('went on')\n")

    said, complaints = run.communicate(timeout=60)

    assert (run.returncode, said) == (1, "")
    assert complaints.count("ZeroDivisionError: division by zero") == 1


def test_a_parent_that_is_told_to_end_takes_its_child_along() -> None:
    with start("do_aside(lambda: (print(os.getpid(), flush=True), time.sleep(600)))\n") as run:
        assert run.stdout is not None
        child = int(run.stdout.readline())

        run.send_signal(signal.SIGTERM)

        assert run.wait(60) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
