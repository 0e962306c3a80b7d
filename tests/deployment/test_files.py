"""The files for containers and for systemd, read by the tools that know them: neither can be run in every CI."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chatsite.databases import POOL
from deploy.local import HAPROXY_CFG
from tests import system_packages
from tests.find_browser import ROOT
from tests.fixtures.site import Site

UNITS = sorted((ROOT / "deploy/systemd").glob("chat*"))


def test_compose_yaml_is_as_the_specification_wants_it() -> None:
    check("-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")


def test_the_linter_of_dockerfiles_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")

    result = subprocess.run([hadolint, "Dockerfile"], cwd=ROOT, capture_output=True, text=True)

    assert (result.returncode, result.stdout) == (0, "")


def test_what_the_image_takes_in_is_there_and_no_more() -> None:
    taken = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.M)
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.M)

    assert all((ROOT / name).exists() for name in taken)
    assert set(" ".join(copied).split()) - {"."} <= set(taken)
    assert not {"tests", "var", ".env", ".git"} & set(taken)


def test_the_images_own_question_is_answered_whatever_hosts_are_allowed(
    make_site: Callable[..., Site],
) -> None:
    """With `localhost` among them, as docs/deployment.md wants it."""
    [command] = re.findall(r"^HEALTHCHECK .*\\\n +CMD (.+)$", (ROOT / "Dockerfile").read_text(), re.M)
    _, *arguments = json.loads(command)
    site = make_site("--no-worker", ALLOWED_HOSTS="chat.example.com,localhost")
    site.spawn()
    site.wait_for_line("Serving on")

    asked = subprocess.run([sys.executable, *arguments], env={**os.environ, "PORT": str(site.port)})

    assert asked.returncode == 0


@pytest.mark.parametrize("where", ["here", "containers", "with a certificate"])
def test_the_proxy_accepts_its_configuration(where: str, tmp_path: Path) -> None:
    haproxy = system_packages.program("haproxy", "haproxy")
    settings = {
        "here": {"RUN_AS": "root"},
        "containers": {"WEB_SERVICE": "web:8000", "HTTP_BIND": ":8080"},
        "with a certificate": {"TLS_CERTIFICATE": str(tmp_path)},
    }[where]
    make_certificate(tmp_path)

    result = subprocess.run(
        [haproxy, "-c", "-f", HAPROXY_CFG], env={**os.environ, **settings}, capture_output=True, text=True
    )

    assert result.returncode == 0, result.stderr
    assert "WARNING" not in result.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_the_units(unit: Path, tmp_path: Path) -> None:
    analyze = system_packages.program("systemd-analyze", "systemd")
    for other in UNITS:
        text = other.read_text().replace("/opt/chat/.venv/bin/python", shutil.which("true") or "")
        (tmp_path / other.name).write_text(text.replace("/opt/chat", str(ROOT)))
    instance = unit.name.replace("@.", "@8001.")
    if instance != unit.name:
        (tmp_path / instance).symlink_to(tmp_path / unit.name)

    result = subprocess.run(
        [analyze, "verify", "--man=no", tmp_path / instance], capture_output=True, text=True
    )

    assert result.returncode == 0, result.stderr
    ours = [line for line in result.stderr.splitlines() if "chat" in line]
    assert ours == []


def test_the_page_on_scaling_counts_connections_as_the_code_does() -> None:
    page = (ROOT / "docs/scaling.md").read_text()
    most = int(str(POOL["max_size"]))

    assert f"| `serve --no-worker` | {most} |" in page
    assert f"| `worker` | {most + 5}: {most}, 4 for its queue, 1 life line |" in page


def make_certificate(folder: Path) -> None:
    openssl = system_packages.program("openssl", "openssl")
    key, certificate = folder / "key", folder / "certificate"
    command = [
        openssl,
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    command += ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], capture_output=True, check=True)
    (folder / "site.pem").write_bytes(certificate.read_bytes() + key.read_bytes())
    key.unlink()
    certificate.unlink()


def check(*arguments: str) -> None:
    result = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
