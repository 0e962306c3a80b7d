"""`manage.py serve` and `worker` as a person at a shell meets them."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.environment import of_a_site
from tests.find_browser import ROOT
from tests.fixtures.site import Site

pytestmark = pytest.mark.faults

MakeSite = Callable[..., Site]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_exits_with_0_and_leaves_no_process(
    make_site: MakeSite, number: signal.Signals
) -> None:
    site = make_site().start()
    assert site.database_lives

    code = site.signal(number)

    assert code == 0, site.log
    assert "Traceback" not in site.log
    assert not site.database_lives


def test_a_server_whose_log_nobody_reads_any_more_serves_on(make_site: MakeSite) -> None:
    site = make_site()
    reader, writer = os.pipe()
    site.process = subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=of_a_site(site.data_dir, {"PORT": str(site.port)}),
        stdout=writer,
        stderr=writer,
        text=True,
        start_new_session=True,
    )
    os.close(writer)
    site.wait_until_ready()
    os.close(reader)

    for _ in range(3):
        refused = urllib.request.Request(f"{site.url}/", headers={"Host": "elsewhere.example"})  # is logged
        with pytest.raises(urllib.error.HTTPError, match="400"):
            urllib.request.urlopen(refused, timeout=20)
    with urllib.request.urlopen(f"{site.url}/healthz", timeout=20) as answer:
        assert answer.status == 200
    assert site.signal(signal.SIGTERM) == 0


def test_a_signal_during_the_first_start_ends_it_with_0(make_site: MakeSite) -> None:
    site = make_site()
    site.spawn()
    site.wait_for_line("Migrating the database")

    code = site.signal(signal.SIGTERM)

    assert code == 0, site.log
    assert "Traceback" not in site.log
    assert not site.database_lives
    assert site.start().stop() == 0


def test_the_first_start_makes_an_administrator_and_says_where_the_password_is(make_site: MakeSite) -> None:
    site = make_site().start()

    line = site.wait_for_line("password in")

    file = Path(line.split("password in ")[1].strip())
    assert file == site.data_dir / "admin-password"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    token = post(f"{site.url}/api/auth/token", username="admin", password=file.read_text().strip())
    assert me(site, token["access"])["is_staff"] is True


def test_the_start_says_that_replies_are_canned_and_what_to_set(make_site: MakeSite) -> None:
    site = make_site().start()

    assert "OPENAI_API_KEY or GEMINI_API_KEY" in site.wait_for_line("Replies are canned")


def test_the_second_start_keeps_everything_and_is_quick(make_site: MakeSite) -> None:
    site = make_site().start()
    guest = post(f"{site.url}/api/auth/guest")
    site.stop()

    started = time.monotonic()
    site.start()
    took = time.monotonic() - started

    assert me(site, guest["access"])["user_id"] == guest["user_id"]
    assert "Migrating" not in site.log
    assert "Collecting" not in site.log
    assert took < 15  # a bound for a busy machine; alone it takes about two seconds


def test_a_killed_server_leaves_its_database_to_the_next_start(make_site: MakeSite) -> None:
    site = make_site().start()
    guest = post(f"{site.url}/api/auth/guest")
    assert site.signal(signal.SIGKILL) == -signal.SIGKILL
    assert site.database_lives

    site.start()

    assert me(site, guest["access"])["user_id"] == guest["user_id"]
    assert site.stop() == 0
    assert not site.database_lives


def test_a_killed_database_comes_back_under_a_running_server(make_site: MakeSite) -> None:
    site = make_site().start()
    guest = post(f"{site.url}/api/auth/guest")
    pid = (site.data_dir / "postgres/data/postmaster.pid").read_text().split()[0]

    os.kill(int(pid), signal.SIGKILL)
    site.wait_for_line("was started again")
    site.wait_until_ready()  # half a second long it doesn't ask a database that was away

    assert me(site, guest["access"])["user_id"] == guest["user_id"]
    assert site.stop() == 0
    assert not site.database_lives


def test_a_worker_beside_the_server_shares_its_database(make_site: MakeSite) -> None:
    site = make_site("--no-worker")
    site.spawn()
    assert "manage.py worker" in site.wait_for_line("Nobody answers here")
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "worker", "--concurrency", "5"],
        cwd=ROOT,
        env=of_a_site(site.data_dir),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline().startswith("Working on turns")
    site.wait_until_ready()

    assert site.stop() == 0
    assert site.database_lives
    worker.send_signal(signal.SIGTERM)

    worker.communicate(timeout=30)
    assert worker.returncode == 0
    assert not site.database_lives


def test_a_port_in_use_is_said_in_a_sentence(make_site: MakeSite) -> None:
    site = make_site()
    with socket.create_server(("127.0.0.1", site.port)):
        code, output = run(site)

    assert code == 1
    assert f"Port {site.port} is in use" in output
    assert f"--port {site.port + 1}" in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("options", "environment", "code", "words"),
    [
        (["--host", "192.0.2.1"], {}, 1, "no address '192.0.2.1'"),
        (["--port", "70000"], {}, 1, "no port 70000"),
        ([], {"PORT": "eighty"}, 2, "PORT must be a whole number"),
        ([], {"DEBUG": "perhaps"}, 2, "DEBUG must be on or off"),
        ([], {"CHAT_PROVIDER": "gemini"}, 2, "GEMINI_API_KEY"),
        ([], {"DATABASE_URL": "mysql://localhost/x"}, 2, "DATABASE_URL must be"),
        (
            [],
            {"DATABASE_URL": "postgresql://someone:secret@127.0.0.1:1/nothing"},
            1,
            "The database can't be reached",
        ),
    ],
)
def test_what_cannot_work_is_said_in_a_sentence(
    make_site: MakeSite, options: list[str], environment: dict[str, str], code: int, words: str
) -> None:
    site = make_site(*options, **environment)

    answer, output = run(site)

    assert answer == code, output
    assert words in output
    assert "Traceback" not in output
    assert "secret" not in output
    assert len(output.strip().splitlines()) == 1


def test_a_data_directory_that_cannot_be_made_is_said_in_a_sentence(
    make_site: MakeSite, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")

    code, output = run(make_site(data_dir=tmp_path / "file" / "data"))

    assert code in (1, 2)
    assert "DATA_DIR" in output
    assert "Traceback" not in output


def test_two_servers_that_start_at_once_prepare_one_database(make_site: MakeSite, tmp_path: Path) -> None:
    first, second = make_site(data_dir=tmp_path / "shared"), make_site(data_dir=tmp_path / "shared")
    first.spawn()
    second.spawn()

    for site in (first, second):
        site.wait_for_line("Serving on")

    assert first.stop() == 0
    assert second.database_lives
    assert second.stop() == 0
    assert not second.database_lives


def test_other_commands_start_the_database_and_stop_it(make_site: MakeSite) -> None:
    site = make_site()

    result = subprocess.run([sys.executable, "manage.py", "migrate"], cwd=ROOT, env=of_a_site(site.data_dir))

    assert result.returncode == 0
    assert not site.database_lives


def run(site: Site) -> tuple[int, str]:
    process = site.spawn()
    code = process.wait(60)
    site.ended.wait(10)
    return code, site.log


def post(url: str, **body: str) -> dict[str, str]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return dict(json.load(answer))


def me(site: Site, token: str) -> dict[str, object]:
    request = urllib.request.Request(f"{site.url}/api/auth/me", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return dict(json.load(answer))
