"""What is done in a widget, from the page to somebody else's ChatKit server and back, over real HTTP."""

from __future__ import annotations

import json

from playwright.sync_api import Page, expect

from tests.elsewhere.site import Elsewhere


def test_a_form_is_checked_waits_and_is_answered(page: Page, elsewhere: Elsewhere) -> None:
    server = elsewhere.chatkit
    open_form(page, elsewhere)
    widget = page.locator(".widget")

    page.get_by_role("button", name="Book").click()
    expect(page.locator("input:user-invalid")).not_to_have_count(0)
    assert server.seen == []

    page.get_by_label("Name").fill("Maya")
    page.get_by_label("I agree").check()
    page.get_by_role("button", name="Book").dblclick()
    expect(widget).to_have_attribute("aria-busy", "true")
    server.let_go.set()

    expect(widget).to_have_attribute("aria-busy", "false")
    expect(widget).to_contain_text("Got held.book.")
    expect(page.get_by_role("log").get_by_text("Done: held.book.")).to_be_visible()
    expect(widget).to_be_focused()  # the button is gone, the place is not
    (action,) = server.seen
    assert action["kind"] == "custom_action"
    assert action["sender"]
    trip = {"code": "K7QX2M", "name": "Maya", "fare": "", "day": "2026-11-27"}
    assert action["payload"] == {"trip": trip, "agree": True}


def test_an_action_aside_only_swaps_the_widget(page: Page, elsewhere: Elsewhere) -> None:
    open_form(page, elsewhere)

    page.get_by_label("Fare").select_option("plus")

    expect(page.locator(".widget")).to_contain_text("Fare: plus")
    (action,) = elsewhere.chatkit.seen
    assert action["kind"] == "sync_custom_action"
    assert action["payload"]["trip"]["fare"] == "plus"


def test_an_action_waits_for_the_reply_before_it(page: Page, elsewhere: Elsewhere) -> None:
    open_form(page, elsewhere)
    act = "type => { document.querySelector('openai-chatkit').sendCustomAction({type}) }"
    page.evaluate(act, "held.first")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()

    page.get_by_role("button", name="Break").click()
    page.get_by_label("Fare").select_option("light")
    expect(page.locator(".widget")).to_contain_text("Fare: light")

    assert [action["type"] for action in elsewhere.chatkit.seen] == ["held.first", "fare.choose"]
    elsewhere.chatkit.let_go.set()
    expect(page.locator(".widget")).to_contain_text("Got broken.")
    assert [action["type"] for action in elsewhere.chatkit.seen] == ["held.first", "fare.choose", "broken"]


def test_an_action_for_the_page_stays_in_the_page(page: Page, elsewhere: Elsewhere) -> None:
    open_form(page, elsewhere)

    page.get_by_role("button", name="Map").click()

    page.wait_for_function("heard.length === 1")
    (heard,) = json.loads(page.evaluate("JSON.stringify(heard)"))
    assert heard["action"]["type"] == "open.map"
    assert heard["action"]["payload"]["gate"] == "B14"
    assert heard["item"]["type"] == "Card"
    assert elsewhere.chatkit.seen == []


def test_a_row_is_chosen_by_its_words_or_as_a_button(page: Page, elsewhere: Elsewhere) -> None:
    page.goto(elsewhere.url)
    ask(page, "rows")

    page.get_by_text("Mochi", exact=True).click()
    page.get_by_role("button", name="Mochi", exact=True).press("Enter")
    page.get_by_role("button", name="Pixel", exact=True).click()

    page.wait_for_function("heard.length === 3")
    types = page.evaluate("heard.map(({action}) => action.type)")
    assert types == ["choose.Mochi", "choose.Mochi", "choose.Pixel"]
    expect(page.get_by_role("button", name="Details", exact=True)).to_be_visible()


DAYS = {
    "ArrowDown": "Friday, 4 December 2026",
    "ArrowRight": "Saturday, 5 December 2026",
    "PageDown": "Tuesday, 5 January 2027",
}


def test_a_date_is_chosen_by_keyboard(page: Page, elsewhere: Elsewhere) -> None:
    open_form(page, elsewhere)
    day = page.get_by_role("button", name="27 Nov 2026")

    day.press("Enter")
    expect(page.get_by_role("button", name="Friday, 27 November 2026")).to_be_focused()
    for key, date in DAYS.items():
        page.keyboard.press(key)
        expect(page.get_by_role("button", name=date)).to_be_focused()
    page.keyboard.press("Enter")

    chosen = page.get_by_role("button", name="5 Jan 2027")
    expect(chosen).to_be_focused()
    chosen.press("Enter")
    page.keyboard.press("Escape")
    expect(chosen).to_be_focused()


def test_text_streams_into_a_widget(page: Page, elsewhere: Elsewhere) -> None:
    page.goto(elsewhere.url)
    ask(page, "stream")

    expect(page.locator(".widget")).to_contain_text("One, two, three.")
    expect(page.locator(".widget")).to_contain_text("Complete")
    expect(page.locator(".widget .caret")).to_have_count(0)


def test_the_page_sends_an_action_of_its_own(page: Page, elsewhere: Elsewhere) -> None:
    open_form(page, elsewhere)
    send = "() => document.querySelector('openai-chatkit').sendCustomAction({type: 'own', payload: {n: 1}})"

    page.evaluate(send)

    expect(page.get_by_role("log").get_by_text("Done: own.")).to_be_visible()
    assert elsewhere.chatkit.seen == [
        {"kind": "custom_action", "type": "own", "payload": {"n": 1}, "sender": None}
    ]


def test_an_action_that_fails_says_so_and_can_be_repeated(
    page: Page, elsewhere: Elsewhere, complaints: list[str]
) -> None:
    open_form(page, elsewhere)
    elsewhere.refuses = True

    page.get_by_role("button", name="Break").click()

    expect(page.locator(".widget").get_by_role("alert")).to_contain_text("Try again")
    expect(page.get_by_role("button", name="Break")).to_be_enabled()
    elsewhere.refuses = False
    page.get_by_role("button", name="Break").click()
    expect(page.locator(".widget")).to_contain_text("Got broken.")
    complaints.clear()  # the browser's own line about the answer 500


def open_form(page: Page, elsewhere: Elsewhere) -> None:
    page.goto(elsewhere.url)
    ask(page, "Book a flight")
    expect(page.get_by_role("button", name="Book", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)  # till then the page may send nothing


def ask(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_role("button", name="Send").click()
