"""Serve the element without our site until Ctrl-C."""

from __future__ import annotations

import sys
import threading

from tests.elsewhere.site import serving

if __name__ == "__main__":
    with serving(int(sys.argv[1]) if len(sys.argv) > 1 else 8100) as site:
        print(f"A chat on {site.url}/ and the gallery of widgets on {site.url}/gallery. Ctrl-C stops it.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()
