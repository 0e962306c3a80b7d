"""The folder of the embedded server: its data, its settings, its socket."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from chatsite.postgres.errors import PostgresUnavailable
from chatsite.postgres.identity import Identity

NAME = USER = "chat"

_SETTINGS = """\
# Written by the site at each start. Put your own into ../postgres.conf, which is read after this.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 64MB
fsync = on
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_min_messages = warning
# A statement and the row that fails it hold what customers wrote.
log_min_error_statement = panic
log_error_verbosity = terse
log_checkpoints = off
log_line_prefix = '%m [%p] '
jit = off
"""
PORT = 5432  # no port of the network: only part of the socket's name
_SOCKET = f".s.PGSQL.{PORT}"
_LONGEST_SOCKET_PATH = 103  # bytes: 107 on Linux, 103 on macOS


def data(folder: Path) -> Path:
    """Return where PostgreSQL keeps its files."""
    return folder / "data"


def build(folder: Path, programs: Path, identity: Identity, changing: int) -> None:
    """Make the database beside its final place and move it there whole, so that an interruption leaves nothing half."""
    for unfinished in folder.glob("unfinished-*"):
        shutil.rmtree(unfinished)
    draft = Path(tempfile.mkdtemp(prefix="unfinished-", dir=folder))
    builder = identity.named()
    builder.own(draft)
    if builder != identity:
        folder.chmod(0o711)  # lets it through to the draft, which is open to it alone
    _run(builder, changing, programs / "initdb", *_initdb_options(folder), "-D", draft)
    with open(draft / "postgresql.conf", "a", encoding="utf-8") as file:
        file.write("\ninclude_if_exists = 'chat.conf'\ninclude_if_exists = '../postgres.conf'\n")
    # A role of its own for the site: not a superuser, so that no query of ours can read files or run programs.
    statements = f"CREATE ROLE {USER} LOGIN CREATEDB;\nCREATE DATABASE {NAME} OWNER {USER};\n"
    _run(
        builder, changing, programs / "postgres", "--single", "-D", draft, "template1", statements=statements
    )
    identity.own(draft)
    folder.chmod(0o700)
    draft.rename(data(folder))


def configure(folder: Path, identity: Identity) -> None:
    """Write our settings and take away what a crash left."""
    path = data(folder) / "chat.conf"
    path.write_text(_SETTINGS, encoding="utf-8")
    identity.own(path)
    (data(folder) / "postmaster.pid").unlink(missing_ok=True)
    socket(folder).unlink(missing_ok=True)
    socket(folder).with_name(f"{_SOCKET}.lock").unlink(missing_ok=True)


def socket_dir(folder: Path) -> Path:
    """Return the folder of the server's socket: our own, or where its path is too long, what `socket` links to."""
    link = folder / "socket"
    return Path(os.readlink(link)) if link.is_symlink() else link


def socket(folder: Path) -> Path:
    """Return the server's socket; it exists while the server lives, and after a crash."""
    return socket_dir(folder) / _SOCKET


def make_socket_dir(folder: Path, identity: Identity) -> None:
    """Make a folder that nobody else can enter, for a socket whose path the system can take."""
    link = folder / "socket"
    if _fits(link):
        if link.is_symlink():  # DATA_DIR was moved here from a longer path
            link.unlink()
        link.mkdir(mode=0o700, exist_ok=True)
        identity.own(link)
    elif not (link.is_symlink() and _is_private(socket_dir(folder), identity)):
        identity.own(_make_short_folder(link))


def remove_socket_dir(folder: Path) -> None:
    """Leave nothing in the temporary folder."""
    if (folder / "socket").is_symlink():
        shutil.rmtree(socket_dir(folder), ignore_errors=True)


def _initdb_options(folder: Path) -> list[str]:
    return [
        *(["--no-sync"] if _is_for_throwing_away(folder) else []),
        "--username=postgres",
        "--auth-local=trust",  # the socket's folder is open to its owner alone
        "--auth-host=reject",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
    ]


def _is_for_throwing_away(folder: Path) -> bool:
    """Say whether the owner has turned fsync off: data that need not outlive the machine's power, as in tests."""
    own = folder / "postgres.conf"
    return own.exists() and bool(re.search(r"^\s*fsync\s*=\s*'?off\b", own.read_text(encoding="utf-8"), re.M))


def _run(identity: Identity, changing: int, *command: str | Path, statements: str = "") -> None:
    result = subprocess.run(
        identity.command(*command),
        input=statements,
        capture_output=True,
        text=True,
        env=environment(),
        cwd="/",
        pass_fds=[changing],
    )
    if result.returncode != 0 or "ERROR:" in result.stderr:
        raise PostgresUnavailable(
            f"The embedded PostgreSQL could not be made: {(result.stderr or result.stdout).strip()[-600:]}\n"
            "Is the disk full, or the folder not writable? DATA_DIR names another; DATABASE_URL, another server."
        )


def environment() -> dict[str, str]:
    """Return the environment of PostgreSQL's programs: none of our secrets, nothing that sets their locale or place."""
    kept = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C", "TZ": "UTC"}


def _fits(directory: Path) -> bool:
    # libpq reads a comma, and PostgreSQL's settings a quote, as more than a character of a path.
    plain = re.fullmatch(r"[\w/.+~-]+", str(directory), re.ASCII)
    return bool(plain) and len(str(directory / _SOCKET)) <= _LONGEST_SOCKET_PATH


def _make_short_folder(link: Path) -> Path:
    """Make the folder that the link names, so that the path stays the same, or another where that name is taken."""
    if link.is_symlink():
        with suppress(OSError):
            socket_dir(link.parent).mkdir(mode=0o700)
            return socket_dir(link.parent)
        link.unlink()
    elif link.exists():  # DATA_DIR was moved here from a shorter path
        shutil.rmtree(link)
    link.symlink_to(tempfile.mkdtemp(prefix="chat-", dir=_short_temporary_folder()))
    return socket_dir(link.parent)


def _is_private(folder: Path, identity: Identity) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    return status.st_uid == identity.uid and status.st_mode & 0o170777 == 0o040700


def _short_temporary_folder() -> str:
    short = "/tmp"  # noqa: S108 - only for a folder that mkdtemp makes; macOS's own is half the limit long
    return short if os.access(short, os.W_OK) else tempfile.gettempdir()
