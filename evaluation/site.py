"""A site of the evaluation's own: the configured model, an empty database, no limits."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import httpx2
import psycopg

from chatsite.postgres import cluster

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120
_NO_LIMITS = {
    "CHAT_RATE_PER_MINUTE": "0",
    "AUTH_RATE_PER_MINUTE": "0",
    "CHAT_DAILY_TOKENS": "0",
    "CHAT_WAIT_SECONDS": "240",
    "CHAT_GUESTS": "on",
    "DATABASE_URL": "",
    "REDIS_URL": "",
}


@contextmanager
def run_site(data_dir: Path) -> Iterator[str]:
    """Serve on a free port until the block ends; yield the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (data_dir / "site.log").open("w")
    environment = {**os.environ, **_NO_LIMITS, "DATA_DIR": str(data_dir), "PORT": str(port)}
    with subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            _wait_until_ready(process, f"http://localhost:{port}", data_dir / "site.log")
            yield f"http://localhost:{port}"
        finally:
            process.send_signal(signal.SIGTERM)


def answers_canned(url: str) -> bool:
    """Say whether no real model answers there."""
    return bool(httpx2.get(f"{url}/readyz", timeout=30).json()["provider"]["state"] == "practice")


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            answer = httpx2.get(f"{url}/readyz", timeout=5)
        except httpx2.HTTPError:
            time.sleep(0.1)
            continue
        if answer.status_code == 200:
            return
        if (provider := answer.json().get("provider", {})).get("state") == "refused":
            raise SystemExit(provider["detail"])
        time.sleep(0.1)
    raise SystemExit(f"The site did not start:\n{log.read_text()[-2000:]}")


def read_usage(data_dir: Path, conversations: Sequence[str]) -> dict[str, tuple[int, Decimal | None, str]]:
    """Return tokens, cost and model of each conversation, while its site runs."""
    socket_dir = cluster.socket_dir(data_dir / "postgres")
    with psycopg.connect(f"host={socket_dir} user=chat dbname=chat") as connection:
        rows = connection.execute(_USAGE, [list(conversations)]).fetchall()
    return {row[0]: (int(row[1]), row[2], row[3]) for row in rows}


_USAGE = """
select conversation_id, sum(input_tokens + output_tokens),
    case when bool_or(cost is null and input_tokens + output_tokens > 0) then null else coalesce(sum(cost), 0) end,
    max(model)
from conversations_turn where conversation_id = any(%s) group by conversation_id
"""
