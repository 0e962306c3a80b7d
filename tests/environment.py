"""The environment that tests and the servers they start run in."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping, MutableMapping
from pathlib import Path

_PREFIX = "chat-tests-"
# Settings that a developer's shell or `.env` may hold and that would change what the tests see.
_OURS = (
    "OPENAI_", "GEMINI_", "CHAT_", "CHATKIT_", "AUTH_", "DATA_DIR", "DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "HOST",
    "PORT", "PUBLIC_URL", "TRUSTED_PROXIES", "CORS_", "CSRF_", "REDIS_URL", "LOG_", "METRICS_TOKEN", "OTEL_", "DOTENV_",
)  # fmt: skip


def prepare(environment: MutableMapping[str, str]) -> None:
    """Make the environment the tests' own, once: the processes that they start inherit it."""
    if environment.get("CHAT_TESTS") == "1":
        return
    for name in [name for name in environment if name.startswith(_OURS)]:
        del environment[name]
    _sweep()
    environment["DOTENV_PATH"] = os.devnull
    environment["DATA_DIR"] = tempfile.mkdtemp(prefix=_PREFIX)
    forget_at_power_loss(Path(environment["DATA_DIR"]))
    # The faults' chance: one seed for all processes of a run, and for whoever repeats it. Where they are run in full it
    # is another one each time; the short form says of a change what it does, and not what a run's luck was.
    luck = random.SystemRandom().randrange(1_000_000) if environment.get("FAULTS") == "full" else 7
    environment.setdefault("FAULT_SEED", str(luck))
    environment["CHAT_TESTS"] = "1"


def forget_at_power_loss(data_dir: Path) -> None:
    """Turn fsync off: what a kill leaves is the same, and a disk that is shared by many tests is spared."""
    folder = data_dir / "postgres"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "postgres.conf").write_text("fsync = off\nfull_page_writes = off\n")


def of_a_site(data_dir: Path, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a command of the site, with its real settings and a DATA_DIR of its own."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "chatsite.settings",
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": "",
        **(settings or {}),
    }


def remove(data_dir: Path) -> None:
    """Remove a test's DATA_DIR once nobody uses its database; stop a server whose users were killed."""
    folder = data_dir / "postgres"
    if folder.exists():
        with open(folder / "users.lock", "a") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            _stop_server(folder)
        if (folder / "socket").is_symlink():
            shutil.rmtree(os.readlink(folder / "socket"), ignore_errors=True)
    shutil.rmtree(data_dir, ignore_errors=True)


def _stop_server(folder: Path) -> None:
    with open(folder / "server.lock", "a") as server:
        try:
            fcntl.flock(server, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            os.kill(int((folder / "data/postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
            fcntl.flock(server, fcntl.LOCK_EX)


def _sweep() -> None:
    """Remove what earlier runs left that were killed."""
    an_hour_ago = time.time() - 3600
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if folder.stat().st_mtime < an_hour_ago and os.access(folder, os.W_OK):
            remove(folder)
