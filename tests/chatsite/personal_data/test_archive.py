"""Everything held about a person, in one ZIP, and nothing of anybody else's."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Callable
from itertools import islice
from typing import Any
from zipfile import ZipFile

import pytest

from chatsite.accounts.models import User
from chatsite.personal_data.archive import archive
from chatsite.personal_data.holdings import HOLDINGS
from conversations.models import Attachment, Conversation, Upload
from tests.chatsite.personal_data.conftest import MARK, PICTURE

pytestmark = pytest.mark.django_db

PAUSES = 20
Life = Callable[[User], Conversation]


def unpacked(user: User) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(b"".join(archive(user)))) as files:
        assert files.testzip() is None
        return {name: files.read(name) for name in files.namelist()}


def test_each_table_is_in_its_file(alice: User, make_life: Life) -> None:
    make_life(alice)

    files = unpacked(alice)

    for holding in HOLDINGS:
        if holding.file:
            rows = json.loads(files[holding.file])
            rows = [rows] if holding.is_one else rows
            assert len(rows) == holding.rows_of(alice).count() > 0, holding.file
            assert not set(holding.without) & set(rows[0])
    told = {name: MARK.encode() in content for name, content in files.items()}
    without = {"README.txt", "sign-ins.json", "feedback.json", "dictations.json", "charges.json"}
    without |= {"accesses-by-staff.json", "airline/flights.json"}
    assert {name for name, has_it in told.items() if not has_it} == without
    assert json.loads(files["feedback.json"])[0]["kind"] == "positive"


def test_conversations_are_there_twice_and_pictures_as_they_were(alice: User, make_life: Life) -> None:
    talk = make_life(alice)

    files = unpacked(alice)

    name = f"conversations/0001 The {MARK}"
    assert json.loads(files[f"{name}.json"])["conversation"]["id"] == talk.pk
    assert f"# The {MARK}\n" in files[f"{name}.md"].decode()
    [picture] = json.loads(files["attachments.json"])
    assert picture["name"] == f"{MARK}.png"
    assert picture["conversation_id"] == talk.pk
    assert files[picture["file"]] == PICTURE


def test_it_tells_no_secret_and_nothing_of_others(
    alice: User, bob: User, staff: User, make_life: Life
) -> None:
    make_life(alice)
    Conversation.objects.create(user=bob, title="bob's own")

    told = b"\n".join(unpacked(alice).values()).decode(errors="replace")

    alice.refresh_from_db()
    jtis = alice.outstandingtoken_set.values_list("jti", flat=True)
    secrets = [alice.password, *jtis, "for us", "kept from customers", bob.pk, "bob's own", staff.username]
    assert [secret for secret in (*secrets, staff.pk) if secret in told] == []


def test_a_person_who_did_nothing_has_an_account_all_the_same(alice: User) -> None:
    files = unpacked(alice)

    assert json.loads(files["account.json"])["username"] == "alice"
    assert files["attachments.json"] == b"[]\n"
    assert files["airline/profile.json"] == b"null"
    assert "alice" in files["README.txt"].decode()


def test_titles_alike_and_odd_ones_make_different_files(alice: User) -> None:
    for title in ("Same", "Same", "../../etc/passwd", "", "a\0b".replace("\0", "\n"), "🛫" * 500, "旅行 ✈"):
        Conversation.objects.create(user=alice, title=title)

    names = [name for name in unpacked(alice) if name.endswith(".md")]

    assert len(set(names)) == 7
    assert all(name.count("/") == 1 and ".." not in name and len(name.encode()) < 250 for name in names)


def test_what_is_in_memory_is_a_part_of_a_picture(alice: User) -> None:
    size = 5_000_000
    for number in range(5):
        payload = {"id": f"atc_{number}", "name": "big.png", "mime_type": "image/png"}
        attachment = Attachment.objects.create(user=alice, attachment_id=f"atc_{number}", payload=payload)
        Upload.objects.create(attachment=attachment, media_type="image/png", data=b"x" * size)

    tracemalloc.start()
    sizes = [len(piece) for piece in archive(alice)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sum(sizes) > 5 * size
    assert max(sizes) <= 64 * 1024
    assert peak < size


def test_others_get_the_thread_in_between_however_small_all_of_it_becomes(alice: User) -> None:
    for number in range(PAUSES):
        Conversation.objects.create(user=alice, title=f"{number}")

    pieces = list(archive(alice))

    assert len([piece for piece in pieces if piece]) == 1
    assert pieces.count(b"") > 2 * PAUSES


def test_what_goes_meanwhile_is_missing_and_the_rest_is_there(alice: User) -> None:
    made = [
        Conversation.objects.create(id=f"conv_{number}", user=alice, title=f"{number}") for number in "ab"
    ]
    pieces: Any = archive(alice)
    begun = b"".join(islice(pieces, 3))

    made[1].delete()
    rest = b"".join(pieces)

    with ZipFile(io.BytesIO(begun + rest)) as files:
        assert "conversations/0001 a.md" in files.namelist()
        assert json.loads(files.read("conversations/0001 a.json"))["messages"] == []


def test_who_goes_away_leaves_nothing_behind(alice: User, make_life: Life) -> None:
    make_life(alice)

    for taken in range(0, 60, 7):
        pieces = archive(alice)
        list(islice(pieces, taken))
        del pieces  # a warning here is an error
