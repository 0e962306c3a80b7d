"""The archive for somebody who asks by letter: what GET /api/{user_id}/export gives one who is signed in."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chatsite.personal_data.archive import archive
from chatsite.personal_data.lookup import find_user


class Command(BaseCommand):
    help = "Write everything held about a user into a ZIP that only you can read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the user's id, name or email address")
        parser.add_argument("file", type=Path, help="where to write it; what is there already stays")

    def handle(self, *, user: str, file: Path, **options: Any) -> None:
        found = find_user(user)
        try:
            place = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{file} can't be written: {error.strerror}.") from error
        try:
            with os.fdopen(place, "wb") as outlet:
                outlet.writelines(archive(found))
        except BaseException:
            file.unlink()
            raise
        self.stdout.write(f"Everything held about {found.username} is in {file}.")
