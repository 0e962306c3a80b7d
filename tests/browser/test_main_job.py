"""The product's heart: ask, see the answer arrive, and lose nothing on the way."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.chat import ENDLESS_REPLY, LONG_REPLY, SHORT_REPLY, Chat
from tests.waiting import settled


def test_a_guest_asks_and_sees_the_answer_grow(chat: Chat) -> None:
    chat.ask(LONG_REPLY)

    first = chat.wait_for_growth()
    second = chat.wait_for_growth()

    assert second.startswith(first[:20])
    assert len(second) > len(first)
    expect(chat.page).to_have_url(re.compile(r"/c/conv_"))


def test_a_tool_shows_as_a_step_before_the_answer(chat: Chat) -> None:
    chat.ask(SHORT_REPLY)

    chat.wait_for_end()

    expect(chat.log.get_by_role("listitem").filter(has_text="Looked up your trip")).to_be_visible()
    expect(chat.answers).to_have_count(1)


def test_a_reload_in_the_middle_goes_on(chat: Chat) -> None:
    chat.ask(LONG_REPLY)
    chat.wait_for_growth()

    chat.page.reload()
    chat.wait_for_growth()
    reloaded = chat.wait_for_end()
    chat.page.reload()
    stored = chat.wait_for_end()

    assert reloaded == stored
    expect(chat.answers).to_have_count(1)
    assert len(stored.split()) >= 240


def test_a_second_tab_sees_the_same_and_its_stop_stops_both(
    chat: Chat, open_chat: Callable[..., Chat]
) -> None:
    chat.ask(ENDLESS_REPLY)
    chat.wait_for_growth()

    other = open_chat(chat.page.url)
    other.wait_for_growth()
    other.stop.click()
    other.wait_for_end()
    chat.wait_for_end()
    other.page.reload()
    stored = other.wait_for_end()

    expect(chat.answers.last).to_have_text(stored)
    assert 0 < len(stored.split()) < 1000
    expect(chat.stop).to_have_count(0)


def test_stop_in_the_asking_tab_keeps_the_text_so_far(chat: Chat) -> None:
    chat.ask(ENDLESS_REPLY)
    seen = chat.wait_for_growth()

    chat.stop.click()
    chat.wait_for_end()
    expect(chat.answers.last).to_contain_text(seen)
    stopped = settled(chat.page, ANSWER)
    chat.page.reload()
    chat.wait_for_end()

    expect(chat.answers.last).to_have_text(stopped)


# What was on its way when Stop was pressed may still come.
ANSWER = 'document.querySelector("openai-chatkit").shadowRoot.querySelector(".prose").textContent'


def test_stop_works_after_a_reload(chat: Chat) -> None:
    chat.ask(ENDLESS_REPLY)
    chat.wait_for_growth()
    chat.page.reload()
    chat.wait_for_growth()

    chat.stop.click()

    assert 0 < len(chat.wait_for_end().split()) < 1000


def test_a_failed_reply_can_be_tried_again(chat: Chat) -> None:
    chat.ask("Show me my trip. [practice: fault=401, times=1]")
    alert = chat.page.get_by_role("alert")
    expect(alert).to_be_visible()

    alert.get_by_role("button", name="Try again").click()

    expect(alert).to_have_count(0)
    chat.wait_for_end()
    expect(chat.log.get_by_text("Show me my trip.")).to_have_count(1)


def test_messages_and_answers_stay_in_order(chat: Chat) -> None:
    for number in range(1, 4):
        chat.ask(f"Message number {number} [practice: words=3]")
        expect(chat.answers).to_have_count(number)
        chat.wait_for_end()
    chat.page.reload()

    expect(chat.log.locator(".bubble")).to_contain_text([f"Message number {number}" for number in (1, 2, 3)])
    expect(chat.answers).to_have_count(3)


def test_a_connection_that_drops_catches_up(chat: Chat) -> None:
    chat.ask(LONG_REPLY)
    chat.wait_for_growth()

    chat.page.context.set_offline(True)
    expect(chat.page.get_by_text("You’re offline")).to_be_visible()
    chat.page.context.set_offline(False)

    expect(chat.page.get_by_text("You’re offline")).to_have_count(0)
    caught_up = chat.wait_for_end()
    chat.page.reload()
    assert chat.wait_for_end() == caught_up


def test_a_message_written_offline_waits_and_is_sent_once(chat: Chat) -> None:
    chat.ask("Hello [practice: words=3]")
    chat.wait_for_end()
    chat.page.context.set_offline(True)

    chat.ask("Are you there? [practice: words=3]")
    expect(chat.page.get_by_text("Waiting to be sent")).to_be_visible()
    chat.page.context.set_offline(False)

    expect(chat.answers).to_have_count(2)
    chat.wait_for_end()
    expect(chat.log.get_by_text("Are you there?")).to_have_count(1)
    expect(chat.page.get_by_text("Waiting to be sent")).to_have_count(0)
