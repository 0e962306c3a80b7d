"""Users in the admin: looked after by the staff, ruled by superusers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from chatsite.accounts import services, tokens
from chatsite.accounts.models import User
from conversations.errors import NotAuthenticated
from tests.conversations.admin.making import address
from tests.fixtures.people import PASSWORD

LIST = "/admin/accounts/user/"
NEW_PASSWORD = {
    "password1": "twelve green parrots",
    "password2": "twelve green parrots",
    "usable_password": "true",
}


@pytest.fixture
def desk(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


@pytest.fixture
def helper(make_user: Callable[..., User]) -> User:
    """A member of the staff who may change users and is no superuser."""
    user = make_user("helper", is_staff=True)
    names = ["view_user", "change_user", "add_user", "delete_user"]
    user.user_permissions.set(
        Permission.objects.filter(codename__in=names, content_type__app_label="accounts")
    )
    return user


def form_of(user: User, **changes: Any) -> dict[str, Any]:
    fields = {"username": user.username, "email": "", "first_name": "", "last_name": "", "is_active": "on"}
    return {**fields, **changes}


class TestLookingAfterUsers:
    def test_the_list_tells_guests_staff_and_the_deactivated(self, desk: Client, make_user: Any) -> None:
        services.create_guest()
        make_user("gone", is_active=False)

        page = desk.get(LIST).content.decode()

        for words in ("Guest", "Superuser", "Deactivated", "gone"):
            assert words in page

    def test_finds_guests_names_and_ids(self, desk: Client, alice: User, bob: User) -> None:
        guest = services.create_guest()

        for query, user in (({"q": "ALI"}, alice), ({"q": bob.id}, bob), ({"is_guest__exact": "1"}, guest)):
            assert list(desk.get(LIST, query).context["cl"].result_list) == [user]

    def test_costs_the_same_for_one_and_for_many(
        self, desk: Client, make_user: Any, django_assert_max_num_queries: Any
    ) -> None:
        for n in range(30):
            make_user(f"user{n}")

        with django_assert_max_num_queries(8):
            assert desk.get(LIST).status_code == 200

    def test_a_deactivated_account_is_shut_at_once(self, desk: Client, alice: User) -> None:
        access = tokens.issue(alice).access

        desk.post(LIST, {"action": "deactivate", "_selected_action": [alice.pk]})

        with pytest.raises(NotAuthenticated):
            tokens.authenticate(access)
        assert LogEntry.objects.get().object_id == alice.pk
        desk.post(LIST, {"action": "activate", "_selected_action": [alice.pk]})
        assert tokens.authenticate(access)

    def test_nobody_shuts_his_own_account(self, desk: Client, staff: User) -> None:
        desk.post(LIST, {"action": "deactivate", "_selected_action": [staff.pk]})
        desk.post(address(staff), {**form_of(staff), "is_active": "", "is_superuser": ""})

        staff.refresh_from_db()
        assert (staff.is_active, staff.is_staff, staff.is_superuser) == (True, True, True)

    def test_nobody_is_deleted(self, desk: Client, alice: User) -> None:
        assert desk.post(address(alice, "delete"), {"post": "yes"}).status_code == 403
        assert "delete_selected" not in desk.get(LIST).content.decode()

    def test_a_superuser_changes_passwords_and_makes_staff(self, desk: Client, alice: User) -> None:
        access = tokens.issue(alice).access

        desk.post(f"{LIST}{alice.pk}/password/", NEW_PASSWORD)
        desk.post(address(alice), form_of(alice, is_staff="on"))

        alice.refresh_from_db()
        assert alice.check_password(NEW_PASSWORD["password1"])
        assert alice.is_staff
        with pytest.raises(NotAuthenticated):
            tokens.authenticate(access)

    def test_a_new_user_is_made(self, desk: Client) -> None:
        page = desk.get(f"{LIST}add/")
        made = desk.post(f"{LIST}add/", {"username": "nora", **NEW_PASSWORD})

        assert page.status_code == 200
        assert made["Location"] == address(User.objects.get(username="nora"))

    def test_a_name_that_differs_by_case_is_taken(self, desk: Client, alice: User, bob: User) -> None:
        refused = desk.post(address(bob), form_of(bob, username="ALICE"))

        assert refused.status_code == 200
        assert refused.context["errors"]

    def test_staff_change_their_own_password(self, desk: Client, staff: User) -> None:
        passwords = {"old_password": PASSWORD, "new_password1": "twelve green parrots"}

        assert desk.get("/admin/password_change/").status_code == 200
        desk.post("/admin/password_change/", {**passwords, "new_password2": "twelve green parrots"})

        staff.refresh_from_db()
        assert staff.check_password("twelve green parrots")

    @pytest.mark.parametrize("id", ["user_none", "%00"])
    def test_an_unknown_one_is_no_page(self, desk: Client, id: str) -> None:
        assert desk.get(f"{LIST}{id}/change/").status_code in (302, 404)
        assert desk.get(f"{LIST}{id}/password/").status_code in (302, 404)


class TestStaffWhoAreNoSuperusers:
    @pytest.fixture(autouse=True)
    def browser(self, client: Client, helper: User) -> None:
        client.force_login(helper)

    def test_look_after_customers(self, client: Client, alice: User) -> None:
        client.post(address(alice), form_of(alice, first_name="Alice"))

        alice.refresh_from_db()
        assert alice.first_name == "Alice"

    def test_give_no_rights(self, client: Client, alice: User, helper: User) -> None:
        rights = {"is_staff": "on", "is_superuser": "on", "user_permissions": [Permission.objects.first().pk]}  # type: ignore[union-attr]
        client.post(address(alice), form_of(alice, **rights))
        client.post(address(helper), form_of(helper, **rights))

        for user in (alice, helper):
            user.refresh_from_db()
            assert not user.is_superuser
        assert not alice.is_staff
        assert not alice.user_permissions.exists()

    def test_change_no_colleague_and_no_password(self, client: Client, alice: User, staff: User) -> None:
        assert client.post(address(staff), form_of(staff, email="x@example.com")).status_code == 403
        for user in (alice, staff):
            assert client.get(f"{LIST}{user.pk}/password/").status_code == 403
            assert client.post(f"{LIST}{user.pk}/password/", NEW_PASSWORD).status_code == 403
        client.post(LIST, {"action": "deactivate", "_selected_action": [staff.pk, alice.pk]})

        staff.refresh_from_db()
        alice.refresh_from_db()
        assert (staff.is_active, alice.is_active) == (True, False)
        assert staff.check_password(PASSWORD)

    def test_see_no_password(self, client: Client, alice: User) -> None:
        assert "pbkdf2" not in client.get(address(alice)).content.decode()
        assert "hash" not in client.get(address(alice)).content.decode()
