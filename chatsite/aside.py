"""Work of a process that starts, done by a child: what it has loaded and built goes with it, 20 to 50 MB."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

from chatsite.lifecycle import CannotStart
from chatsite.postgres.errors import PostgresUnavailable


def do_aside(work: Callable[[], object]) -> None:
    """Call a function in a forked process and wait for its end; raise CannotStart with the words of the child's.

    For a process that has no threads yet. Where forking isn't safe, outside Linux, it is called here.
    """
    if sys.platform != "linux":
        work()
        return
    sys.stdout.flush()
    sys.stderr.flush()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _work_and_leave(work, writer)
    os.close(writer)
    try:
        with open(reader, encoding="utf-8") as told:
            words = told.read()
        _, status = os.waitpid(child, 0)
    except BaseException:  # this process was told to end
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)
        raise
    if words:
        raise CannotStart(words)
    if status:
        raise SystemExit(1)


def _work_and_leave(work: Callable[[], object], writer: int) -> NoReturn:
    """Do the work and end, without what the parent does when it ends."""
    code = 1
    try:
        work()
        code = 0
    except (CannotStart, PostgresUnavailable) as error:
        os.write(writer, str(error).encode())
    except BaseException as error:
        if not isinstance(error, SystemExit):
            traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
