"""Nothing of an erased person remains, in no table; what others need is nobody's then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, transaction
from django.test import Client, RequestFactory
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from agents_app.airline import services as airline
from agents_app.airline.models import Profile
from chatsite import problems
from chatsite.accounts import limits, tokens
from chatsite.accounts.models import User
from chatsite.personal_data import erasure
from chatsite.personal_data.holdings import HOLDINGS
from conversations import services
from conversations.errors import AppError, Forbidden, NotAuthenticated, NotFound
from conversations.models import AccessLog, Charge, Conversation, Feedback
from conversations.services.allowance import _sum
from tests.chatsite.personal_data.conftest import MARK, PICTURE
from tests.fixtures.people import PASSWORD

pytestmark = pytest.mark.django_db

Life = Callable[[User], Conversation]


def rows_with(*words: str) -> dict[str, list[str]]:
    """Return every row of the whole database, of any table, that holds one of the words."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'select row::text from "{table}" as row where row::text ~* %s', ["|".join(words)])
            if rows := [row for (row,) in cursor.fetchall()]:
                found[table] = rows
    return found


def test_nothing_of_the_person_remains_in_any_table(alice: User, bob: User, make_life: Life) -> None:
    talk = make_life(alice)
    limits.count_export(alice)
    signs = [alice.pk, "alice", MARK, talk.pk, PICTURE.hex(), "msg_0", "atc_1"]
    assert len(rows_with(*signs)) >= 18

    erasure.erase_user(user=alice)

    assert rows_with(*signs) == {}
    assert Session.objects.count() == OutstandingToken.objects.count() == 0
    assert User.objects.filter(pk=bob.pk).exists()


def test_a_reply_that_waits_for_a_worker_goes_with_its_job(alice: User) -> None:
    talk = services.send_message(user=alice, text="Hi").conversation_id
    assert "procrastinate_jobs" in rows_with(talk)

    erasure.erase_user(user=alice)

    assert rows_with(talk) == {}


def test_it_counts_what_there_was(alice: User, make_life: Life) -> None:
    make_life(alice)
    expected = {each.name: each.rows_of(alice).count() for each in HOLDINGS if not each.is_kept}

    counts = erasure.erase_user(user=alice)

    assert counts == {**expected, "messages": 3, "sessions": 1}
    assert counts.items() >= {"accounts": 1, "conversations": 1, "attachments": 1, "feedback": 1}.items()
    assert all(counts.values())


def test_others_keep_all_that_is_theirs(alice: User, bob: User, make_life: Life) -> None:
    make_life(alice)
    before = {each.name: each.rows_of(alice).count() for each in HOLDINGS}

    erasure.erase_user(user=bob)

    assert {each.name: each.rows_of(alice).count() for each in HOLDINGS} == before
    assert Session.objects.count() == 1


def test_the_days_use_still_counts_for_the_site_and_as_nobodys(alice: User, make_life: Life) -> None:
    make_life(alice)
    midnight = alice.date_joined.replace(hour=0, minute=0, second=0, microsecond=0)
    used = _sum("", [], midnight)

    erasure.erase_user(user=alice)

    assert _sum("", [], midnight) == used == (31, Decimal(3))
    assert set(Charge.objects.values_list("user", flat=True)) == {None}


def test_the_staffs_log_keeps_that_something_was_done(
    alice: User, staff: User, make_life: Life, client: Client
) -> None:
    make_life(alice)

    erasure.erase_user(user=alice)

    entries = LogEntry.objects.filter(user=staff)
    assert {(each.object_id, each.object_repr, each.change_message) for each in entries} == {
        (None, "Erased", "")
    }
    assert len(entries) == 3
    client.force_login(staff)
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("rights", [{"is_staff": True}, {"is_superuser": True}])
def test_the_staff_is_not_erased(make_user: Callable[..., User], rights: dict[str, bool]) -> None:
    user = make_user("ada", **rights)

    with pytest.raises(Forbidden):
        erasure.erase_user(user=user)

    assert User.objects.filter(pk=user.pk).exists()


def test_nor_is_who_was_of_the_staff(alice: User, bob: User) -> None:
    AccessLog.objects.create(conversation=Conversation.objects.create(user=alice), staff=bob)

    with pytest.raises(Forbidden):
        erasure.erase_user(user=bob)


def test_rights_that_came_since_the_request_count(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True)

    with pytest.raises(Forbidden):
        erasure.erase_user(user=alice)


def test_who_was_erased_by_another_request_is_nobody(alice: User) -> None:
    User.objects.filter(pk=alice.pk).delete()

    with pytest.raises(NotAuthenticated):
        erasure.erase_user(user=alice)


@pytest.mark.django_db(transaction=True)
def test_by_the_session_with_its_csrf_check_and_the_cookie_goes(alice: User) -> None:
    client: Any = Client(enforce_csrf_checks=True)
    client.login(username="alice", password=PASSWORD)

    refused = client.delete(f"/api/{alice.pk}")
    client.cookies["csrftoken"] = token = "a" * 32
    erased = client.delete(f"/api/{alice.pk}", headers={"X-CSRFToken": token})
    again = client.delete(f"/api/{alice.pk}", headers={"X-CSRFToken": token})

    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert erased.status_code == 200
    assert erased.json()["sessions"] == 1
    assert client.cookies["sessionid"].value == ""
    assert erased["Clear-Site-Data"] == '"storage"'
    assert (again.status_code, again.json()["code"]) == (401, "not_authenticated")
    assert Session.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_token_of_an_account_of_the_staff_is_refused(staff: User, client: Client) -> None:
    access = tokens.issue(staff).access

    answer = client.delete(f"/api/{staff.pk}", headers={"Authorization": f"Bearer {access}"})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "staff" in answer.json()["detail"]


@pytest.mark.django_db(transaction=True)
def test_a_send_while_rows_go_finds_nobody_and_nothing_of_it_remains(alice: User, settings: Any) -> None:
    settings.CHAT_RATE_PER_MINUTE = 0  # or one send would wait for the other
    airline.get_trip(user_id=alice.pk)
    talk = Conversation.objects.create(user=alice)

    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            Profile.objects.select_for_update().get(user=alice)  # so that the erasure stops on its way
            erasing = pool.submit(in_thread, erasure.erase_user, user=alice)
            await_waiting(1)
            sends = [
                pool.submit(in_thread, services.send_message, user=alice, text="Hi", conversation_id=where)
                for where in (None, talk.pk)
            ]
            await_waiting(3)

        assert erasing.result()["conversations"] == 1
        new, old = (send.exception() for send in sends)

    assert isinstance(new, IntegrityError)
    assert isinstance(old, NotFound)
    assert rows_with(alice.pk, talk.pk) == {}


def in_thread(work: Callable[..., Any], **arguments: Any) -> Any:
    try:
        return work(**arguments)
    finally:
        connection.close()


def await_waiting(count: int) -> None:
    """Return when so many sessions of the database wait for a lock."""
    for _ in range(1000):
        with connection.cursor() as cursor:
            cursor.execute("select pg_stat_clear_snapshot()")
            cursor.execute(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] == count:
                return
        threading.Event().wait(0.02)
    raise AssertionError(f"never {count} waiting")


@pytest.mark.django_db(transaction=True)
def test_who_writes_at_that_moment_is_told_what_is_gone(alice: User, rf: RequestFactory) -> None:
    late: list[tuple[Any, type[AppError]]] = [
        (Conversation(user_id="user_gone"), NotAuthenticated),
        (Feedback(item_id=1, kind="positive"), NotFound),
        (User(username="alice"), AppError),
    ]
    for row, meaning in late:
        with pytest.raises(IntegrityError) as refused:
            row.save()

        assert type(problems.expected(rf.get("/"), refused.value)) is meaning
