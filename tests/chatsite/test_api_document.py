"""The OpenAPI document: complete, true to its own schemas, and the one that is committed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

COMMITTED = Path(__file__).parents[2] / "docs/openapi.json"
EXPORT = "python manage.py export_openapi_schema --api chatsite.api.api --indent 2 --output docs/openapi.json"


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    answer: dict[str, Any] = client.get("/api/openapi.json").json()
    return answer


def test_openapi_document_is_the_committed_one(document: dict[str, Any]) -> None:
    assert json.loads(COMMITTED.read_text()) == document, f"run: {EXPORT}"


def test_is_openapi_31_with_both_ways_to_say_who_asks(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert document["components"]["securitySchemes"].keys() == {"BearerAuth", "SessionAuth"}


def test_every_operation_says_what_it_is(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["tags"], name
        assert operation["operationId"].isalnum(), name
        assert operation["security"] or "/auth/" in name, name

    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))


def test_every_path_names_its_parameters(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        declared = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        assert declared == {part.strip("{}") for part in name.split("/") if part.startswith("{")}, name


def test_every_operation_lists_its_errors_as_problems(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        expected = {"500", "503"}
        expected |= {"401"} if operation["security"] else set()
        expected |= {"403"} if "{user_id}" in name else set()
        expected |= {"400", "413", "415", "422"} if "requestBody" in operation else set()
        assert expected <= operation["responses"].keys(), name
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                [(media_type, content)] = response["content"].items()
                assert media_type == "application/problem+json", name
                assert {each["value"]["status"] for each in content["examples"].values()} == {int(status)}


def test_every_body_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for part in (operation.get("requestBody", {}), *operation["responses"].values()):
            for content in part.get("content", {}).values():
                examples = [each["value"] for each in content.get("examples", {}).values()]
                for example in examples or [content["example"]]:
                    schema = {**content["schema"], "components": document["components"]}
                    problems = list(Draft202012Validator(schema).iter_errors(example))
                    assert not problems, f"{name}: {problems[0].message}"


def test_every_parameter_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for parameter in operation["parameters"]:
            schema = {**parameter["schema"], "components": document["components"]}
            assert Draft202012Validator(schema).is_valid(parameter["example"]), f"{name}: {parameter}"


def test_an_operation_may_answer_in_several_ways(document: dict[str, Any]) -> None:
    answers = document["paths"]["/api/{user_id}/chat"]["post"]["responses"]

    assert answers["200"]["content"].keys() == {"application/json", "text/event-stream"}
    assert answers["200"]["description"] == "OK"


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation
