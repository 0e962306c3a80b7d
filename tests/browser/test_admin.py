"""The staff at work in a real browser: under the site's own content policy, in the dark, on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.browser.test_reach import violations


def test_a_person_takes_over_answers_and_hands_back(chat: Chat, desk: Page) -> None:
    chat.ask("Is somebody there, a person I mean?")
    chat.wait_for_end()

    desk.reload()
    desk.get_by_role("link", name="Is somebody there").first.click()
    expect(desk.get_by_role("region", name="Transcript")).to_contain_text("Is somebody there")
    desk.get_by_role("button", name="Take over").click()
    expect(desk.get_by_text("You took over this conversation.")).to_be_visible()
    expect(chat.log).to_contain_text("Customer service joined")
    chat.page.reload()
    expect(chat.log).to_contain_text("Customer service joined")
    expect(chat.page.get_by_text("The assistant takes over again afterwards.")).to_be_visible()
    assert violations(chat.page) == []
    desk.get_by_label("Reply to the customer").fill("Hello, this is Sam.")
    desk.get_by_role("button", name="Send reply").click()

    expect(desk.get_by_role("region", name="Transcript")).to_contain_text("Hello, this is Sam.")
    expect(chat.log).to_contain_text("Hello, this is Sam.")
    desk.get_by_role("button", name="Hand back").click()
    expect(desk.get_by_text("The assistant is handling this")).to_be_visible()
    expect(chat.log).to_contain_text("left. The assistant answers again.")
    expect(chat.page.get_by_text("The assistant takes over again afterwards.")).to_have_count(0)
    chat.ask("Thank you")
    chat.wait_for_end()


def test_closing_asks_first_and_stops_the_customer(chat: Chat, desk: Page) -> None:
    chat.ask("Please close this when we are done")
    chat.wait_for_end()
    desk.reload()
    desk.get_by_role("link", name="Please close this").first.click()

    person = chat.page.get_by_role("button", name="Ask for a person")
    expect(person).to_be_visible()

    desk.get_by_role("link", name="Close").click()
    desk.get_by_label("Reason").fill("All is said")
    desk.get_by_role("button", name="Close").click()

    expect(desk.get_by_text("You closed this conversation.")).to_be_visible()
    for _ in range(2):  # at once, and when it is opened again
        expect(chat.page.get_by_text("All is said")).to_be_visible()
        expect(chat.composer).to_have_count(0)
        for gone in (person, chat.page.get_by_role("button", name="Answer again")):
            expect(gone).to_be_hidden()
        chat.page.reload()
    desk.get_by_role("link", name="Reopen").click()
    desk.get_by_role("button", name="Reopen").click()
    expect(chat.composer).to_be_visible()
    expect(person).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_used_by_everybody(chat: Chat, desk: Page, scheme: str) -> None:
    pages = pages_after_a_talk(chat, desk, scheme)

    found = {page: [each for each in _violations_on(desk, page) if each not in NOT_OURS] for page in pages}

    assert {page: problems for page, problems in found.items() if problems} == {}


def test_every_page_keeps_to_the_policy_and_to_a_phone(chat: Chat, desk: Page) -> None:
    pages = [*pages_after_a_talk(chat, desk, "light"), *FORMS]
    desk.set_viewport_size(PHONE)  # type: ignore[arg-type]

    too_wide = [page for page in pages if _scrolls_sideways(desk, page)]

    assert too_wide == []  # and the desk has no complaints


PHONE = {"width": 360, "height": 740}
LISTS = (
    "/admin/",
    "/admin/conversations/conversation/",
    "/admin/conversations/turn/",
    "/admin/conversations/toolcall/",
    "/admin/conversations/accesslog/",
    "/admin/accounts/user/",
    "/admin/agents_app/profile/",
)
# On a form with a password axe itself writes inline styles, which the policy refuses.
FORMS = ("/admin/accounts/user/add/", "/admin/auth/group/add/", "/admin/password_change/")
# Django labels its search field by a picture with an alternative text.
NOT_OURS = ("label-title-only: [['#searchbar']]",)


def pages_after_a_talk(chat: Chat, desk: Page, scheme: str) -> list[str]:
    """Return the addresses of the staff's pages once a customer has said something."""
    chat.ask("Show me my trip.")
    chat.wait_for_end()
    desk.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    desk.reload()
    desk.get_by_role("link", name="Show me my trip").first.click()
    expect(desk.get_by_role("region", name="Transcript")).to_be_visible()
    pages = [
        desk.url,
        *(desk.url.replace("/change/", page) for page in ("/do/close/", "/delete/", "/history/")),
    ]
    return [*pages, *LISTS]


def _violations_on(desk: Page, page: str) -> list[str]:
    desk.goto(page)
    return violations(desk)


def _scrolls_sideways(desk: Page, page: str) -> bool:
    desk.goto(page)
    return bool(desk.evaluate("document.documentElement.scrollWidth > innerWidth"))
