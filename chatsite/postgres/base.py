"""Django's PostgreSQL backend, which makes sure that the embedded server runs before it connects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.client import DatabaseClient as PsqlClient

from chatsite.postgres import binaries, cluster
from chatsite.postgres.server import ensure_running


class DatabaseClient(PsqlClient):
    """`manage.py dbshell`, with the wheel's own psql."""

    def runshell(self, parameters: Iterable[str]) -> None:
        data_dir = self.connection.settings_dict["DATA_DIR"]
        self.connection.settings_dict["HOST"] = str(ensure_running(data_dir))
        self.executable_name = str(binaries.for_cluster(cluster.data(data_dir / "postgres")) / "psql")
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        self.settings_dict["HOST"] = str(ensure_running(self.settings_dict["DATA_DIR"]))
        return super().get_connection_params()
