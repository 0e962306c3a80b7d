"""Run the practice provider as a process of its own: `python -m agents_app.providers.practice --port 0`."""

from __future__ import annotations

import argparse
import asyncio
import signal

from .server import WORD_PACE, PracticeServer


def main() -> None:
    """Listen until SIGINT or SIGTERM; the first line of output is the base URL."""
    parser = argparse.ArgumentParser(prog="python -m agents_app.providers.practice", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument(
        "--pace", type=float, default=WORD_PACE, help="milliseconds between words (%(default)s)"
    )
    asyncio.run(_serve(parser.parse_args()))


async def _serve(options: argparse.Namespace) -> None:
    server = PracticeServer(pace=options.pace, kept_requests=500)
    print(await server.start(host=options.host, port=options.port), flush=True)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await server.close()


if __name__ == "__main__":
    main()
