"""Somebody asks by letter, and an operator does at the shell what the person could do at the site."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from chatsite.accounts.models import User
from conversations.models import Conversation
from tests.chatsite.personal_data.conftest import MARK

pytestmark = pytest.mark.django_db

Life = Callable[[User], Conversation]


def run(*words: str, answer: str = "", monkeypatch: pytest.MonkeyPatch | None = None) -> str:
    said = io.StringIO()
    if monkeypatch is not None:
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    call_command(*words, stdout=said)
    return said.getvalue()


@pytest.mark.parametrize("word", ["id", "name", "email"])
def test_who_is_meant_is_erased_with_counts(word: str, alice: User, bob: User, make_life: Life) -> None:
    make_life(alice)
    named = {"id": alice.pk, "name": "ALICE", "email": f"{MARK}@Example.com"}[word]

    said = run("erase_user", named, "--no-input")

    assert not User.objects.filter(pk=alice.pk).exists()
    assert User.objects.filter(pk=bob.pk).exists()
    assert "conversations: 1\n" in said
    assert said.endswith("alice is erased.\n")


def test_it_asks_first(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for answer in ("", "y\n", "no\n"):
        with pytest.raises(CommandError, match="Nothing was erased"):
            run("erase_user", alice.pk, answer=answer, monkeypatch=monkeypatch)
    assert User.objects.filter(pk=alice.pk).exists()

    said = run("erase_user", alice.pk, answer="yes\n", monkeypatch=monkeypatch)

    assert f"Everything held about alice ({alice.pk}, no email address) will be gone" in said
    assert not User.objects.filter(pk=alice.pk).exists()


def test_nobody_several_and_the_staff_are_refused(alice: User, bob: User, staff: User) -> None:
    User.objects.filter(pk__in=[alice.pk, bob.pk]).update(email="both@example.com")

    for word, why in (
        ("nobody", "No account has"),
        ("", "No account has"),
        ("both@example.com", f"Several accounts have .*{alice.pk} \\(alice\\)"),
        (staff.pk, "account of the staff"),
    ):
        with pytest.raises(CommandError, match=why):
            run("erase_user", word, "--no-input")

    assert User.objects.filter(pk__in=[alice.pk, bob.pk, staff.pk]).count() == 3


def test_the_archive_is_written_for_the_operator_alone(alice: User, make_life: Life, tmp_path: Path) -> None:
    make_life(alice)
    file = tmp_path / "alice.zip"

    run("export_user", alice.pk, str(file))

    assert file.stat().st_mode & 0o777 == 0o600
    with ZipFile(file) as archive:
        assert archive.testzip() is None
        assert "README.txt" in archive.namelist()
        assert MARK in archive.read("account.json").decode()
    with pytest.raises(CommandError, match="can't be written"):
        run("export_user", alice.pk, str(file))
