"""Erasure for somebody who asks by letter: what DELETE /api/{user_id} does for one who is signed in."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chatsite.personal_data import erasure
from chatsite.personal_data.lookup import find_user
from conversations.errors import AppError


class Command(BaseCommand):
    help = "Erase a user and everything held about him, at once and for good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the user's id, name or email address")
        parser.add_argument("--no-input", action="store_true", help="don't ask whether that is meant")

    def handle(self, *, user: str, no_input: bool, **options: Any) -> None:
        found = find_user(user)
        if not no_input:
            self._confirm(f"{found.username} ({found.pk}, {found.email or 'no email address'})")
        try:
            counts = erasure.erase_user(user=found)
        except AppError as error:
            raise CommandError(error.detail) from error
        for name, count in counts.items():
            self.stdout.write(f"{name}: {count}")
        self.stdout.write(f"{found.username} is erased.")

    def _confirm(self, who: str) -> None:
        self.stdout.write(f"Everything held about {who} will be gone for good.")
        self.stdout.write("Type “yes” to go on: ", ending="")
        self.stdout.flush()
        try:
            answer = input()
        except EOFError:
            answer = ""
        if answer.strip().lower() != "yes":
            raise CommandError("Nothing was erased.")
