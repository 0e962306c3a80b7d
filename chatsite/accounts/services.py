"""Every write to users, guests and their tokens."""

from __future__ import annotations

from django.contrib import auth
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_noop as _

from chatsite.accounts import tokens
from chatsite.accounts.models import User
from conversations.errors import Conflict, Invalid, NotAuthenticated


@transaction.atomic
def register(*, actor: User | None, username: str, password: str, email: str = "") -> User:
    """Make a user. A guest who registers becomes that user, and so keeps all that is his."""
    user = _lock_guest(actor) if actor and actor.is_guest else User()
    user.username = User.normalize_username(username)
    user.email = User.objects.normalize_email(email)
    user.is_guest = False
    _refuse_invalid(user, password)
    user.set_password(password)
    _save_with_free_name(user)
    return user


@transaction.atomic
def create_guest() -> User:
    """Make a user who has no name and password of his own yet."""
    guest = User(username=f"guest-{get_random_string(12).lower()}", is_guest=True)
    guest.set_unusable_password()
    _save_with_free_name(guest)
    return guest


@transaction.atomic
def sign_in(*, username: str, password: str) -> User:
    """Return the user with this name and password. An unknown name fares as a wrong password."""
    user = auth.authenticate(username=username, password=password)
    if not isinstance(user, User):
        raise NotAuthenticated(_("User name and password don’t match."))
    user.last_login = timezone.now()
    user.save(update_fields=["last_login"])
    return user


@transaction.atomic
def issue_tokens(*, user: User) -> tokens.Pair:
    return tokens.issue(user)


@transaction.atomic
def refresh_tokens(*, refresh: str) -> tokens.Pair:
    return tokens.rotate(refresh)


@transaction.atomic
def log_out(*, refresh: str) -> None:
    tokens.revoke(refresh)


def _lock_guest(actor: User) -> User:
    guest = User.objects.select_for_update().get(pk=actor.pk)
    if not guest.is_guest:
        raise Conflict(_("This guest has already registered. Sign in instead."))
    return guest


def _refuse_invalid(user: User, password: str) -> None:
    problems: dict[str, list[str]] = {}
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        problems |= error.message_dict
    try:
        validate_password(password, user)
    except ValidationError as error:
        problems["password"] = error.messages
    if problems:
        raise Invalid(
            errors=[{"field": field, "message": message} for field in problems for message in problems[field]]
        )


def _save_with_free_name(user: User) -> None:
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        if "username" not in str(error):
            raise
        raise Conflict(_("This user name is taken. Choose another.")) from None
