"""OpenAI's own element in place of ours, with OpenAI's servers reachable and not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, Route, expect

from tests.fixtures.site import Site

SCRIPT = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js"

# What stands for OpenAI's script: it takes options, and is ready when its domain key is a known one.
ELEMENT = """customElements.define("openai-chatkit", class extends HTMLElement {
  setOptions(options) {
    document.title = JSON.stringify(options);
    if (options.api.domainKey === "domain_pk_known") this.dispatchEvent(new CustomEvent("chatkit.ready"));
  }
});"""


def test_the_page_says_when_the_hosted_element_does_not_come(
    make_site: Callable[..., Site], page: Page
) -> None:
    site = make_site(CHATKIT_DOMAIN_KEY="domain_pk_unknown").start()
    failure = page.get_by_role("alert").filter(has_text="The chat couldn’t be loaded")
    page.route("https://**/*", lambda route: route.abort())
    page.clock.install()

    page.goto(site.url)
    page.get_by_role("button", name="Try it as a guest").click()
    expect(page.locator("openai-chatkit")).to_be_attached()
    page.wait_for_load_state("load")
    run_until_visible(page, failure)

    expect(failure).to_contain_text("cdn.platform.openai.com")
    expect(page.locator("openai-chatkit")).to_be_hidden()

    def serve(route: Route) -> None:
        route.fulfill(content_type="text/javascript", body=ELEMENT)

    page.route(SCRIPT, serve)
    failure.get_by_role("button", name="Try again").click()
    expect(page).to_have_title(re.compile("domainKey"))
    expect(failure).to_have_count(0)
    options = json.loads(page.title())
    assert options["api"].items() >= {"url": f"{site.url}/chatkit", "domainKey": "domain_pk_unknown"}.items()

    run_until_visible(page, failure)


def run_until_visible(page: Page, sought: Locator) -> None:
    """Let the page's time go by: what sets a clock may do so only after a while."""
    for _ in range(40):
        page.clock.run_for(3_000)
        if sought.is_visible():
            return
    expect(sought).to_be_visible()
