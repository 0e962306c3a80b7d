"""Who is meant by somebody who writes a letter: an id, a name or an email address."""

from __future__ import annotations

from django.core.management.base import CommandError
from django.db.models import Q

from chatsite.accounts.models import User

#: So many accounts are named where several could be meant.
MOST_NAMED = 10


def find_user(word: str) -> User:
    """Return the one account with this id, name or email address. Raises CommandError for none and for several."""
    word = word.strip()
    meant = Q(pk=word) | Q(username__iexact=word) | Q(email__iexact=word)
    found = list(User.objects.filter(meant).order_by("pk")[: MOST_NAMED + 1]) if word else []
    if not found:
        raise CommandError(f"No account has the id, name or email address “{word}”.")
    if len(found) > 1:
        ids = ", ".join(f"{user.pk} ({user.username})" for user in found[:MOST_NAMED])
        raise CommandError(f"Several accounts have “{word}”: {ids}. Give the id of one.")
    return found[0]
