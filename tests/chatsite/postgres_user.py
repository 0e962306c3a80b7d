"""A process that uses the embedded server: says where its socket is, then leaves when its input ends."""

import sys
from pathlib import Path

from chatsite.postgres import server
from chatsite.postgres.errors import PostgresUnavailable

if __name__ == "__main__":
    try:
        if "--keep" in sys.argv:
            server.keep_running(Path(sys.argv[1]))
        print(server.ensure_running(Path(sys.argv[1])), flush=True)
    except PostgresUnavailable as error:
        sys.exit(f"refused: {error}")
    sys.stdin.read()
