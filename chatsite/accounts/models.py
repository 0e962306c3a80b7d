"""Users and guests, and how often an address may try to become one."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils import timezone

from conversations.ids import new_id


def new_user_id() -> str:
    return new_id("user")


class UserManager(DjangoUserManager["User"]):
    """Names are compared without regard to case, so “Maya” signs in as “maya”."""

    use_in_migrations = False

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(Exact(Lower("username"), Lower(Value(username))))


class User(AbstractUser):
    id = models.TextField(primary_key=True, default=new_user_id, editable=False)
    is_guest = models.BooleanField(
        "guest",
        default=False,
        help_text="Came without an account. Registering makes the guest a user and keeps the conversations.",
    )

    objects: ClassVar[UserManager] = UserManager()

    class Meta(AbstractUser.Meta):
        constraints = (
            # Also the index of every sign-in.
            models.UniqueConstraint(
                Lower("username"),
                name="accounts_user_username_any_case_unique",
                violation_error_message="A user with that username already exists.",
            ),
        )

    def token_stamp(self) -> str:
        """Return what a token must carry to count: it changes with the password, however that was changed."""
        return self.get_session_auth_hash()[:32]


class AddressAttempts(models.Model):
    """Sign-ins, registrations and guests from one address in its current minute."""

    address = models.TextField(primary_key=True)
    started_at = models.DateTimeField(default=timezone.now)
    count = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "address attempts"
        indexes = (
            # Finds the minutes that are over, to delete them.
            models.Index(fields=["started_at"], name="accounts_attempts_started_at"),
        )

    def __str__(self) -> str:
        return self.address
