"""Set up the checkout: `setup.py run` for serving, `setup.py test` for tests and checks, `setup.py node ...` runs node.

This file is read by whatever Python there is, however old, to say what is missing: nothing newer than Python 2.7
in here. The work is in installation.py.
"""

from __future__ import print_function

import os
import subprocess
import sys

OLDEST = (3, 11)
QUESTION = "import sys; sys.exit(sys.version_info < (3, 11))"


def main():
    if sys.version_info < OLDEST:
        try_a_newer_python()
        sys.exit(
            "The site needs Python %d.%d or newer, and `%s` is Python %d.%d.\n"
            "Install a newer one (https://www.python.org/downloads/, or your system's packages python3.11 and\n"
            "python3.11-venv), then say which: make run PYTHON=python3.11"
            % (OLDEST + (sys.executable,) + sys.version_info[:2])
        )
    import installation

    sys.exit(installation.main(sys.argv[1:]))


def try_a_newer_python():
    with open(os.devnull, "w") as nowhere:
        for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
            try:
                # A name on the path may be a version manager's, with nothing behind it: ask before becoming it.
                if subprocess.call([name, "-c", QUESTION], stdout=nowhere, stderr=nowhere) == 0:
                    os.execvp(name, [name] + sys.argv)
            except OSError:
                pass


if __name__ == "__main__":
    main()
