"""Django's `migrate`, while no other process migrates, and without making a busy site wait."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from chatsite import migrating, prepare


class Command(migrate.Command):
    def handle(self, *arguments: Any, **options: Any) -> None:
        say = self.stdout.write
        with prepare.reached_database() as direct, migrating.one_process_at_a_time(direct, say):
            migrating.run(lambda: super(Command, self).handle(*arguments, **options), say)
