"""Erasing a person: all rows at once, or none (docs/decisions/0044-erasure.md)."""

from __future__ import annotations

import logging
from importlib import import_module

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from chatsite.accounts import limits
from chatsite.accounts.models import User
from chatsite.personal_data.holdings import HOLDINGS
from conversations import services
from conversations.errors import Forbidden, NotAuthenticated
from conversations.models import AccessLog, Item

#: How often to begin again when something came in between that the lists didn't have.
TRIES = 10

logger = logging.getLogger(__name__)


def erase_user(*, user: User) -> dict[str, int]:
    """Erase everything held about the user and return how many rows of each kind it was.

    Raises Forbidden for the staff, NotAuthenticated where somebody else erased the user first.
    """
    for tries_left in reversed(range(TRIES)):
        try:
            counts = _erase(user)
        except (services.ChangedMeanwhile, IntegrityError):
            if not tries_left:
                raise
        else:
            logger.info("a user was erased: %s rows", sum(counts.values()))
            return counts
    raise AssertionError("unreachable")


@transaction.atomic
def _erase(user: User) -> dict[str, int]:
    # Conversations first, as everybody does who writes in one: whoever locked the user before would wait for them.
    conversations = services.lock_conversations_of(user=user)
    locked = User.objects.select_for_update().filter(pk=user.pk).first()
    if locked is None:
        raise NotAuthenticated
    _check_may_go(locked)
    counts = {each.name: each.rows_of(user).count() for each in HOLDINGS if not each.is_kept}
    counts["messages"] = Item.objects.visible_to(user).messages().count()
    _forget_in_staff_log(user)
    services.erase_conversations(user=user, locked=conversations)
    OutstandingToken.objects.filter(user=user).delete()
    counts["sessions"] = _delete_sessions(user)
    limits.forget_exports(user)
    locked.delete()
    return counts


def _check_may_go(user: User) -> None:
    """Refuse who works for the staff, or did: others' records name them, and one slip would lock a site's owner out."""
    has_worked = LogEntry.objects.filter(user=user).exists() or AccessLog.objects.filter(staff=user).exists()
    if user.is_staff or user.is_superuser or has_worked:
        raise Forbidden("An account of the staff can't be erased here: others' records name it.")


def _forget_in_staff_log(user: User) -> None:
    """Forget whom and what of his the administration's log names; conversations see to that themselves."""
    for holding in HOLDINGS:
        if admin.site.is_registered(holding.model):
            keys = holding.rows_of(user).annotate(key=Cast("pk", TextField())).values("key")
            services.forget_in_staff_log(holding.model, keys)


def _delete_sessions(user: User) -> int:
    """Delete the user's sessions. Whose one is only its content tells, so all are looked through."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    current = Session.objects.filter(expire_date__gt=timezone.now()).iterator(chunk_size=500)
    own = [each.pk for each in current if store.decode(each.session_data).get(SESSION_KEY) == user.pk]
    return Session.objects.filter(pk__in=own).delete()[0]
