"""Whatever table leads to a user is known here: a new one has to be given to its owner, or have a reason."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from chatsite.accounts.models import User
from chatsite.personal_data.holdings import HOLDINGS, NOT_EXPORTED

#: Told in a conversation's own files, or as files of their own.
TOLD_ELSEWHERE = {
    "conversations.Conversation",
    "conversations.Item",
    "conversations.Turn",
    "conversations.ToolCall",
    "conversations.Approval",
    "conversations.Feedback",
    "conversations.Attachment",
    "conversations.Upload",
}


def leading_to_users() -> set[str]:
    """Return the models that have a path of foreign keys to a user."""
    found: set[Any] = {User}
    models = apps.get_models(include_auto_created=True)
    grew = True
    while grew:
        more = {
            model
            for model in models
            if any(field.related_model in found for field in model._meta.fields if field.is_relation)
        }
        grew = not more <= found
        found |= more
    return {model._meta.label for model in found}


def test_every_model_that_leads_to_a_user_is_held_or_left_out_for_a_reason() -> None:
    exported = {holding.label for holding in HOLDINGS if holding.file} | TOLD_ELSEWHERE

    assert leading_to_users() == exported | NOT_EXPORTED.keys()
    assert not exported & NOT_EXPORTED.keys()
    assert all(NOT_EXPORTED.values())


def test_every_holding_finds_its_rows_and_has_a_name_of_its_own() -> None:
    for holding in HOLDINGS:
        str(holding.rows_of(User()).query)  # the path to the user exists
        assert set(holding.without) <= {field.attname for field in holding.model._meta.fields}

    names = [holding.name for holding in HOLDINGS]
    assert len(names) == len(set(names))
