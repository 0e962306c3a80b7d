#!/usr/bin/env python
"""The site's commands. What a person can mend is said in a sentence, without a traceback."""

import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Run a command of Django's or of ours."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    signal.signal(signal.SIGTERM, _leave)
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit(
            "Django is not installed for this Python. Use `make run`, or `pip install -r requirements.txt` in a "
            "virtual environment, then start again with its python."
        )
    from chatsite.env import BadSetting
    from chatsite.postgres.errors import PostgresUnavailable

    try:
        execute_from_command_line(sys.argv)
    except (BadSetting, PostgresUnavailable) as error:
        print(f"{error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, BadSetting) else 1)


def _leave(number: int, frame: FrameType | None) -> None:
    """Exit in order on SIGTERM, so that the last user of the embedded database stops it."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
