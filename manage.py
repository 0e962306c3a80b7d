#!/usr/bin/env python
"""The site's commands. What a person can mend is said in a sentence, without a traceback."""

import atexit
import gc
import os
import signal
import sys
from types import FrameType

LONG_RUNNING = ("serve", "worker")


def main() -> None:
    """Run a command of Django's or of ours."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    # Otherwise Python looks through every object once more before it ends, for a second or longer.
    atexit.register(gc.freeze)
    signal.signal(signal.SIGTERM, _leave)
    if sys.argv[1:2] and sys.argv[1] in LONG_RUNNING:
        signal.signal(signal.SIGINT, _leave)
    try:
        from django.core.management import execute_from_command_line

        from chatsite.env import BadSetting
        from chatsite.lifecycle import CannotStart
        from chatsite.postgres.errors import PostgresUnavailable
    except ImportError as error:
        sys.exit(
            f"{error}. Are the requirements installed for this Python? Use `make run`, or run "
            "`pip install -r requirements.txt` in a virtual environment and start again with its python."
        )
    try:
        execute_from_command_line(sys.argv)
    except BadSetting as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except (CannotStart, PostgresUnavailable) as error:
        print(error, file=sys.stderr)
        sys.exit(1)


def _leave(number: int, frame: FrameType | None) -> None:
    """Exit in order, so that the last user of the embedded database stops it; a server's end is no failure."""
    sys.exit(0 if sys.argv[1] in LONG_RUNNING else 128 + number)


if __name__ == "__main__":
    main()
