"""The composer against a stock ChatKit server: files, tags, commands, tools, models, dictation, quotes, drafts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from tests.browser.chat import Chat
from tests.browser.test_reach import violations
from tests.fixtures.scripted import ScriptedServer
from tests.fixtures.stock import StockSite
from tests.waiting import expect_value, wait_for

OPTIONS = """(uploadStrategy) => chat.setOptions({
  api: {url: "/chatkit", domainKey: "", uploadStrategy},
  history: {enabled: false},
  threadItemActions: {feedback: true, retry: true},
  composer: {
    attachments: {enabled: true, maxCount: 3, maxSize: {"image/*": 100_000, "*": 500},
      accept: {"image/*": [".png"], "text/plain": [".txt"]}},
    tools: [
      {id: "search", label: "Search the web", shortLabel: "Search", icon: "globe", pinned: true, persistent: true},
      {id: "draw", label: "Make an image", icon: "images", placeholderOverride: "Describe the image"},
    ],
    models: [
      {id: "fast", label: "Quick", description: "Answers at once"},
      {id: "deep", label: "Thorough", default: true},
      {id: "old", label: "Retired", disabled: true},
    ],
    dictation: {enabled: true},
  },
  commands: {
    enabled: true,
    onSearch: async (query) => [{id: "cancel", label: "Cancel trip", group: "Trip"}],
    onSelect: async ({id}) => id === "cancel"
      ? {type: "menu", commands: [{id: "one", label: "Outbound"}, {id: "all", label: "Both ways"}]}
      : {type: "entity", entity: {id, title: id}},
  },
  entities: {
    showComposerMenu: true,
    onTagSearch: async (query) => [
      {id: "ada", title: "Ada Lindqvist", group: "People", interactive: true, data: {seat: "14A"}},
      {id: "trip", title: "Trip K7QX2M", group: "Trips"},
    ].filter(({title}) => title.toLowerCase().includes(query.toLowerCase())),
    onClick: (entity) => heard.push({name: "entity", entity}),
  },
})"""
PICTURE = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 40, height: 20});
  canvas.getContext("2d").fillRect(0, 0, 40, 20);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve));
  const data = new DataTransfer();
  data.items.add(new File([blob], "seat.png", {type: "image/png"}));
  const send = (type, target, init) =>
    target.dispatchEvent(new (type === "paste" ? ClipboardEvent : DragEvent)(type,
      {bubbles: true, cancelable: true, composed: true, ...init}));
  send("paste", chat.shadowRoot.querySelector("textarea"), {clipboardData: data});
  send("dragover", chat.shadowRoot.querySelector(".chat"), {dataTransfer: data});
  const isOffered = Boolean(chat.shadowRoot.querySelector(".composer"));
  send("drop", chat.shadowRoot.querySelector(".chat"), {dataTransfer: data});
  return isOffered;
}"""
#: A second is recorded, or some: nobody looks in each of them.
SPOKEN = re.compile(r"^\d:(?!00)\d\d$")
SILENCE = """() => {
  navigator.mediaDevices.getUserMedia = async () => new AudioContext().createMediaStreamDestination().stream;
}"""


@pytest.fixture
def page(context: BrowserContext, scripted_site: StockSite, complaints: list[str]) -> Page:
    page = context.new_page()
    open_element(page, scripted_site)
    return page


def open_element(page: Page, site: StockSite, strategy: dict[str, Any] | None = None) -> None:
    page.goto(site.url)
    page.evaluate(OPTIONS, strategy or {"type": "two_phase"})
    expect(Chat(page).composer).to_be_visible()


def file(name: str, content: bytes, kind: str = "text/plain") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


def sent(site: StockSite) -> dict[str, Any]:
    """Return the input of the last message."""
    last = [*site.asked("threads.create"), *site.asked("threads.add_user_message")][-1]
    found: dict[str, Any] = last["input"]
    return found


