"""What must be there before the site serves: tables, an administrator, static files. One process makes it, once."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe

import psycopg
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection

from chatsite import migrating
from chatsite.aside import do_aside
from chatsite.lifecycle import CannotStart
from chatsite.migrating import Say
from chatsite.postgres.server import ensure_running, keep_running
from chatsite.secrets import stored_secret

OLDEST_POSTGRES = 15

logger = logging.getLogger(__name__)


def prepare_all(say: Say) -> None:
    """Make what is missing before a server can serve, aside: it needs to hold nothing of it afterwards."""
    if not settings.DATABASE_URL:
        ensure_running(settings.DATA_DIR)  # by this process, which uses it longer than the one aside

    def work() -> None:
        prepare_database(say)
        prepare_static_files(say)

    do_aside(work)
    if not settings.DATABASE_URL:
        keep_running(settings.DATA_DIR)


def prepare_database(say: Say) -> None:
    """Make sure that the database answers, has all tables, and that there is an administrator."""
    with reached_database() as direct, migrating.one_process_at_a_time(direct, say):
        migrating.migrate_what_is_new(say)
        _make_administrator()


def check_database() -> None:
    """Make sure that the database answers, and that it is one that we can use."""
    if not settings.DATABASE_URL:
        keep_running(settings.DATA_DIR)
    with reached_database():
        pass


def note_what_waits() -> None:
    """Say at the start of one process of several what comes late where nothing carries it between them."""
    if not settings.REDIS_URL:
        logger.info(
            "REDIS_URL is empty: what other processes do reaches an open conversation within a second, "
            "lists of conversations and the trip beside it when the page is looked at again"
        )


def prepare_static_files(say: Say) -> None:
    """Collect the static files when one of them has changed since the last time."""
    folder = Path(settings.STATIC_ROOT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / ".collected", "a+", encoding="utf-8") as stamp:
            fcntl.flock(stamp, fcntl.LOCK_EX)
            stamp.seek(0)
            state = _state_of_static_files()
            if stamp.read() != state:
                say("Collecting static files …")
                call_command("collectstatic", verbosity=0, interactive=False)
                stamp.truncate(0)
                stamp.write(state)
    except OSError as error:
        if error.errno in (errno.EROFS, errno.EACCES) and (folder / "staticfiles.json").exists():
            return  # an image, or a folder of root's: they were collected when it was made
        raise CannotStart(
            f"The static files can't be written to {folder} ({error.strerror}). Make the folder writable, or free "
            "some space on the disk, then start again."
        ) from error


@contextmanager
def reached_database() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Connect past the pool, whose errors say nothing, and past a pooler, which knows no session locks."""
    parameters = connection.get_connection_params()
    direct_url = settings.DATABASE_DIRECT_URL
    try:
        if direct_url:
            direct = psycopg.connect(direct_url, autocommit=True, connect_timeout=10)
        else:
            direct = psycopg.connect(**{"connect_timeout": 10, **parameters}, autocommit=True)
    except psycopg.OperationalError as error:
        name = "DATABASE_DIRECT_URL" if direct_url else "DATABASE_URL"
        reason = " ".join(str(error).split())
        raise CannotStart(
            f"The database can't be reached ({reason}). Check {name} and that its server runs; without DATABASE_URL "
            "the site brings its own."
        ) from error
    with direct:
        if direct.info.server_version < OLDEST_POSTGRES * 10_000:
            raise CannotStart(
                f"The database server is PostgreSQL {direct.info.server_version // 10_000}; the site needs "
                f"{OLDEST_POSTGRES} or newer. Without DATABASE_URL the site brings its own."
            )
        yield direct


def _make_administrator() -> None:
    users = get_user_model().objects
    if not users.filter(is_superuser=True).exists() and not users.filter(username__iexact="admin").exists():
        password = stored_secret(administrators_password(), lambda: token_urlsafe(15))
        users.create_superuser("admin", password=password)


def administrators_password() -> Path:
    """Return where the first start left the administrator's password."""
    return Path(settings.DATA_DIR) / "admin-password"


def _state_of_static_files() -> str:
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
