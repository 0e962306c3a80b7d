"""The element before somebody else's server, which knows nothing of our extensions; and a network that fails."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.chat import Chat
from tests.fixtures.frail import FrailSite
from tests.waiting import expect_value, settled

SLOW = "2000 100 slowly"  # so many words, with so many milliseconds between them


@pytest.fixture
def talk(open_frail: Callable[..., Chat]) -> Chat:
    return open_frail()


def expect_heard(page: Page, *expected: str) -> None:
    """Expect that these events were heard since it was asked last, and no others."""
    page.wait_for_function("count => heard.length >= count", arg=len(expected))
    assert page.evaluate("heard.splice(0)") == list(expected)


def choose(chat: Chat, act: str) -> None:
    chat.page.get_by_role("button", name="Actions for").first.click()
    chat.page.get_by_role("button", name=act, exact=True).locator("visible=true").click()


def test_the_protocol_is_all_it_needs(talk: Chat, frail: FrailSite) -> None:
    page, memory = talk.page, frail.server.memory
    talk.ask("First")
    assert talk.wait_for_end().endswith("word0 word1 word2 word3 word4")
    [thread] = memory.threads
    expect_heard(page, "ready", f"thread.change {thread}", "response.start", "response.end")
    talk.ask("Second")
    expect(talk.answers).to_have_count(2)
    talk.wait_for_end()
    assert frail.server.said() == ["First", "Second"]

    with page.expect_response(lambda response: "items.feedback" in (response.request.post_data or "")):
        page.get_by_role("button", name="Good answer").last.click()
    expect(page.get_by_role("button", name="Good answer").last).to_have_attribute("aria-pressed", "true")
    [(ids, kind)] = frail.server.feedback
    assert (ids, kind) == ([memory.items[thread][-1].id], "positive")

    with page.expect_response(
        lambda response: "retry_after_item" in (response.request.post_data or "")
    ) as again:
        page.get_by_role("button", name="Answer again").click()
    again.value.finished()
    expect(talk.answers).to_have_count(2)
    talk.wait_for_end()
    assert len(memory.items[thread]) == 4
    assert memory.items[thread][-1].id != ids[0]

    talk.ask("Fail")
    alert = page.get_by_role("alert")
    expect(alert).to_be_visible()
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_have_count(0)
    expect(talk.answers).to_have_count(3)
    talk.wait_for_end()

    choose(talk, "Rename")
    page.get_by_role("textbox", name="Name").fill("Another name")
    page.get_by_role("button", name="Save").click()
    expect(talk.rows).to_have_text(["Another name"])
    assert memory.threads[thread].title == "Another name"

    choose(talk, "Delete")
    page.get_by_role("button", name="Delete conversation").click()
    expect(talk.rows).to_have_count(0)
    expect(page.get_by_role("button", name="New conversation")).to_be_focused()
    assert memory.threads == {}


def test_history_pages_and_its_methods_tell_what_happens(
    frail: FrailSite, open_frail: Callable[..., Chat]
) -> None:
    threads = [frail.server.seed(f"Thread {number}", 2) for number in range(45)]
    chat = open_frail()
    page = chat.page
    expect(chat.rows).to_have_count(40)
    page.get_by_role("button", name="Show more").click()
    expect(chat.rows).to_have_count(45)
    expect_heard(page, "ready")

    chat.rows.get_by_text("Thread 7", exact=True).click()
    expect(chat.log.get_by_text("Message 1.")).to_be_visible()
    told = [f"{name} {threads[7]}" for name in ("thread.change", "thread.load.start", "thread.load.end")]
    expect_heard(page, *told)

    frail.server.memory.items[threads[7]] += frail.server.memory.items.pop(threads[8])[1:]
    page.evaluate("chat.fetchUpdates()")
    expect(chat.answers).to_have_count(2)
    page.evaluate("chat.setThreadId(null)")
    expect(page.get_by_role("heading", name="What can I help with")).to_be_visible()
    expect_heard(page, "thread.change")

    page.set_viewport_size({"width": 390, "height": 700})
    page.evaluate("chat.showHistory().then(() => chat.showHistory())")
    expect(page.get_by_role("dialog", name="Conversations")).to_be_visible()
    page.evaluate("chat.hideHistory().then(() => chat.hideHistory())")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.evaluate("chat.showHistory()")
    page.get_by_role("dialog").get_by_text("Thread 9", exact=True).click()
    expect(chat.log.get_by_text("Message 1.")).to_be_visible()
    opened = [name.replace(threads[7], threads[9]) for name in told]
    expect_heard(page, *["history.open", "history.close"] * 2, *opened)


def test_a_thread_of_ten_thousand_opens_at_its_end_and_goes_back_without_a_jump(
    frail: FrailSite, open_frail: Callable[..., Chat]
) -> None:
    chat = open_frail(frail.server.seed("Long", 10_000))
    expect(chat.log.get_by_text("Message 9999.")).to_be_in_viewport()
    chat.log.hover()

    for number in (9_900, 9_800):
        scroll_up_to(chat, number)

    chat.ask("200 30 words")  # sent from far up: one sees one's own message
    expect(chat.log.get_by_text("word3")).to_be_in_viewport()
    chat.log.hover()
    chat.page.mouse.wheel(0, -2000)
    expect(chat.page.get_by_role("button", name="Go to the latest message")).to_be_visible()
    still = settled(chat.page, PLACE)
    expect(chat.log.get_by_text("word199")).to_be_attached()  # some lines later
    expect_value(chat.page, lambda: settled(chat.page, PLACE), still)


def test_a_turned_phone_shows_what_one_was_reading(frail: FrailSite, open_frail: Callable[..., Chat]) -> None:
    chat = open_frail(frail.server.seed("Long", 400))
    chat.page.set_viewport_size({"width": 390, "height": 844})
    chat.log.hover()
    scroll_up_to(chat, 340)
    read = chat.log.get_by_text(settled(chat.page, READ), exact=True)

    for width, height in ((844, 390), (390, 844)):
        chat.page.set_viewport_size({"width": width, "height": height})
        chat.page.wait_for_function("width => innerWidth === width", arg=width)
        settled(chat.page, PLACE)
        expect(read).to_be_in_viewport()


def scroll_up_to(chat: Chat, number: int) -> None:
    """Scroll by the wheel, so far that a message is there; what is in sight must not leap."""
    sought = chat.log.get_by_text(f"Message {number}.")
    before = settled(chat.page, PLACE)
    for _ in range(200):
        if sought.count():
            return
        chat.page.mouse.wheel(0, -900)
        chat.page.wait_for_function(f"before => ({PLACE})() !== before", arg=before)
        after = settled(chat.page, PLACE, 100)
        moved, before = chat.page.evaluate(MOVED, before), after
        assert moved is None or 0 <= moved <= 2000, moved  # the last wheel's movement may not have been over
    raise AssertionError(f"message {number} never came")


# What is read, and where it stands; nothing before it is there.
PLACE = """() => {
  const box = chat.shadowRoot.querySelector(".chat__scroll");
  const { left = 0, top = 0, width = 0 } = box?.getBoundingClientRect() ?? {};
  const at = (down) => chat.shadowRoot.elementFromPoint(left + width / 2, top + down)?.closest(".turn");
  const turn = [40, 80, 120, 160, 200].map(at).find(Boolean);
  return turn ? `${turn.innerText.slice(0, 24)}|${Math.round(turn.getBoundingClientRect().top)}` : null;
}"""
# What stands so far from the upper edge that it is in sight, however short the lines before it become.
READ = """() => {
  const { left, top, width } = chat.shadowRoot.querySelector(".chat__scroll").getBoundingClientRect();
  const at = (down) => chat.shadowRoot.elementFromPoint(left + width / 2, top + down)?.closest(".turn");
  return [120, 140, 160].map(at).find(Boolean)?.querySelector("p").textContent ?? null;
}"""
MOVED = """before => {
  const [words, top] = before.split("|");
  const turn = [...chat.shadowRoot.querySelectorAll(".turn")].find((each) => each.innerText.startsWith(words));
  return turn ? Math.round(turn.getBoundingClientRect().top) - Number(top) : null;
}"""


def test_a_reply_that_is_cut_off_stays_and_the_rest_is_asked_for(talk: Chat, frail: FrailSite) -> None:
    talk.ask(SLOW)
    before = talk.wait_for_growth()

    frail.network.down()

    expect(talk.page.get_by_text("No connection")).to_be_visible()
    expect(talk.stop).to_have_count(0)
    expect(talk.answers.last).to_contain_text(before[:20])
    frail.network.up()
    with suppress(TimeoutError):  # unless it has tried by itself meanwhile
        talk.page.get_by_role("button", name="Try now").click(timeout=2000)
    expect(talk.page.get_by_text("No connection")).to_have_count(0)
    expect(talk.answers.last).to_contain_text(before[:20])
    expect(talk.log.locator(".bubble")).to_have_count(1)
    assert frail.server.said() == [SLOW]


def test_messages_wait_for_the_network_and_go_in_order_once(talk: Chat, frail: FrailSite) -> None:
    talk.ask("Hello")
    talk.wait_for_end()
    frail.network.down()
    talk.ask("One")
    expect(talk.page.get_by_text("Waiting to be sent")).to_have_count(1)
    talk.ask("Two")
    expect(talk.page.get_by_text("Waiting to be sent")).to_have_count(2)
    expect(talk.page.get_by_text("No connection")).to_be_visible()

    frail.network.up()

    expect(talk.answers).to_have_count(3)
    talk.wait_for_end()
    expect(talk.page.get_by_text("No connection")).to_have_count(0)
    assert frail.server.said() == ["Hello", "One", "Two"]


def test_a_message_whose_answer_was_lost_is_not_sent_twice(talk: Chat, frail: FrailSite) -> None:
    expect(talk.page.get_by_text("Your conversations will be listed here")).to_be_visible()
    frail.network.lose_next_answer()
    talk.ask("A first message")
    expect(talk.answers).to_have_count(1)
    talk.wait_for_end()
    assert frail.server.said() == ["A first message"]

    frail.network.lose_next_answer()
    talk.ask("A second message")
    expect(talk.answers).to_have_count(2)
    talk.wait_for_end()

    expect(talk.log.locator(".bubble")).to_have_count(2)
    assert frail.server.said() == ["A first message", "A second message"]
    assert len(frail.server.memory.threads) == 1


def test_an_unsent_message_survives_a_reload(frail: FrailSite, open_frail: Callable[..., Chat]) -> None:
    thread = frail.server.seed("Kept", 4)
    chat = open_frail(thread)
    expect(chat.answers).to_have_count(2)
    chat.page.route("**/chatkit", lambda route: route.abort())
    chat.ask("Don't forget me")
    expect(chat.page.get_by_text("Waiting to be sent")).to_be_visible()

    chat.page.reload()
    chat.page.unroute_all()  # now, or the old page might be sending as it goes

    expect(chat.answers).to_have_count(3)
    chat.wait_for_end()
    assert frail.server.said().count("Don't forget me") == 1


def test_tabs_agree_without_a_socket(frail: FrailSite, open_frail: Callable[..., Chat]) -> None:
    thread = frail.server.seed("Shared", 2)
    one, other = open_frail(thread), open_frail(thread)
    one.ask("Hello")
    one.wait_for_end()
    expect(other.answers).to_have_count(2)
    expect(other.log.locator(".bubble").last).to_contain_text("Hello")

    choose(one, "Rename")
    one.page.get_by_role("textbox", name="Name").fill("Agreed")
    one.page.get_by_role("button", name="Save").click()
    expect(other.rows).to_have_text(["Agreed"])
