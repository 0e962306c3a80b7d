"""GET /readyz where the provider refuses, also in a process that asks none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.contract.client import Person, unique
from tests.contract.problems import check_problem
from tests.fixtures.loud_provider import KEY, LoudProvider
from tests.fixtures.site import Site


@pytest.fixture
def site(make_site: Callable[..., Site], loud_provider: LoudProvider) -> Site:
    return make_site(**loud_provider.settings()).start()


@pytest.fixture
def second(site: Site, make_site: Callable[..., Site]) -> Site:
    """A process that only serves, beside the one that also works."""
    return make_site("--no-worker", data_dir=site.data_dir, **site.environment).start()


@pytest.mark.parametrize("status", [401, 404])
def test_a_refused_key_is_said_everywhere_until_it_is_taken_again(
    site: Site, second: Site, loud_provider: LoudProvider, new_person: Callable[..., Person], status: int
) -> None:
    nia = new_person(second.url)
    assert provider_state(second) == (200, "ok")
    loud_provider.refuses = status

    check_problem(nia.send(unique("Hello")), 502, "assistant_failed")

    for process in (site, second):
        answer = httpx.get(f"{process.url}/readyz")
        assert answer.status_code == 503
        assert answer.json()["status"] == "unavailable"
        told = answer.json()["provider"]
        assert (told["state"], told["name"], told["model"]) == ("refused", "openai", "loud-1")
        assert "OPENAI_API_KEY" in told["detail"]
        assert KEY not in answer.text
        assert answer.json()["worker"]["state"] == "ok"

    loud_provider.refuses = 0
    nia.ask(unique("Hello again"))

    assert provider_state(site) == provider_state(second) == (200, "ok")


def test_a_restart_forgets_what_it_perhaps_mended(
    site: Site, loud_provider: LoudProvider, new_person: Callable[..., Person]
) -> None:
    loud_provider.refuses = 401
    check_problem(new_person(site.url).send(unique("Hello")), 502, "assistant_failed")
    assert provider_state(site) == (503, "refused")
    site.stop()
    loud_provider.refuses = 0

    site.start()

    assert provider_state(site) == (200, "ok")


def test_a_refused_key_is_said_at_the_start(
    make_site: Callable[..., Site], loud_provider: LoudProvider
) -> None:
    loud_provider.refuses = 401
    site = make_site(**loud_provider.settings())

    site.spawn()

    site.wait_for_line("refuses the key in OPENAI_API_KEY")
    site.wait_for_line("Serving on")
    assert provider_state(site) == (503, "refused")
    with httpx.Client(base_url=site.url, follow_redirects=True, timeout=20) as browser:
        browser.get("/")
        page = browser.post("/guest/", data={"csrfmiddlewaretoken": browser.cookies["csrftoken"]}).text
    assert "The server at OPENAI_BASE_URL refuses the key in OPENAI_API_KEY" in page
    assert KEY not in page + site.log + httpx.get(f"{site.url}/readyz").text


def test_a_second_provider_leaves_it_ready(
    make_site: Callable[..., Site], loud_provider: LoudProvider
) -> None:
    loud_provider.refuses = 401
    site = make_site(**loud_provider.settings(), GEMINI_API_KEY="key", GEMINI_BASE_URL=loud_provider.url)

    site.start()

    site.wait_for_line("refuses the key in OPENAI_API_KEY")
    assert provider_state(site) == (200, "refused")


def test_other_faults_leave_it_ready(
    site: Site, loud_provider: LoudProvider, new_person: Callable[..., Person]
) -> None:
    loud_provider.refuses = 400
    check_problem(new_person(site.url).send(unique("Hello")), 502, "assistant_failed")

    assert provider_state(site) == (200, "ok")


def provider_state(site: Site) -> tuple[int, Any]:
    answer = httpx.get(f"{site.url}/readyz")
    return answer.status_code, answer.json()["provider"]["state"]
