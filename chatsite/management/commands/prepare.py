"""What has to be there before servers and workers start: for a job that runs once, before the rest of a deployment."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from chatsite import prepare


class Command(BaseCommand):
    help = "Bring the database to this version and make an administrator; `serve` does it too."

    def handle(self, **options: Any) -> None:
        prepare.prepare_database(self.stdout.write)
        self.stdout.write("The database is ready")
