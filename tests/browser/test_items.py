"""Every kind of item from a stock ChatKit server: how it is drawn, answered, and what it must never do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.chat import Chat
from tests.browser.test_reach import violations
from tests.fixtures.stock import StockSite

OPTIONS = """(tool) => chat.setOptions({
  api: {url: "/chatkit", domainKey: ""},
  history: {enabled: false},
  threadItemActions: {feedback: true, retry: true},
  entities: {
    onClick: (entity) => heard.push({name: "entity", entity}),
    onRequestPreview: async ({title}) =>
      ({preview: {type: "Basic", children: [{type: "Text", value: `All about ${title}`}]}}),
  },
  ...(tool && {onClientTool: ({name, params}) => {
    heard.push({name: "tool", tool: name, params});
    if (tool === "hang") return new Promise(() => {});
    if (tool === "fail") throw new Error("No position");
    return {place: "Berlin"};
  }}),
})"""

URL = {"type": "annotation", "source": {"type": "dream", "title": "Dream"}}
SAID = {"type": "output_text", "text": "Still here", "annotations": [None, {"type": "aura"}, URL]}
TASKS = [None, {"type": "dance"}, {"type": "nap", "title": "Napped"}]
FILES = [None, {"id": "a"}, {"id": "b", "type": "hologram", "name": "x", "mime_type": "x/y"}]
MOOD = [None, {"type": "mood", "id": "m", "question": "Mood?"}]
# What a server of another time might send.
ODD: list[dict[str, Any] | None] = [
    {"id": "1", "type": "hologram", "content": 7},
    {"id": "2", "type": "hidden_context_item", "content": "secret"},
    {"id": "3", "type": "workflow", "workflow": {"tasks": TASKS}},
    {"id": "4", "type": "assistant_message", "content": [None, {"type": "smell"}, SAID]},
    {
        "id": "5",
        "type": "user_message",
        "content": [None, {"type": "input_image"}, {"type": "input_text", "text": "<b>Hi</b> *you*"}],
        "attachments": FILES,
    },
    {"id": "6", "type": "generated_image", "image": {"url": "javascript:alert(1)"}},
    {"id": "7", "type": "structured_input", "status": "answered", "inputs": MOOD},
    {"id": "8", "type": "workflow"},
    {"id": "9", "type": "task", "task": {"type": "custom"}},
    {"id": "10", "type": "widget"},
    {"id": "11"},
    None,
]


@pytest.fixture
def page(context: BrowserContext, scripted_site: StockSite, complaints: list[str]) -> Page:
    page = context.new_page()
    open_element(page, scripted_site)
    return page


def open_element(page: Page, site: StockSite, tool: str = "", thread_id: str | None = None) -> Chat:
    page.goto(site.url)
    page.evaluate(OPTIONS, tool)
    if thread_id:
        page.evaluate("id => chat.setThreadId(id)", thread_id)
    return Chat(page)


def heard(page: Page, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("name => heard.filter((event) => event.name === name)", name)
    return found


def hears(page: Page, name: str) -> list[dict[str, Any]]:
    """Return what was heard by a name, once something was."""
    page.wait_for_function("name => heard.some((event) => event.name === name)", arg=name)
    return heard(page, name)


def refuse_answers(route: Route) -> None:
    if "threads.add_structured_input" in (route.request.post_data or ""):
        route.fulfill(status=409, json={"detail": "Too late."})
    else:
        route.continue_()


def thread_of(page: Page) -> str:
    return str(hears(page, "thread.change")[-1]["threadId"])


def test_sources_are_numbered_and_links_lead_where_they_may(page: Page) -> None:
    chat = Chat(page)
    chat.ask("cite")
    chat.wait_for_end()

    expect(chat.answers.last.locator("p")).to_have_text(
        re.compile(r"^With Light Plus\.\s1 you may take two pieces\.\s2\s3\s4 Open your trip$")
    )
    expect(chat.answers.last.locator("strong")).to_have_text("Light Plus.")
    inline = chat.answers.last.get_by_role("link", name="Hand luggage")
    expect(inline).to_have_attribute("href", "https://bags.example/")
    sources = chat.log.get_by_role("group", name="Sources")
    expect(sources.get_by_role("link")).to_have_text(["1Hand luggage"])
    expect(sources).to_contain_text("4Evil")
    booking = sources.get_by_role("button", name="Booking K7QX2M")
    booking.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("All about Booking K7QX2M")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip")).to_have_count(0)
    booking.click()
    assert hears(page, "entity")[0]["entity"]["data"] == {"ref": "K7QX2M"}
    chat.answers.last.get_by_role("link", name="Open your trip").click()
    assert hears(page, "deeplink")[0]["detail"] == {"name": "trip", "data": {"id": "7"}}


def test_steps_pictures_people_and_errors_show(page: Page) -> None:
    chat = Chat(page)
    chat.ask("steps")
    chat.wait_for_end()
    flow = chat.log.locator("details")
    expect(flow.locator("summary")).to_have_text("Worked for 1m 5s")
    expect(flow.get_by_text("Searched for “bag rules”")).to_be_visible()
    expect(flow.get_by_text("cabin bag size")).to_be_visible()
    expect(flow.get_by_role("link", name="Hand luggage")).to_be_visible()
    expect(flow.locator(".prose strong")).to_have_text("light")
    expect(flow.locator(".spinner")).to_have_count(0)
    assert violations(page) == []
    flow.locator("summary").click()
    expect(flow.get_by_text("cabin bag size")).to_be_hidden()

    chat.ask("draw")
    expect(chat.log.get_by_role("img", name="Image made by the assistant")).to_be_visible()
    expect(chat.log.get_by_role("progressbar")).to_have_count(0)

    chat.ask("person")
    expect(chat.log.get_by_text("Ada Lindqvist", exact=True)).to_be_visible()
    expect(chat.log.locator(".said__face")).to_have_count(1)
    expect(chat.log.locator(".said__box")).to_have_count(2)
    expect(chat.log.locator(".event")).to_contain_text("joined")

    chat.ask("notice")
    expect(chat.log.get_by_text("Nearly full")).to_be_visible()
    expect(chat.log.get_by_role("link", name="plans")).to_be_visible()
    assert violations(page) == []
    alert = chat.log.get_by_role("alert")
    expect(alert).to_contain_text("The desk is closed.")
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_contain_text("The desk is closed.")
    assert hears(page, "error")[0]["error"] is not None


def test_questions_take_the_composers_place(page: Page, scripted_site: StockSite) -> None:
    chat = Chat(page)
    chat.ask("ask")
    form = page.get_by_role("form", name="Questions")
    expect(form).to_be_visible()
    expect(chat.composer).to_have_count(0)
    expect(form.get_by_role("radio", name="Economy")).to_be_focused()
    assert violations(page) == []

    page.keyboard.press("Space")
    cabin = form.get_by_role("group", name="Which cabin?")
    cabin.get_by_role("textbox").fill("The wing")
    expect(form.get_by_role("radio", name="Economy")).not_to_be_checked()
    form.get_by_role("checkbox", name="Bag").check()
    form.get_by_role("checkbox", name="Lounge").check()
    form.get_by_role("button", name="Answer").click()

    expect(chat.composer).to_be_focused()
    expect(chat.log.get_by_role("definition")).to_have_text(["The wing", "Bag, Lounge", "Skipped"])
    given = scripted_site.asked("threads.add_structured_input")[0]["input"]
    assert given["status"] == "answered"
    assert given["answers"]["extras"] == {"values": ["Bag", "Lounge"], "skipped": False}
    assert given["answers"]["why"] == {"values": [], "skipped": True}
    expect(chat.answers.last).to_contain_text("You said: Thanks.")

    chat.ask("ask")
    form.get_by_role("button", name="Answer").click()
    expect(form.get_by_role("alert")).to_contain_text("or skip")
    chat = open_element(page, scripted_site, thread_id=thread_of(page))
    expect(form).to_be_visible()
    page.route("**/chatkit", refuse_answers)
    form.get_by_role("button", name="Skip").click()
    expect(form.get_by_role("alert")).to_contain_text("Too late.")
    page.unroute("**/chatkit")
    form.get_by_role("button", name="Skip").click()
    expect(chat.composer).to_be_visible()
    assert scripted_site.asked("threads.add_structured_input")[1]["input"] == {
        "status": "skipped",
        "answers": {},
    }


def test_a_tool_of_the_page_answers_also_after_a_reload(page: Page, scripted_site: StockSite) -> None:
    chat = open_element(page, scripted_site, tool="hang")
    chat.ask("tool")
    expect(chat.log.get_by_text("Working on it")).to_be_visible()
    assert hears(page, "tool") == [{"name": "tool", "tool": "locate", "params": {"precise": True}}]
    thread_id = thread_of(page)

    chat = open_element(page, scripted_site, tool="answer", thread_id=thread_id)
    chat.wait_for_end()
    assert scripted_site.asked("threads.add_client_tool_output") == [
        {"thread_id": thread_id, "result": {"place": "Berlin"}}
    ]
    chat = open_element(page, scripted_site, tool="fail", thread_id=thread_id)
    expect(chat.answers).to_have_count(1)
    assert heard(page, "tool") == []
    chat.ask("tool")
    expect(chat.answers).to_have_count(2)
    assert scripted_site.asked("threads.add_client_tool_output")[1]["result"] == {"error": "No position"}


def test_what_is_not_known_breaks_nothing(page: Page) -> None:
    page.route(
        "**/chatkit",
        lambda route: route.fulfill(
            json={
                "id": "thr_odd",
                "created_at": "2026-11-21T10:00:00Z",
                "data": [],
                "items": {"data": ODD, "has_more": False},
            }
        ),
    )

    page.evaluate("() => chat.setThreadId('thr_odd')")

    log = Chat(page).log
    expect(log.get_by_text("Still here")).to_be_visible()
    expect(log.get_by_text("<b>Hi</b> *you*")).to_be_visible()
    expect(log.get_by_text("Napped")).to_be_visible()
    expect(log.get_by_text("Mood?")).to_be_visible()
    expect(log).not_to_contain_text("secret")
    expect(log.get_by_role("img")).to_have_count(0)
