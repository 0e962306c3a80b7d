"""The OpenAPI document is true: schemathesis makes requests of it, and what comes back is what it says."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chatsite.api import api
from tests.contract.client import Person, guest, words
from tests.fixtures.site import Site

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def gus(live_site: Site) -> Any:
    """The one who asks, with a conversation."""
    person = guest(live_site.url)
    yield person, person.ask(words("Hello", text="Hi"))
    person.http.close()


# The document that the site serves; a test compares it with the committed one.
schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema())))


@schema.parametrize()
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_answers_as_documented(case: Any, gus: tuple[Person, dict[str, str]]) -> None:
    person, talk = gus
    if case.operation.definition.raw["operationId"] == "eraseUser":
        person = guest(person.url)  # the others still need theirs
    _aim(case, person, talk)

    case.call_and_validate(
        base_url=person.url, headers={"Authorization": f"Bearer {person.access}"}, checks=CHECKS, timeout=20
    )


def _aim(case: Any, person: Person, talk: dict[str, str]) -> None:
    """Ask for what is there in most requests, and never for a stream, which has no end."""
    case.path_parameters["user_id"] = person.user_id
    if case.method != "DELETE" and not case.path.endswith("/events"):
        known = {
            "conversation_id": talk["conversation_id"],
            "turn_id": talk["turn_id"],
            "message_id": talk["message_id"],
        }
        case.path_parameters.update({name: id for name, id in known.items() if name in case.path_parameters})
    if case.path.endswith("/chat") and isinstance(case.body, dict):
        case.headers = {"Prefer": "respond-async"}
        case.body.pop("stream", None)
        if isinstance(case.body.get("message"), str) and case.body["message"].strip():
            case.body["message"] += " [practice: pace=0, text=Hi]"
