"""A person of the staff: asked for, coming, and answering while one is elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.chat import Chat

SEND = """async (body) => {
  const { userId, csrfToken } = JSON.parse(document.getElementById("chat-config").textContent);
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken };
  const sent = await fetch(`/api/${userId}/chat`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!sent.ok) throw new Error(await sent.text());
}"""


def take_over(desk: Page, chat: Chat) -> None:
    """As the staff does it: in the site's own process, which tells the page at once."""
    desk.goto(f"/admin/conversations/conversation/{chat.page.url.rsplit('/', 1)[1]}/change/")
    expect(desk.get_by_text("Asked for a person")).to_be_visible()
    desk.get_by_role("button", name="Take over").click()
    expect(desk.get_by_text("You took over this conversation.")).to_be_visible()


def test_a_person_is_asked_for_before_anything_was_said(chat: Chat, desk: Page) -> None:
    ask = chat.page.get_by_role("button", name="Ask for a person")

    ask.click()

    expect(chat.log).to_contain_text("I’d like to talk to a person, please.")
    expect(chat.log.locator(".event")).to_contain_text("You asked for a person")
    expect(chat.page.get_by_text("Until somebody joins, the assistant answers.")).to_be_visible()
    expect(ask).to_be_hidden()
    take_over(desk, chat)
    expect(chat.page.get_by_text("You’re writing with Customer service.")).to_be_visible()
    expect(ask).to_be_hidden()


def test_a_failed_reply_leads_to_a_person_and_names_a_reference(chat: Chat, desk: Page) -> None:
    chat.ask("Hello [practice: fault=401]")
    failure = chat.log.get_by_role("alert")
    expect(failure).to_contain_text(re.compile("Ref. [0-9a-f]{8}"))

    failure.get_by_role("button", name="Ask for a person").click()

    expect(chat.log.locator(".event")).to_contain_text("You asked for a person")
    expect(failure.get_by_role("button", name="Ask for a person")).to_have_count(0)
    take_over(desk, chat)
    expect(failure).to_have_count(0)


def test_what_is_said_elsewhere_is_unread_until_it_is_seen(
    chat: Chat, open_chat: Callable[..., Chat]
) -> None:
    chat.ask("Hello [practice: words=3]")
    chat.wait_for_end()
    id = chat.page.url.rsplit("/", 1)[1]
    chat.page.get_by_role("button", name="New conversation").click()
    unread = chat.page.get_by_role("button", name="New messages")

    # Some program of the same person.
    chat.page.evaluate(SEND, {"message": "Hi [practice: text=Here I am]", "conversation_id": id})
    expect(unread).to_be_visible()
    other = open_chat(f"/c/{id}")  # seen in another tab
    expect(other.answers).to_have_count(2)
    expect(unread).to_have_count(0)


def test_a_slash_goes_to_the_search_where_nobody_writes(chat: Chat) -> None:
    chat.ask("Hello [practice: words=3]")
    chat.wait_for_end()
    search = chat.page.get_by_role("searchbox")
    chat.composer.press("/")
    expect(chat.composer).to_have_value("/")

    chat.log.click()
    chat.page.keyboard.press("/")

    expect(search).to_be_focused()
    expect(search).to_have_value("")
