"""The site's name stands in one place."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.find_browser import ROOT


@pytest.mark.parametrize("address", ["/", "/sign-in/", "/register/", "/nowhere-at-all"])
def test_every_page_has_the_name_of_the_settings(
    client: Client, db: None, settings: Any, address: str
) -> None:
    settings.SITE_NAME = "Siskin & Sons"

    page = client.get(address, headers={"Accept": "text/html"}).content.decode()

    assert "Siskin &amp; Sons" in page
    assert "Linnet Air" not in page


def test_the_chat_page_tells_it_to_its_script(client: Client, alice: Any, settings: Any) -> None:
    settings.SITE_NAME = "Siskin & Sons"
    client.force_login(alice)

    page = client.get(reverse("home")).content.decode()

    assert '"site": "Siskin \\u0026 Sons Support"' in page
    assert "Linnet Air" not in page


def test_nothing_else_of_the_page_has_it() -> None:
    files = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("static/js/*.js"), *ROOT.glob("chatsite/**/*.py")]

    named = [file.name for file in files if "Linnet Air" in file.read_text()]

    assert sorted(named) == ["linnet.js", "settings.py"]
