"""Health, documentation and accounts, as a program meets them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.contract.client import PASSWORD, Person, words
from tests.contract.problems import check_problem
from tests.fixtures.site import Site


class TestHealth:
    def test_the_process_says_that_it_lives(self, live_site: Site) -> None:
        assert httpx.get(f"{live_site.url}/healthz").status_code == 200

    def test_each_part_has_its_state(self, live_site: Site) -> None:
        answer = httpx.get(f"{live_site.url}/readyz")

        assert answer.status_code == 200
        ready = answer.json()
        assert ready["status"] == "ok"
        assert {ready[part]["state"] for part in ("database", "worker")} == {"ok"}
        assert ready["provider"]["state"] == "practice"
        assert "OPENAI_API_KEY" in ready["provider"]["detail"]

    def test_without_a_worker_it_is_not_ready(self, make_site: Callable[..., Site]) -> None:
        site = make_site("--no-worker")
        site.spawn()
        site.wait_for_line("Serving on")

        answer = httpx.get(f"{site.url}/readyz", timeout=20)

        assert answer.status_code == 503
        assert answer.json()["worker"]["state"] == "missing"
        assert answer.json()["database"]["state"] == "ok"
        assert "/readyz" not in site.log, "whoever asks each second would fill the log"


class TestDocumentation:
    @pytest.fixture
    def document(self, live_site: Site) -> Any:
        return httpx.get(f"{live_site.url}/api/openapi.json", timeout=20).json()

    def test_is_openapi_with_the_schemes(self, document: Any) -> None:
        assert document["openapi"].startswith("3.1")
        assert {scheme["type"] for scheme in document["components"]["securitySchemes"].values()} == {
            "http",
            "apiKey",
        }

    def test_names_an_example_the_errors_and_the_security_of_every_operation(self, document: Any) -> None:
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                where = f"{method} {path}"
                assert operation["summary"], where
                assert operation["operationId"], where
                assert "security" in operation, where
                assert "500" in operation["responses"], where
                for status, response in operation["responses"].items():
                    for content in response.get("content", {}).values():
                        assert "example" in content or "examples" in content, f"{where} {status}"
                    if int(status) >= 400:
                        assert "application/problem+json" in response["content"], f"{where} {status}"
                for content in operation.get("requestBody", {}).get("content", {}).values():
                    assert "example" in content or "examples" in content, where

    def test_has_every_call_of_the_contract(self, document: Any) -> None:
        below = "/api/{user_id}/conversations/{conversation_id}"
        assert {
            "/api/auth/register",
            "/api/auth/token",
            "/api/auth/guest",
            "/api/auth/refresh",
            "/api/auth/logout",
            "/api/auth/me",
            "/api/{user_id}/chat",
            "/api/{user_id}/conversations",
            below,
            f"{below}/messages",
            f"{below}/events",
            f"{below}/turns/{{turn_id}}",
            f"{below}/turns/{{turn_id}}/cancel",
            f"{below}/turns/{{turn_id}}/retry",
            f"{below}/turns/{{turn_id}}/approvals/{{approval_id}}",
            f"{below}/messages/{{message_id}}/feedback",
        } <= set(document["paths"])

    def test_is_shown_from_the_sites_own_files(self, live_site: Site) -> None:
        page = httpx.get(f"{live_site.url}/docs")

        assert page.status_code == 200
        assert "//cdn" not in page.text
        assert 'src="http' not in page.text
        assert 'href="http' not in page.text


class TestAccounts:
    @pytest.fixture
    def name(self) -> str:
        return f"nia-{uuid.uuid4().hex[:12]}"

    def test_registering_signs_in(self, live_site: Site, name: str) -> None:
        answer = httpx.post(
            f"{live_site.url}/api/auth/register",
            json={"username": name, "password": PASSWORD, "email": "nia@example.com"},
            timeout=20,
        )

        assert answer.status_code == 201
        assert set(answer.json()) == {"user_id", "username", "access", "refresh"}
        assert answer.json()["username"] == name
        assert answer.json()["user_id"].startswith("user_")
        again = httpx.post(
            f"{live_site.url}/api/auth/token", json={"username": name, "password": PASSWORD}, timeout=20
        )
        assert again.status_code == 200
        assert set(again.json()) == {"user_id", "username", "access", "refresh"}
        assert again.json()["user_id"] == answer.json()["user_id"]

    def test_me_is_who_asks(self, live_site: Site, maya: Person) -> None:
        answer = maya.http.get(f"{live_site.url}/api/auth/me")

        assert answer.json() == {
            "user_id": maya.user_id,
            "username": maya.username,
            "is_staff": False,
            "is_guest": True,
        }

    def test_a_guest_who_registers_keeps_his_conversations(
        self, live_site: Site, maya: Person, name: str
    ) -> None:
        conversation = maya.ask(words("Hello", text="Hi"))["conversation_id"]
        registered = maya.http.post(
            f"{live_site.url}/api/auth/register", json={"username": name, "password": PASSWORD}
        )

        assert registered.status_code == 201
        assert registered.json()["user_id"] == maya.user_id
        with_token = {"Authorization": f"Bearer {registered.json()['access']}"}
        found = maya.http.get("/conversations", headers=with_token).json()["data"]
        assert [each["id"] for each in found] == [conversation]
        me = maya.http.get(f"{live_site.url}/api/auth/me", headers=with_token).json()
        assert (me["username"], me["is_guest"]) == (name, False)
        check_problem(maya.http.get("/conversations"), 401, "not_authenticated")

    def test_fresh_tokens_are_as_good_as_the_first(self, live_site: Site, maya: Person) -> None:
        fresh = httpx.post(f"{live_site.url}/api/auth/refresh", json={"refresh": maya.refresh}).json()

        answer = maya.http.get("/conversations", headers={"Authorization": f"Bearer {fresh['access']}"})

        assert answer.status_code == 200
        assert fresh["refresh"] != maya.refresh
