"""What accounts leave behind goes when its time is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.sessions.models import Session
from django.utils import timezone
from procrastinate.contrib.django import app

from chatsite.accounts.jobs import upkeep


@pytest.mark.django_db(transaction=True)
def test_expired_sessions_go_and_others_stay() -> None:
    now = timezone.now()
    for key, days in (("old", -1), ("new", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=now + timedelta(days=days))

    async_to_sync(upkeep.func)(0)

    assert [session.session_key for session in Session.objects.all()] == ["new"]


def test_the_worker_knows_every_job() -> None:
    app.perform_import_paths()

    assert {"accounts.upkeep", "conversations.upkeep", "conversations.run_turns"} <= set(app.tasks)