def heard(page: Page, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("name => heard.filter((event) => event.name === name)", name)
    return found


def files_of(site: StockSite) -> Any:
    assert isinstance(site.chatkit, ScriptedServer)
    return site.chatkit.files


def test_files_are_sent_in_two_phases_or_refused_in_words(page: Page, scripted_site: StockSite) -> None:
    chat = Chat(page)
    picker = page.locator("input[type=file]")
    with page.expect_response("**/upload/*"):
        picker.set_input_files(
            [file("a.txt", b"x" * 300), file("big.txt", b"y" * 900), file("c.pdf", b"z", "application/pdf")]
        )

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("“big.txt” is too large")
    expect(alert).to_contain_text("may have up to 500 bytes. This one has 900 bytes.")
    expect(alert).to_contain_text("“c.pdf” can’t be attached")
    page.get_by_role("button", name="Close").click()
    expect(alert).to_have_count(0)

    picker.set_input_files([file("bad.txt", b"refuse")])
    expect(page.get_by_text("This file isn’t welcome.")).to_be_visible()
    chat.composer.press("Enter")
    expect(alert).to_contain_text("Upload it again or remove it")
    with page.expect_response("**/upload/*"):
        page.get_by_role("button", name="Upload bad.txt again").click()
    expect(page.get_by_text("This file isn’t welcome.")).to_be_visible()
    page.get_by_role("button", name="Remove bad.txt").click()
    files_of(scripted_site).method = "POST"
    with page.expect_response("**/upload/*"):
        picker.set_input_files([file("b.txt", b"form")])
    expect(page.get_by_role("progressbar")).to_have_count(0)

    page.evaluate(PICTURE)
    waiting = page.get_by_role("list", name="Attachments").get_by_role("listitem")
    expect(waiting).to_have_count(3)
    expect(alert).to_contain_text("A message takes up to 3 files.")
    assert violations(page) == []
    expect(waiting.last.locator("img")).to_have_attribute("src", re.compile("^data:image/webp"))

    chat.ask("Here")
    chat.wait_for_end()
    first, _, _, form, *_ = scripted_site.uploads
    assert (first["method"], first["kind"], first["header"]) == ("PUT", "text/plain", "secret")
    assert first["body"] == b"x" * 300
    assert form["method"] == "POST"
    assert b'name="file"; filename="b.txt"' in form["body"]
    expect_value(page, lambda: files_of(scripted_site).deleted, ["att_2", "att_3"])
    # Two that were chosen together are announced side by side: the server may number either first.
    assert sorted(sent(scripted_site)["attachments"]) == ["att_1", "att_4", "att_5"]
    shown = chat.log.get_by_role("list", name="Attachments")
    expect(shown.get_by_role("img", name="seat.png")).to_be_visible()
    expect(shown.get_by_text("TXT").first).to_be_visible()


def test_a_file_goes_directly_and_a_held_one_is_withdrawn(page: Page, scripted_site: StockSite) -> None:
    open_element(page, scripted_site, {"type": "direct", "uploadUrl": "/upload"})
    gate: list[Any] = []
    picker = page.locator("input[type=file]")

    with page.expect_response("**/upload"):
        picker.set_input_files([file("a.txt", b"hello")])
    expect(page.get_by_text("5 bytes")).to_be_visible()
    page.route("**/upload", lambda route: gate.append(route))
    with page.expect_request("**/upload"):
        picker.set_input_files([file("slow.txt", b"slow")])
    wait_for(page, lambda: bool(gate))
    expect(page.get_by_role("progressbar", name="Uploading slow.txt")).to_be_visible()
    Chat(page).composer.fill("Here")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    page.get_by_role("button", name="Remove slow.txt").click()
    gate[0].abort()
    page.get_by_role("button", name="Send").click()

    Chat(page).wait_for_end()
    assert sent(scripted_site)["attachments"] == ["att_1"]
    assert len(scripted_site.uploads) == 1


def test_entities_and_commands_are_chosen_by_key(page: Page, scripted_site: StockSite) -> None:
    box = Chat(page).composer
    listed = page.get_by_role("option")

    box.press_sequentially("Ask @")
    expect(listed).to_have_text(["Ada Lindqvist", "Trip K7QX2M"])
    expect(page.get_by_role("group", name="People")).to_be_visible()
    assert violations(page) == []
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-1")
    expect(listed.last).to_have_attribute("aria-selected", "true")
    box.press("ArrowUp")
    box.press("Enter")
    expect(box).to_have_value("Ask @Ada Lindqvist ")
    expect(page.locator(".composer__backdrop mark")).to_have_text("@Ada Lindqvist")
    box.press_sequentially("about @zzz")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    box.press("Escape")
    expect(page.get_by_text("Nothing found")).to_have_count(0)
    for _ in range(4):
        box.press("Backspace")
    box.press_sequentially("/both")
    expect(listed).to_have_text(["Cancel trip"])
    box.press("Tab")
    expect(listed).to_have_text(["Outbound", "Both ways"])
    listed.last.click()
    expect(box).to_have_value("Ask @Ada Lindqvist about @all ")
    expect(box).to_be_focused()
    box.press("Enter")

    Chat(page).wait_for_end()
    assert [part["type"] for part in sent(scripted_site)["content"]] == [
        "input_text",
        "input_tag",
        "input_text",
        "input_tag",
    ]
    assert sent(scripted_site)["content"][1] == {
        "type": "input_tag",
        "id": "ada",
        "text": "Ada Lindqvist",
        "group": "People",
        "interactive": True,
        "data": {"seat": "14A"},
    }
    page.get_by_role("log").get_by_role("button", name="Ada Lindqvist").click()
    page.wait_for_function("() => heard.some(({name}) => name === 'entity')")
    assert heard(page, "entity")[0]["entity"]["data"] == {"seat": "14A"}

    page.get_by_role("button", name="Mention").click()
    expect(listed).to_have_count(2)
    box.press_sequentially("ada")
    expect(listed).to_have_count(1)
    box.press("Enter")
    expect(box).to_have_value("@Ada Lindqvist ")
    box.press("Backspace")
    box.press("Backspace")
    expect(box).to_have_value("")


def test_tools_and_models_go_with_the_message(page: Page, scripted_site: StockSite) -> None:
    chat = Chat(page)
    tools = page.get_by_role("button", name="Tools")
    tools.focus()
    tools.press("Enter")
    expect(page.get_by_role("menuitemradio", name="Search the web")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(tools).to_be_focused()
    expect(chat.composer).to_have_attribute("placeholder", "Describe the image")
    page.get_by_role("button", name="Model: Thorough").click()
    assert violations(page) == []
    page.get_by_role("menuitemradio", name="Retired").click(force=True)
    page.get_by_role("menuitemradio", name="Quick").click()
    chat.ask("Hello")
    chat.wait_for_end()
    assert sent(scripted_site)["inference_options"] == {"tool_choice": {"id": "draw"}, "model": "fast"}

    page.get_by_role("button", name="Search", exact=True).click()
    chat.ask("Again")
    chat.wait_for_end()
    assert sent(scripted_site)["inference_options"] == {"tool_choice": {"id": "search"}, "model": "fast"}
    expect(page.get_by_role("button", name="Search", exact=True)).to_have_attribute("aria-pressed", "true")
    page.evaluate("() => chat.setComposerValue({selectedToolId: null, selectedModelId: 'deep'})")
    expect(page.get_by_role("button", name="Model: Thorough")).to_be_visible()
    assert [event["toolId"] for event in heard(page, "tool.change")] == ["draw", None, "search", None]


def test_speech_becomes_text(page: Page, scripted_site: StockSite) -> None:
    page.evaluate(SILENCE)
    box = Chat(page).composer
    box.fill("I say")

    page.get_by_role("button", name="Dictate").click()
    expect(page.get_by_text("Listening")).to_be_visible()
    page.get_by_role("button", name="Discard the recording").click()
    expect(page.get_by_text("Listening")).to_have_count(0)
    page.get_by_role("button", name="Dictate").click()
    expect(page.get_by_text(SPOKEN)).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Finish the recording").click()

    expect(box).to_have_value(re.compile("^I say heard audio/(webm|ogg|mp4)$"))
    expect(box).to_be_focused()
    assert len(scripted_site.asked("input.transcribe")) == 1

    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = async () => {"
        "throw new DOMException('No', 'NotAllowedError') } }"
    )
    page.get_by_role("button", name="Dictate").click()
    expect(page.get_by_role("alert")).to_contain_text("The microphone isn’t allowed")


def test_what_was_written_and_said_comes_back(page: Page, scripted_site: StockSite) -> None:
    chat = Chat(page)
    chat.ask("First @ada")
    chat.wait_for_end()
    thread_id = heard(page, "thread.change")[-1]["threadId"]
    expect(chat.composer).to_be_focused()
    chat.composer.press("ArrowUp")
    expect(chat.composer).to_have_value("First @ada")
    chat.composer.press("ArrowDown")
    expect(chat.composer).to_have_value("")

    chat.log.get_by_text("You said: First").select_text()
    page.get_by_role("button", name="Quote").click()
    expect(chat.composer).to_be_focused()
    chat.composer.press_sequentially("Why, @ad")
    expect(page.get_by_role("option")).to_have_text(["Ada Lindqvist"])
    chat.composer.press("Enter")
    expect(chat.composer).to_have_value("Why, @Ada Lindqvist ")
    page.locator("input[type=file]").set_input_files([file("a.txt", b"kept")])
    expect(page.get_by_text("4 bytes")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)

    open_element(page, scripted_site)
    expect(chat.composer).to_have_value("")
    page.evaluate("id => chat.setThreadId(id)", thread_id)
    expect(chat.composer).to_have_value("Why, @Ada Lindqvist ")
    expect(page.get_by_text("a.txt").last).to_be_visible()
    page.evaluate("() => chat.setComposerValue({text: 'And why?'})")
    expect(chat.composer).to_have_value("And why?")
    with chat.sending():
        chat.composer.press("Enter")

    chat.wait_for_end()
    assert sent(scripted_site)["quoted_text"].startswith("You said: First")
    assert sent(scripted_site)["attachments"] == ["att_1"]
    expect(chat.log.locator("blockquote")).to_have_text(re.compile("You said: First"))
    open_element(page, scripted_site)
    page.evaluate("id => chat.setThreadId(id)", thread_id)
    expect(chat.answers.last).to_contain_text("You said: And why?")
    expect(chat.composer).to_have_value("")


def test_a_page_sends_and_sets_everything_by_call(page: Page, scripted_site: StockSite) -> None:
    chat = Chat(page)
    page.evaluate("""() => chat.sendUserMessage({
      content: [{type: "input_text", text: "About "}, {type: "input_tag", id: "t", text: "Trip", data: {}}],
      reply: "It leaves at 9.", toolChoice: {id: "draw"}, model: "old",
      attachments: [],
    })""")
    chat.wait_for_end()
    assert sent(scripted_site) == {
        "content": [
            {"type": "input_text", "text": "About "},
            {"type": "input_tag", "id": "t", "text": "Trip", "data": {}},
        ],
        "quoted_text": "It leaves at 9.",
        "attachments": [],
        "inference_options": {"tool_choice": {"id": "draw"}, "model": "old"},
    }

    page.evaluate("""() => chat.setComposerValue({
      content: [{type: "input_tag", id: "t", text: "Trip", data: {}}, {type: "input_text", text: " again"}],
      reply: "Quoted", files: [new File(["hi"], "f.txt", {type: "text/plain"})], selectedToolId: "search",
    })""")
    expect(chat.composer).to_have_value("@Trip again")
    expect(page.get_by_text("2 bytes")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    with chat.sending():
        page.evaluate("() => chat.sendUserMessage({text: 'Elsewhere', newThread: true})")
    chat.wait_for_end()
    assert len(scripted_site.asked("threads.create")) == 2
