"""A card in the chat asks for a yes, also after a reload; what is decided is done once and the buttons go."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.chat import Chat


def test_the_customer_decides_on_a_card(chat: Chat) -> None:
    page, yes = chat.page, chat.log.get_by_role("button", name="Cancel and refund")
    chat.ask("Please cancel my trip")
    expect(yes).to_be_visible()
    expect(chat.composer).to_be_enabled()
    # The airline's slip, put on the element's card from outside.
    expect(chat.log.locator("[part=card-line]")).to_have_css("border-top-style", "dashed")

    page.reload()
    expect(yes).to_be_visible()
    chat.log.get_by_role("button", name="Keep trip").click()
    expect(chat.answers.last).to_contain_text("Not done")
    expect(yes).to_have_count(0)

    chat.ask("Please do cancel my trip")
    yes.click()
    expect(chat.answers.last).to_contain_text("cancelled")
    expect(yes).to_have_count(0)
    page.reload()
    expect(chat.log.get_by_text("Approved")).to_be_visible()
    expect(yes).to_have_count(0)


def test_an_answer_names_its_source_which_opens(chat: Chat) -> None:
    chat.ask("What is the policy on pets?")
    expect(chat.answers.last).to_contain_text("60 € a direction")
    source = chat.log.get_by_role("link", name="Travelling with pets").first
    expect(source).to_be_visible()

    chat.page.goto(str(source.get_attribute("href")))

    expect(chat.page.get_by_role("heading", name="Travelling with pets")).to_be_visible()


def test_a_hand_over_is_seen(chat: Chat) -> None:
    chat.ask("Please connect me with baggage")

    expect(chat.answers.last).to_contain_text("Baggage here")
    expect(chat.log.get_by_text("Handed over to Baggage")).to_be_attached()
