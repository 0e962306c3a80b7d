"""The whole deployment on one machine, without containers: `python -m deploy.local`, or `make cluster`.

HAProxy with the configuration that is shipped, two `serve --no-worker`, two `worker`, Redis, and the embedded
PostgreSQL or the one of DATABASE_URL. For trying out and for tests; docs/deployment.md says how to do it for good.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HAPROXY_CFG = ROOT / "deploy" / "haproxy.cfg"
START_SECONDS = 90
STOP_SECONDS = 40
# Longer than the proxy takes to notice, with room for a busy machine.
DRAIN_SECONDS = 3


class NotStarted(Exception):
    """A process that did not come up; shows the end of its log."""


@dataclass
class Process:
    """One process of the deployment, whose output goes to a file."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log_file: Path
    is_up: Callable[[], bool]
    _running: subprocess.Popen[bytes] | None = None
    _logged_before: int = 0

    @property
    def log(self) -> str:
        """Return what it said since it was last started."""
        if not self.log_file.exists():
            return ""
        return self.log_file.read_bytes()[self._logged_before :].decode(errors="replace")

    @property
    def pid(self) -> int:
        assert self._running is not None
        return self._running.pid

    def start(self) -> None:
        """Start and return when it is up."""
        self.spawn()
        self.wait_until_up()

    def spawn(self) -> None:
        """Start without waiting."""
        self._logged_before = self.log_file.stat().st_size if self.log_file.exists() else 0
        with open(self.log_file, "ab") as log:
            self._running = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_up(self) -> None:
        """Return when it does its work."""
        deadline = time.monotonic() + START_SECONDS
        while not self.is_up():
            if not self.is_alive or time.monotonic() > deadline:
                raise NotStarted(
                    f"{self.name} did not start. The end of {self.log_file}:\n{self.log[-3000:]}"
                )
            threading.Event().wait(0.05)

    @property
    def is_alive(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def signal(self, number: signal.Signals) -> None:
        if self.is_alive:
            os.kill(self.pid, number)

    def wait(self) -> int:
        """Wait for its end and return the exit code."""
        assert self._running is not None
        return self._running.wait(STOP_SECONDS)

    def stop(self) -> None:
        """End it in order; after its time by force."""
        if not self.is_alive:
            return
        self.signal(signal.SIGTERM)
        try:
            self.wait()
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.wait()


@dataclass
class Cluster:
    """Everything together. Ports are free ones unless given; settings go to servers and workers alike."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    haproxy: str = "haproxy"
    redis_server: str = "redis-server"
    bind: str = "127.0.0.1"
    servers: list[Process] = field(default_factory=list)
    workers: list[Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.port = self.port or free_port()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        redis_port = free_port()
        self.redis_url = f"redis://127.0.0.1:{redis_port}/0"
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "chatsite.settings",
            "DATA_DIR": str(self.folder / "data"),
            "SECRET_KEY": secrets.token_urlsafe(40),
            "REDIS_URL": self.redis_url,
            "PUBLIC_URL": f"http://localhost:{self.port}",
            "TRUSTED_PROXIES": "127.0.0.1",
            **self.settings,
        }
        self.redis = self._redis(redis_port)
        self.servers = [self._server(number, free_port()) for number in (1, 2)]
        self.workers = [self._worker(number) for number in (1, 2)]
        self.proxy = self._proxy()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def server_url(self, server: Process) -> str:
        """Return a server's own address, past the proxy."""
        return f"http://127.0.0.1:{server.command[server.command.index('--port') + 1]}"

    @contextlib.contextmanager
    def running(self) -> Iterator[Cluster]:
        """Start everything, the servers and workers all at once, and stop it in the end."""
        try:
            self.redis.start()
            for process in (*self.servers, *self.workers):
                process.spawn()
            for process in (*self.servers, *self.workers):
                process.wait_until_up()
            self.proxy.start()
            yield self
        finally:
            for process in (*self.servers, *self.workers):
                process.signal(signal.SIGTERM)
            for process in (*self.servers, *self.workers, self.proxy, self.redis):
                process.stop()

    def restart_servers(self) -> None:
        """Restart one server after the other, each when the one before is back in the proxy's eyes."""
        for server in self.servers:
            server.signal(signal.SIGTERM)
            if code := server.wait():
                raise NotStarted(f"{server.name} ended with code {code}:\n{server.log[-3000:]}")
            server.start()
            self.wait_until_proxied(server)

    def wait_until_proxied(self, server: Process) -> None:
        """Return when the proxy's own health check has found the server."""
        line = (
            f'haproxy_server_status{{proxy="web",server="web{self.servers.index(server) + 1}",state="UP"}} 1'
        )
        deadline = time.monotonic() + START_SECONDS
        while line not in _read(self._metrics_url):
            if time.monotonic() > deadline:
                raise NotStarted(f"the proxy does not find {server.name}:\n{self.proxy.log[-3000:]}")
            threading.Event().wait(0.05)

    def _redis(self, port: int) -> Process:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        return self._process("redis", [self.redis_server, *options], os.environ, lambda: _accepts(port))

    def _server(self, number: int, port: int) -> Process:
        options = ["--no-worker", "--host", "127.0.0.1", "--port", str(port), "--drain", str(DRAIN_SECONDS)]
        command = [sys.executable, "manage.py", "serve", *options]
        up = f"http://127.0.0.1:{port}/healthz"
        return self._process(f"server-{number}", command, self._environment, lambda: '"ok"' in _read(up))

    def _worker(self, number: int) -> Process:
        command = [sys.executable, "manage.py", "worker"]
        return self._process(
            f"worker-{number}",
            command,
            self._environment,
            lambda: "Working on turns" in self.workers[number - 1].log,
        )

    def _proxy(self) -> Process:
        metrics = f"127.0.0.1:{free_port()}"
        self._metrics_url = f"http://{metrics}/metrics"
        environment = {
            **os.environ,
            "HTTP_BIND": f"{self.bind}:{self.port}",
            "METRICS_BIND": metrics,
            **{
                f"WEB_{number}": self.server_url(server).removeprefix("http://")
                for number, server in enumerate(self.servers, 1)
            },
        }
        command = [self.haproxy, "-f", str(HAPROXY_CFG)]
        up = f"{self.url}/healthz"
        return self._process("proxy", command, environment, lambda: '"ok"' in _read(up))

    def _process(
        self, name: str, command: list[str], environment: Mapping[str, str], is_up: Callable[[], bool]
    ) -> Process:
        return Process(name, command, environment, self.folder / f"{name}.log", is_up)


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _read(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except (OSError, urllib.error.URLError):
        return ""


def main() -> int:
    """Start everything, say where, and wait for Ctrl-C."""
    parser = argparse.ArgumentParser(description="Run the whole deployment on this machine.")
    parser.add_argument("--port", type=int, default=8080, help="the proxy's (default: %(default)s)")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "cluster", help="data and logs")
    chosen = parser.parse_args()
    missing = [
        name
        for name in ("haproxy", "redis-server")
        if not shutil.which(name, path=_path_with_system_folders())
    ]
    if missing:
        print(
            f"Not found: {', '.join(missing)}. On Debian: apt-get install {' '.join(missing)}",
            file=sys.stderr,
        )
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    os.environ["PATH"] = _path_with_system_folders()
    cluster = Cluster(chosen.folder, port=chosen.port)
    try:
        with contextlib.suppress(SystemExit), cluster.running():
            print(f"Serving on {cluster.url}; logs in {cluster.folder} (Ctrl-C stops it)", flush=True)
            signal.pause()
    except NotStarted as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _path_with_system_folders() -> str:
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])


def _leave(*_: object) -> None:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
