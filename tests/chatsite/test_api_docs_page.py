"""Swagger UI and the account pages in a real browser, with nothing but the site to load from."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page, Route, expect

from tests.fixtures.site import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def complaints(page: Page, live_site: Site) -> Iterator[list[str]]:
    """What the browser complains of, and what it asks of others; a test that leaves any here fails."""
    heard: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            heard.append(said.text)

    def keep_to_the_site(route: Route) -> None:
        if route.request.url.startswith(live_site.url):
            route.continue_()
        else:
            heard.append(f"asked for {route.request.url}")
            route.abort()

    page.on("console", hear)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.route(re.compile("^https?:"), keep_to_the_site)
    yield heard
    assert heard == []


@pytest.mark.usefixtures("complaints")
def test_the_api_can_be_read_and_tried_without_any_other_site(page: Page, live_site: Site) -> None:
    page.goto(f"{live_site.url}/docs")
    guest = page.locator("#operations-Accounts-becomeGuest")
    guest.locator(".opblock-summary-control").click()
    guest.get_by_role("button", name="Try it out").click()
    guest.get_by_role("button", name="Execute").click()

    expect(guest.locator(".live-responses-table tbody .response-col_status")).to_contain_text("201")


@pytest.mark.usefixtures("complaints")
def test_a_visitor_registers_signs_out_and_signs_in(page: Page, live_site: Site) -> None:
    page.goto(f"{live_site.url}/register/")
    page.get_by_label("User name").fill("two words")
    page.get_by_label("Password", exact=True).fill("12345")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_label("User name")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Password", exact=True)).to_have_accessible_description(
        re.compile("too short.*entirely numeric")
    )

    page.get_by_label("User name").fill("nora.browser")
    page.get_by_label("Password", exact=True).fill("twelve green parrots")
    page.get_by_role("button", name="Show password").click()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url(f"{live_site.url}/")

    page.goto("about:blank")
    page.context.clear_cookies()
    page.goto(f"{live_site.url}/sign-in/?next=/docs")
    page.get_by_label("User name").fill("Nora.Browser")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Password", exact=True)).to_have_accessible_description(
        "User name and password don’t match."
    )
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    page.keyboard.type("twelve green parrots")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_site.url}/docs")
