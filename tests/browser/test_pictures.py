"""Pictures and speech on the real site, from the composer to the assistant and back after a reload."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.test_composer import SILENCE, SPOKEN, file

# The smallest PNG there is.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63506898"
    "f01f0004240230921e75d50000000049454e44ae426082"
)


def test_a_picture_and_speech_reach_the_assistant(chat: Chat) -> None:
    page = chat.page
    page.evaluate(SILENCE)
    page.locator("input[type=file]").set_input_files([file("seat.png", PNG, "image/png")])
    expect(page.get_by_role("list", name="Attachments").get_by_text("seat.png")).to_be_visible()
    expect(page.locator(".file__picture")).to_have_attribute("src", re.compile("^data:image/webp"))
    expect(page.get_by_role("progressbar", name="Uploading")).to_have_count(0)
    page.get_by_role("button", name="Dictate").click()
    expect(page.get_by_text(SPOKEN)).to_be_visible()
    page.get_by_role("button", name="Finish the recording").click()
    expect(chat.composer).to_have_value(re.compile(r"\w"))

    chat.ask("What is this?")

    chat.wait_for_end()
    expect(chat.answers.last).to_contain_text("I got a picture")
    page.reload()
    expect(chat.answers.last).to_contain_text("I got a picture")
    shown = chat.log.get_by_role("img", name="seat.png")
    expect(shown).to_be_visible()
    assert shown.evaluate("async (image) => { await image.decode(); return image.naturalWidth }") == 1
