"""A PostgreSQL server as one rents it: TLS, a password, and a pooler in transaction mode before it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests import system_packages
from tests.fixtures.site import await_port, free_port

PASSWORD = "a password: with/odd@characters"
QUOTED_PASSWORD = "a%20password%3A%20with%2Fodd%40characters"


@dataclass
class ManagedPostgres:
    """The server and its pooler; runs as the package's user where we are root, since neither runs as root."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="chat-tests-managed-")))
    port: int = field(default_factory=free_port)
    pooler_port: int = field(default_factory=free_port)
    _pooler: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self._binaries = system_packages.postgresql_binaries()
        self._user = "postgres" if os.geteuid() == 0 else None
        self._make_certificate()
        if self._user:
            shutil.chown(self.folder, self._user, self._user)
        self._initialise()

    @property
    def certificate(self) -> Path:
        return self.folder / "server.crt"

    @property
    def direct_url(self) -> str:
        """Past the pooler, with everything that a careful client asks for."""
        tls = f"sslmode=verify-full&sslrootcert={self.certificate}&channel_binding=require"
        return f"postgresql://chat:{QUOTED_PASSWORD}@localhost:{self.port}/chat?{tls}"

    @property
    def pooled_url(self) -> str:
        tls = f"sslmode=verify-full&sslrootcert={self.certificate}"
        return f"postgresql://chat:{QUOTED_PASSWORD}@localhost:{self.pooler_port}/chat?{tls}"

    def start(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-l", str(self.folder / "log"), "-w", "start")

    def stop(self) -> None:
        """Stop at once, as a server does that goes to sleep: idle connections are cut."""
        self._run("pg_ctl", "-D", str(self._data), "-m", "fast", "-w", "stop")

    def start_pooler(self) -> None:
        program = system_packages.program("pgbouncer", "pgbouncer")
        self._write("pgbouncer.ini", self._pooler_settings())
        self._write("users.txt", f'"chat" "{PASSWORD}"\n"pooled" "{PASSWORD}"\n')
        self._pooler = subprocess.Popen(
            [program, str(self.folder / "pgbouncer.ini")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._as_user(),
        )
        await_port(self.pooler_port)

    def end(self) -> None:
        """Stop everything and remove it."""
        if self._pooler is not None:
            self._pooler.terminate()
            self._pooler.wait(20)
        subprocess.run(
            [self._binaries / "pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop"],
            capture_output=True,
            cwd=self.folder,
            check=False,
            **self._as_user(),
        )
        shutil.rmtree(self.folder)

    def execute(self, statement: str, *values: object) -> list[Any]:
        """Run a statement as the owner of the machine."""
        with psycopg.connect(
            host=str(self.folder), port=self.port, user="postgres", dbname="chat", autocommit=True
        ) as owner:
            cursor = owner.execute(statement, values)
            return list(cursor.fetchall()) if cursor.description else []

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _initialise(self) -> None:
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-E", "UTF8", "--no-sync")
        with open(self._data / "postgresql.conf", "a") as settings:
            settings.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{self.folder}'\n"
                f"ssl = on\nssl_cert_file = '{self.certificate}'\nssl_key_file = '{self.folder / 'server.key'}'\n"
                "fsync = off\npassword_encryption = 'scram-sha-256'\n"
            )
        (self._data / "pg_hba.conf").write_text(
            "local all postgres trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
        )
        self.start()
        with psycopg.connect(
            host=str(self.folder), port=self.port, user="postgres", dbname="postgres", autocommit=True
        ) as owner:
            owner.execute(f"create role chat login password '{PASSWORD}'")
            # Who comes through the pooler has a name of his own, by which tests tell the two ways apart.
            owner.execute(f"create role pooled login password '{PASSWORD}' in role chat")
            owner.execute("create database chat owner chat")

    def _make_certificate(self) -> None:
        openssl = system_packages.program("openssl", "openssl")
        name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        files = ["-keyout", str(self.folder / "server.key"), "-out", str(self.certificate)]
        command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *name, *files]
        subprocess.run(command, capture_output=True, check=True)
        self._give(self.folder / "server.key")
        self._give(self.certificate)

    def _pooler_settings(self) -> str:
        return f"""
[databases]
chat = host=127.0.0.1 port={self.port} dbname=chat user=pooled

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.pooler_port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {self.folder}/users.txt
pool_mode = transaction
default_pool_size = 4
max_client_conn = 500
logfile = {self.folder}/pgbouncer.log
client_tls_sslmode = require
client_tls_cert_file = {self.certificate}
client_tls_key_file = {self.folder}/server.key
server_tls_sslmode = require
"""

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)
        self._give(self.folder / name)

    def _give(self, file: Path) -> None:
        file.chmod(0o600)
        if self._user:
            shutil.chown(file, self._user, self._user)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments]
        # Not captured: the server that pg_ctl starts would keep the pipe open.
        with open(self.folder / "commands.log", "ab") as log:
            subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, check=True,
                **self._as_user(),
            )  # fmt: skip

    def _as_user(self) -> dict[str, Any]:
        if self._user is None:
            return {}
        return {"user": self._user, "group": pwd.getpwnam(self._user).pw_gid, "extra_groups": []}
