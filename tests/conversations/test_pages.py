"""The chat page, before any script runs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from chatsite.accounts.models import User

pytestmark = pytest.mark.django_db


def config_in(page: str) -> dict[str, Any]:
    match = re.search(r'<script id="chat-config" type="application/json">(.*?)</script>', page)
    assert match
    config: dict[str, Any] = json.loads(match[1])
    return config


def test_a_stranger_sees_the_ways_in(client: Client, settings: LazySettings) -> None:
    page = client.get("/c/conv_1").content.decode()
    assert "Try it as a guest" in page
    assert 'name="next" value="/c/conv_1"' in page

    settings.CHAT_GUESTS = False
    assert "Try it as a guest" not in client.get("/").content.decode()


def test_https_is_asked_for_where_it_is_the_address(client: Client, settings: LazySettings) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers

    settings.SECURE_HSTS_SECONDS = 31_536_000
    assert Client().get("/").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_whoever_is_signed_in_gets_the_chat_with_what_it_needs(client: Client, alice: User) -> None:
    client.force_login(alice)

    page = client.get("/c/conv_1").content.decode()

    assert config_in(page).items() >= {"userId": alice.pk, "name": "alice", "domainKey": ""}.items()
    assert config_in(page)["csrfToken"]
    assert "<openai-chatkit" in page


def test_nothing_of_the_page_is_cached_or_written_in_line(client: Client, alice: User) -> None:
    client.force_login(alice)

    answer = client.get("/")
    page = answer.content.decode()

    assert "no-store" in answer["Cache-Control"]
    scripts = re.findall(r"<script(?![^>]*(?: src=|application/json))[^>]*>", page)
    assert [script for script in scripts if "importmap" not in script] == []
    assert "style=" not in page
    assert re.search(r" on\w+=", page) is None


def test_practice_is_named_only_where_it_answers(client: Client, alice: User, settings: LazySettings) -> None:
    client.force_login(alice)
    assert "You’re talking to the practice model" in client.get("/").content.decode()

    settings.CHAT_PROVIDER = "openai"

    assert "ractice" not in client.get("/").content.decode()


def test_the_admin_is_linked_for_staff_only(client: Client, alice: User, staff: User) -> None:
    client.force_login(alice)
    assert "Administration" not in client.get("/").content.decode()

    client.force_login(staff)
    assert "Administration" in client.get("/").content.decode()


def test_a_theme_comes_from_the_cookie_and_only_if_it_is_one(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/").content.decode()

    client.cookies["theme"] = '"><script>'
    assert "data-theme" not in client.get("/").content.decode()


def test_with_a_domain_key_the_page_loads_the_hosted_element(
    client: Client, alice: User, settings: LazySettings
) -> None:
    settings.CHATKIT_DOMAIN_KEY = "domain_pk_1"
    client.force_login(alice)

    answer = client.get("/")

    page = answer.content.decode()
    assert "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js" in page
    assert config_in(page)["domainKey"] == "domain_pk_1"
    assert "frame-src https://cdn.platform.openai.com" in answer["Content-Security-Policy"]
    assert "js/hosted" in page


def test_the_page_is_only_read(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.post("/").status_code == 405
