"""The customer's trip beside the chat follows every change, in other tabs too, and is a drawer where room is short."""

from __future__ import annotations

from collections.abc import Callable

import httpx
from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.contract.client import PASSWORD, Person, register


def test_the_trip_follows_every_change(open_chat: Callable[..., Chat]) -> None:
    chat, other = open_chat(), open_chat()
    panels = [each.page.get_by_role("complementary", name="Your trip") for each in (chat, other)]
    for panel in panels:
        expect(panel).to_contain_text("14A, 11C")

    chat.ask("Change my seat to 14C on LN 418")

    for panel in panels:
        expect(panel).to_contain_text("14C, 11C")
        expect(panel).to_contain_text("Seat 14A changed to 14C on LN 418")
    expect(chat.page.locator("#trip-news")).to_have_text("Seat 14A changed to 14C on LN 418")

    # A flight that is chosen on its card is on the trip; the card stays locked.
    chat.ask("Find flights to Porto, one way")
    options = chat.log.get_by_role("button", name="Economy")
    expect(options).to_have_count(3)
    chat.wait_for_end()
    options.first.click()
    expect(chat.log).to_contain_text("Your trip is complete.")
    for panel in panels:
        expect(panel).to_contain_text("OPO")
    chat.page.reload()
    expect(chat.log).to_contain_text("Booked: Berlin to Porto")
    expect(options).to_have_count(0)

    # Where there is no room beside the chat, a drawer has it.
    page = chat.page
    page.set_viewport_size({"width": 390, "height": 844})
    expect(panels[0]).to_be_hidden()
    button = page.get_by_role("button", name="Your trip")
    button.click()
    drawer = page.get_by_role("dialog", name="Your trip")
    expect(drawer).to_contain_text("LN 418, 14C")
    page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(button).to_be_focused()
    chat.ask("Please add a checked bag")
    expect(page.get_by_role("button", name="Your trip, changed")).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(panels[0]).to_contain_text("2 × 23 kg")


def test_the_trip_follows_a_change_that_no_conversation_made(page: Page, base_url: str) -> None:
    maya = register(base_url)
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(maya.username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    panel = page.get_by_role("complementary", name="Your trip")
    expect(panel).to_contain_text("14A, 11C")

    call_tool(maya, "change_seat", flight_number="LN 418", seat="14C")

    expect(panel).to_contain_text("14C, 11C")  # on a page that shows no thread: nobody has written yet
    chat = Chat(page)
    chat.ask("Hello")
    chat.wait_for_end()
    call_tool(maya, "add_checked_bag")
    expect(panel).to_contain_text("2 × 23 kg")
    # What a program does is told in English, and shown in the page's language.
    page.context.add_cookies([{"name": "django_language", "value": "de", "url": base_url}])
    page.reload()
    trip = page.locator("#trip")
    expect(trip).to_contain_text("Platz 14A auf LN 418 in 14C geändert")
    call_tool(maya, "change_seat", flight_number="LN 418", seat="14A")
    expect(trip).to_contain_text("Platz 14C auf LN 418 in 14A geändert")


def call_tool(person: Person, name: str, **arguments: str) -> None:
    """Call a tool as another program of the person's does."""
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": name, "arguments": arguments},
    }
    headers = {"Authorization": f"Bearer {person.access}", "Accept": "application/json, text/event-stream"}
    answer = httpx.post(f"{person.url}/mcp", json=body, headers=headers, timeout=30)
    assert not answer.json()["result"]["isError"], answer.text
