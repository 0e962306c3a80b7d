"""As whom the server runs: as we do, or, where we are root, as a user who owns nothing else (docs/decisions/0003)."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from chatsite.postgres import as_user
from chatsite.postgres.errors import PostgresUnavailable

_FIRST_PRIVATE_UID, _PRIVATE_UIDS = 61_184, 4_000  # systemd's range for users that exist only while they run


@dataclass(frozen=True)
class Identity:
    """Whoever runs PostgreSQL's programs. `capabilities` are what it needs to reach its files."""

    uid: int
    gid: int
    folder: Path
    capabilities: tuple[int, ...] = ()

    def command(self, *words: str | Path) -> list[str]:
        """Return the command that runs a program as this user."""
        plain = [str(word) for word in words]
        if self.uid == os.geteuid():
            return plain
        numbers = ",".join(str(number) for number in self.capabilities)
        helper = [sys.executable, "-IS", as_user.__file__]
        return [*helper, str(self.uid), str(self.gid), numbers, str(self.folder), *plain]

    def own(self, path: Path) -> None:
        """Give a file or a whole folder to this user."""
        if self.uid == os.geteuid():
            return
        os.chown(path, self.uid, self.gid, follow_symlinks=False)
        if path.is_dir() and not path.is_symlink():
            for child in path.iterdir():
                self.own(child)

    def named(self) -> Identity:
        """Return a user with an entry in the list of users, which initdb insists on."""
        try:
            pwd.getpwuid(self.uid)
        except KeyError:
            return self._nobody_here()
        return self

    def _nobody_here(self) -> Identity:
        if os.geteuid() != 0:
            raise PostgresUnavailable(
                f"PostgreSQL can't be made by a user without a name, and number {self.uid} has none on this machine. "
                "Add the user to /etc/passwd, or set DATABASE_URL to a PostgreSQL server of your own."
            )
        nobody = _nobody()
        return replace(self, uid=nobody.pw_uid, gid=nobody.pw_gid)


def refuse_foreign(folder: Path) -> None:
    """Say in words that only root and the owner can use a database."""
    owner = folder.stat().st_uid
    if os.geteuid() not in (0, owner):
        raise PostgresUnavailable(
            f"The database in {folder} belongs to another user (number {owner}). Start the site as that user or as "
            "root, or set DATA_DIR to a folder of your own."
        )


def server_identity(folder: Path, program: Path) -> Identity:
    """Return as whom the server of this folder runs; as root, the least powerful user for whom it works."""
    if os.geteuid() != 0:
        return Identity(os.geteuid(), os.getegid(), folder)
    reason = ""
    for identity in _candidates(folder):
        os.chown(folder, identity.uid, identity.gid)
        reason = _try(identity, program)
        if not reason:
            return identity
    raise PostgresUnavailable(
        f"PostgreSQL does not run as root, and no other user can run it here ({reason}). "
        "Start the site as an ordinary user, or set DATABASE_URL to a PostgreSQL server of your own."
    )


def _candidates(folder: Path) -> Iterator[Identity]:
    status = folder.stat()
    users = [(status.st_uid, status.st_gid)] if status.st_uid != 0 else _unprivileged_users(folder)
    for uid, gid in users:
        for capabilities in ((), (as_user.DAC_READ_SEARCH,), (as_user.DAC_OVERRIDE,)):
            yield Identity(uid, gid, folder, capabilities)


def _unprivileged_users(folder: Path) -> list[tuple[int, int]]:
    private = _FIRST_PRIVATE_UID + zlib.crc32(os.fsencode(folder)) % _PRIVATE_UIDS
    nobody = _nobody()
    return [(private, private), (nobody.pw_uid, nobody.pw_gid)]


def _nobody() -> pwd.struct_passwd:
    ordinary = [user for user in pwd.getpwall() if user.pw_uid != 0]
    if not ordinary:
        raise PostgresUnavailable(
            "PostgreSQL does not run as root, and this machine knows no other user. Add one (for example `nobody`), "
            "or set DATABASE_URL to a PostgreSQL server of your own."
        )
    return next((user for user in ordinary if user.pw_name == "nobody"), ordinary[-1])


def _try(identity: Identity, program: Path) -> str:
    command = identity.command(program, "--version")
    result = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return (
        "" if result.returncode == 0 else result.stderr.strip().removeprefix("as_user: ") or "no reason given"
    )
