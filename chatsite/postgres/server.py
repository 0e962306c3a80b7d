"""Starting, sharing and stopping the embedded server. Every answer is verified by connecting."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import psycopg

from chatsite.postgres import binaries, cluster, locks
from chatsite.postgres.errors import PostgresUnavailable
from chatsite.postgres.identity import Identity, refuse_foreign, server_identity

logger = logging.getLogger(__name__)

_ANSWER_SECONDS = 30  # for a server that neither answers nor says that it is busy recovering
_RECOVERY_SECONDS = 600
_STOP_SECONDS = 60
_users: dict[tuple[int, Path], int] = {}  # by process and folder, so that a forked child registers itself
_children: list[subprocess.Popen[bytes]] = []
_thread_lock = threading.RLock()


def ensure_running(data_dir: Path) -> Path:
    """Attach to the server of this data directory, starting it where needed; return its socket's folder."""
    folder = data_dir.absolute() / "postgres"
    with _thread_lock:
        if (os.getpid(), folder) in _users and locks.server_is_alive(folder):
            return cluster.socket_dir(folder)
        _make_folder(folder)
        with locks.changing(folder) as changing:
            if (os.getpid(), folder) not in _users:
                _users[os.getpid(), folder] = locks.register_user(folder)
            _attach_or_start(folder, changing)
        return cluster.socket_dir(folder)


def release(data_dir: Path) -> None:
    """Stop using the server; the last user stops it. Happens by itself when the process exits."""
    folder = data_dir.absolute() / "postgres"
    with _thread_lock:
        descriptor = _users.pop((os.getpid(), folder), None)
        if descriptor is None:
            return
        try:
            with locks.changing(folder):
                if locks.is_last_user(descriptor):
                    _stop(folder)
        finally:
            os.close(descriptor)


@atexit.register
def release_all() -> None:
    """Stop using every server: at the process's exit."""
    for _, folder in list(_users):
        release(folder.parent)


def keep_running(data_dir: Path) -> None:
    """Start the server again whenever it dies while this process uses it, from a thread that only waits."""
    ensure_running(data_dir)
    threading.Thread(target=_watch, args=[data_dir], name="postgres-watch", daemon=True).start()


def _watch(data_dir: Path) -> None:
    folder = data_dir.absolute() / "postgres"
    while True:
        locks.wait_for_the_servers_end(folder)
        with _thread_lock:
            if (os.getpid(), folder) not in _users:
                return
            try:
                ensure_running(data_dir)
            except PostgresUnavailable as error:
                logger.error("The embedded PostgreSQL ended and can't be started again: %s", error)
                return
        logger.warning("The embedded PostgreSQL had ended and was started again.")


def _make_folder(folder: Path) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True, mode=0o700)
    except OSError as error:
        raise PostgresUnavailable(
            f"The folder of the database can't be made: {folder} ({error.strerror}). Set DATA_DIR to a folder that "
            "you may write to, or DATABASE_URL to a PostgreSQL server of your own."
        ) from None
    refuse_foreign(folder)


def _attach_or_start(folder: Path, changing: int) -> None:
    while True:
        if _answers(folder):
            return
        if locks.server_is_alive(folder):
            _wait_for_an_answer(folder)
        else:
            _start(folder, changing)


def _answers(folder: Path) -> bool:
    if not cluster.socket(folder).exists():
        return False
    try:
        _connect(folder).close()
    except psycopg.OperationalError:
        return False
    return True


def _connect(folder: Path) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=str(cluster.socket_dir(folder)),
        port=cluster.PORT,
        user=cluster.USER,
        dbname=cluster.NAME,
        connect_timeout=_ANSWER_SECONDS,
    )


def _start(folder: Path, changing: int) -> None:
    programs = binaries.for_cluster(cluster.data(folder))
    identity = server_identity(folder, programs / "postgres")
    cluster.make_socket_dir(folder, identity)
    if not cluster.data(folder).exists():
        cluster.build(folder, programs, identity, changing)
    lock = locks.server_lock(folder)
    if lock is None:
        return
    try:
        cluster.configure(folder, identity)
        _launch(folder, programs, identity, lock)
    finally:
        os.close(lock)  # the server keeps its copy, and with it the lock
    if not _wait_for_an_answer(folder):
        _explain_failure(folder)


def _launch(folder: Path, programs: Path, identity: Identity, lock: int) -> None:
    _children[:] = [child for child in _children if child.poll() is None]  # takes the zombies away
    log = folder / "server.log"
    if log.exists() and log.stat().st_size > 1_000_000:
        log.replace(folder / "server.log.1")
    command = identity.command(
        programs / "postgres", "-D", cluster.data(folder), "-k", cluster.socket_dir(folder)
    )
    with open(log, "ab") as output:
        identity.own(log)
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=cluster.environment(),
            start_new_session=True,  # Ctrl-C in the terminal is not for the server
            pass_fds=[lock],
        )
    _children.append(child)


def _wait_for_an_answer(folder: Path) -> bool:
    """Return True when the server answers, False when it has gone."""
    started = time.monotonic()
    while locks.server_is_alive(folder):
        try:
            _connect(folder).close()
            return True
        except psycopg.OperationalError as error:
            reason = str(error).strip()
        waited = time.monotonic() - started
        if waited > (_RECOVERY_SECONDS if "the database system is" in reason else _ANSWER_SECONDS):
            raise PostgresUnavailable(
                f"The embedded PostgreSQL runs but does not answer ({reason}). End it with "
                f"`kill -INT {_pid(folder)}` and start again; its log is {folder / 'server.log'}."
            )
        time.sleep(0.02)
    return False


def _explain_failure(folder: Path) -> None:
    log = (folder / "server.log").read_text(encoding="utf-8", errors="replace")
    raise PostgresUnavailable(
        f"The embedded PostgreSQL did not start. The end of its log, {folder / 'server.log'}:\n"
        f"{log[-900:].strip()}\n"
        "Is the disk full? Otherwise put back a copy of the folder, or move "
        f"{folder} away to begin with an empty database. Nothing was deleted."
    )


def _stop(folder: Path) -> None:
    """Ask the server to write everything down and end, and wait until its last process has gone."""
    if locks.server_is_alive(folder) and _answers(folder):
        os.kill(_pid(folder), signal.SIGINT)
        deadline = time.monotonic() + _STOP_SECONDS
        while locks.server_is_alive(folder):
            if time.monotonic() > deadline:
                logger.error("The embedded PostgreSQL, pid %s, does not end.", _pid(folder))
                return
            time.sleep(0.01)
    for child in _children:
        child.poll()
    cluster.remove_socket_dir(folder)


def _pid(folder: Path) -> int:
    return int((cluster.data(folder) / "postmaster.pid").read_text().split()[0])
