"""Setting a checkout up, as far as it can go wrong. The packages are one tiny wheel, and npm a stand-in."""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.find_browser import ROOT

pytestmark = pytest.mark.faults

NPM = """#!/bin/sh
mkdir -p node_modules
[ "$NPM_SAYS" ] && echo "$NPM_SAYS" && exit 1
exit 0
"""


@dataclass
class Checkout:
    """A checkout with next to nothing to install, and the machine that it is on."""

    root: Path
    machine: Path

    def command(self, purpose: str = "run") -> list[str]:
        return [sys.executable, str(self.root / "scripts" / "setup.py"), purpose]

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "PATH": f"{self.machine / 'bin'}:/usr/bin:/bin",
            "HOME": str(self.machine / "home"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.machine / "wheels"),
            **more,
        }

    def set_up(self, **more: str) -> subprocess.CompletedProcess[str]:
        environment = self.environment(**more)
        return subprocess.run(self.command(), env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    root, machine = tmp_path / "a checkout", tmp_path / "machine"
    for folder in (root, machine / "bin", machine / "home", machine / "wheels"):
        folder.mkdir(parents=True)
    shutil.copytree(ROOT / "scripts", root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("package.json", "package-lock.json"):
        (root / name).write_text("{}")
    for name, text in (("node", "#!/bin/sh\necho v22.0.0\n"), ("npm", NPM)):
        (machine / "bin" / name).write_text(text)
        (machine / "bin" / name).chmod(0o755)
    wheel = make_wheel(machine / "wheels")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (root / "requirements.txt").write_text(f"tiny==0.1 --hash=sha256:{digest}\n")
    return Checkout(root, machine)


def test_the_first_call_sets_everything_up_and_the_second_does_nothing(checkout: Checkout) -> None:
    first = checkout.set_up()
    second = checkout.set_up()

    assert first.returncode == 0, first.stderr
    assert "[3/3] Front-end packages" in first.stdout
    assert first.stdout.count(" s\n") == 3
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert list((checkout.machine / "home").iterdir()) == []


def test_a_changed_lock_file_is_installed_and_nothing_else(checkout: Checkout) -> None:
    checkout.set_up()
    lock = checkout.root / "requirements.txt"
    lock.write_text(lock.read_text() + "# changed\n")

    again = checkout.set_up()

    assert again.returncode == 0
    assert "[1/1] Python packages of requirements.txt" in again.stdout


def test_a_set_up_that_was_interrupted_goes_on(checkout: Checkout) -> None:
    process = subprocess.Popen(
        checkout.command(),
        env=checkout.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while "[1/3]" not in process.stdout.read(8):
        pass
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)

    again = checkout.set_up()

    assert process.returncode == 130
    assert "goes on from here" in said
    assert "Traceback" not in said
    assert again.returncode == 0, again.stderr
    assert checkout.set_up().stdout == ""


def test_a_package_that_does_not_match_the_lock_file_is_refused_in_words(checkout: Checkout) -> None:
    (checkout.root / "requirements.txt").write_text(f"tiny==0.1 --hash=sha256:{'0' * 64}\n")

    result = checkout.set_up()

    assert result.returncode == 1
    assert "requirements.txt does not match it" in result.stderr
    assert "Traceback" not in result.stderr


def test_no_network_is_said_in_words(checkout: Checkout) -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_NO_INDEX": "0"}

    result = checkout.set_up(**nowhere, PIP_FIND_LINKS="")

    assert result.returncode == 1
    assert "registry can't be reached" in result.stderr
    assert "run the same command again" in result.stderr


def test_what_npm_says_is_put_into_words(checkout: Checkout) -> None:
    meanings = {
        "npm error code ENOTFOUND": "registry can't be reached",
        "npm error code EINTEGRITY": "package-lock.json does not match it",
        "npm error code ENOSPC": "The disk is full",
        "npm error code EUNKNOWN": "npm error code EUNKNOWN",
    }

    for npm_says, words in meanings.items():
        result = checkout.set_up(NPM_SAYS=npm_says)

        assert result.returncode == 1
        assert words in result.stderr
        assert "Traceback" not in result.stderr

    assert checkout.set_up().returncode == 0


def test_a_python_without_venv_is_told_which_package_to_install(checkout: Checkout) -> None:
    (checkout.root / "venv.py").write_text("raise SystemExit('ensurepip is not available')\n")

    result = checkout.set_up()

    assert result.returncode == 1
    assert f"apt install python{sys.version_info.major}.{sys.version_info.minor}-venv" in result.stderr


def test_an_old_python_is_told_which_one_is_needed(checkout: Checkout, tmp_path: Path) -> None:
    pretend = (
        "import runpy, sys; sys.version_info = (3, 6, 0); sys.argv[0] = 'scripts/setup.py';"
        "runpy.run_path('scripts/setup.py', run_name='__main__')"
    )
    environment = {"PATH": str(tmp_path)}

    result = subprocess.run(
        [sys.executable, "-c", pretend], cwd=checkout.root, env=environment, capture_output=True, text=True
    )

    assert result.returncode == 1
    assert "needs Python 3.11 or newer" in result.stderr
    assert "is Python 3.6" in result.stderr
    assert "make run PYTHON=" in result.stderr


def test_the_first_file_can_be_read_by_old_pythons() -> None:
    source = (ROOT / "scripts/setup.py").read_text(encoding="ascii")

    tree = ast.parse(source, feature_version=(3, 4))

    newer = (ast.JoinedStr, ast.AnnAssign, ast.AsyncFunctionDef, ast.NamedExpr)
    assert not any(isinstance(node, newer) for node in ast.walk(tree))


def make_wheel(folder: Path) -> Path:
    path = folder / "tiny-0.1-py3-none-any.whl"
    about = "tiny-0.1.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny.py", "")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 0.1\n")
        wheel.writestr(
            f"{about}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(
            f"{about}/RECORD", f"tiny.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n"
        )
    return path
