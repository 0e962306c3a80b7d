"""The list of conversations, what can be done with an answer, and what happens to a model's markup."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import SHORT_REPLY, Chat
from tests.waiting import expect_value, wait_for


def choose(chat: Chat, act: str) -> None:
    chat.page.get_by_role("button", name="Actions for").first.click()
    chat.page.get_by_role("button", name=act, exact=True).locator("visible=true").click()


def test_a_conversation_is_renamed_everywhere(chat: Chat) -> None:
    chat.ask("Hello [practice: words=3]")
    chat.wait_for_end()

    choose(chat, "Rename")
    chat.page.get_by_role("textbox", name="Name").fill("Seat by the window")
    chat.page.get_by_role("button", name="Save").click()

    expect(chat.page.get_by_role("dialog")).to_have_count(0)
    expect(chat.page).to_have_title("Seat by the window – Linnet Air Support")
    chat.page.reload()
    expect(chat.rows.first).to_have_text("Seat by the window")
    expect(chat.page.get_by_role("heading", level=1)).to_have_text("Seat by the window")


def test_another_tab_follows_the_list(chat: Chat, open_chat: Callable[..., Chat]) -> None:
    other = open_chat()
    chat.ask("Hello [practice: words=3]")
    expect(other.rows).to_have_text(["Hello [practice: words=3]"])
    chat.wait_for_end()

    choose(chat, "Rename")
    chat.page.get_by_role("textbox", name="Name").fill("Renamed over there")
    chat.page.get_by_role("button", name="Save").click()
    expect(other.rows).to_have_text(["Renamed over there"])

    choose(chat, "Delete")
    chat.page.get_by_role("button", name="Delete conversation").click()
    expect(other.rows).to_have_count(0)


def test_a_conversation_is_deleted_only_when_asked_twice(chat: Chat) -> None:
    chat.ask("Hello [practice: words=3]")
    chat.wait_for_end()
    address = chat.page.url

    choose(chat, "Delete")
    chat.page.get_by_role("button", name="Cancel").click()
    expect(chat.rows).to_have_count(1)
    choose(chat, "Delete")
    chat.page.get_by_role("button", name="Delete conversation").click()

    expect(chat.rows).to_have_count(0)
    expect(chat.page.get_by_role("button", name="Show my trip")).to_be_visible()
    chat.page.goto(address)
    expect(chat.page.get_by_text("There’s no such conversation")).to_be_visible()


def test_back_and_forward_go_through_conversations(chat: Chat) -> None:
    chat.ask("First [practice: words=3]")
    chat.wait_for_end()
    chat.page.get_by_role("button", name="New conversation").click()
    chat.ask("Second [practice: words=3]")
    chat.wait_for_end()

    chat.page.go_back()
    expect(chat.page.get_by_role("button", name="Show my trip")).to_be_visible()
    chat.page.go_back()
    expect(chat.log.locator(".bubble")).to_contain_text("First")
    chat.page.go_forward()
    expect(chat.page.get_by_role("button", name="Show my trip")).to_be_visible()
    chat.page.go_forward()
    expect(chat.log.locator(".bubble")).to_contain_text("Second")
    expect(chat.rows).to_have_count(2)


def test_an_answer_can_be_judged_and_copied(chat: Chat) -> None:
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.ask("Hello [practice: text=Good day]")
    chat.wait_for_end()

    good = chat.page.get_by_role("button", name="Good answer")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    chat.log.get_by_role("button", name="Copy").click()

    expect(chat.log.get_by_role("button", name="Copied")).to_be_visible()
    assert chat.page.evaluate("navigator.clipboard.readText()") == "Good day"


def test_answering_again_replaces_the_answer(chat: Chat) -> None:
    chat.ask(SHORT_REPLY)
    chat.wait_for_end()
    first = chat.log.locator("time").get_attribute("datetime")

    chat.page.get_by_role("button", name="Answer again").click()

    expect(chat.log.locator("time")).not_to_have_attribute("datetime", first or "")
    chat.wait_for_end()
    expect(chat.answers).to_have_count(1)
    expect(chat.log.locator(".bubble")).to_have_count(1)


def test_a_conversation_is_found_by_what_was_said_in_it(chat: Chat) -> None:
    chat.ask("Where is my parrot? [practice: text=In <b>cage</b> seven]")
    chat.wait_for_end()
    chat.page.get_by_role("button", name="New conversation").click()
    field = chat.page.get_by_role("searchbox", name="Search conversations")

    field.fill("cage")
    found = chat.page.get_by_role("list", name="Found conversations").get_by_role("button")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("<b>cage</b> seven")
    expect(found.locator("mark")).to_have_text(["cage"])
    chat.page.route("**/chatkit", lambda _: None)
    found.click()
    expect(chat.composer).to_be_focused()

    field.fill("giraffe")  # before the conversation has come: who writes here isn't called away
    chat.page.unroute("**/chatkit")  # what was held goes on
    expect(chat.answers).to_contain_text("seven")
    expect(field).to_be_focused()
    expect(chat.page.get_by_text("Nothing found")).to_be_visible()
    field.fill("")
    expect(chat.rows).to_have_count(1)


HOSTILE = [
    "<img src=x onerror=document.title=1>",
    "<script>document.title=1</script>",
    "[click](javascript:document.title=1)",
    "![cat](https://evil.example/pixel.png)",
    "<a href='javascript:document.title=1'>x</a>",
]


@pytest.mark.parametrize("markup", HOSTILE)
def test_markup_of_a_model_does_nothing(chat: Chat, markup: str) -> None:
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))

    show_answer(chat.page, f"Before {markup} after")

    expect(chat.answers).to_contain_text("Before")
    assert chat.answers.locator("img, script, [onerror]").count() == 0
    assert chat.answers.locator("a[href^='javascript']").count() == 0
    assert not [url for url in asked if "evil.example" in url]
    expect(chat.page).not_to_have_title("1")


def test_markdown_shows_as_lists_tables_and_code(chat: Chat) -> None:
    show_answer(chat.page, MARKDOWN)

    answer = chat.answers.last
    expect(answer.get_by_role("heading", name="Bags")).to_be_visible()
    expect(answer.get_by_role("listitem")).to_have_count(2)
    expect(answer.get_by_role("cell", name="75 €")).to_have_css("text-align", "end")
    expect(answer.get_by_role("link", name="rules")).to_have_attribute("rel", "noopener noreferrer")
    expect(answer.locator("pre .hljs-attr").first).to_be_visible()
    expect(answer.get_by_role("button", name="Copy")).to_be_visible()


MARKDOWN = """## Bags

- one
- two

| What | Fee |
|---|--:|
| Cancel | 75 € |

See the [rules](https://linnet.example/rules).

```json
{"seat": "14A"}
```
"""


def show_answer(page: Page, text: str) -> None:
    """Put an answer into a thread by the element's own door: the page's options with another `fetch`."""
    page.evaluate(
        """text => {
          const item = {id: "a", type: "assistant_message", content: [{type: "output_text", text}]};
          const thread = {id: "t", items: {data: [item], has_more: false}};
          const chat = document.querySelector("openai-chatkit");
          const fetch = async () => Response.json(thread);
          chat.setOptions({api: {url: "/x", domainKey: "", fetch}, header: {enabled: false}});
          return chat.setThreadId("t");
        }""",
        text,
    )


LONG_THREAD = """() => {
  const all = Array.from({length: 60}, (_, at) => ({
    id: `i${at}`,
    type: at % 2 ? "assistant_message" : "user_message",
    content: [{type: "text", text: `Item ${at}. `.repeat(20)}],
  }));
  const page = (items, rest) => ({data: items, has_more: rest, after: items.at(-1).id});
  const answers = {
    "threads.get_by_id": () => ({id: "t", items: page(all.slice(0, 20), true)}),
    "items.list": ({after}) => {
      const newest = all.toReversed();
      const from = after ? newest.findIndex(({id}) => id === after) + 1 : 0;
      return page(newest.slice(from, from + 40), from + 40 < all.length);
    },
    "threads.list": () => ({data: [], has_more: false}),
  };
  const fetch = async (_url, {body}) => {
    const {type, params} = JSON.parse(body);
    return Response.json(answers[type](params));
  };
  const chat = document.querySelector("openai-chatkit");
  chat.setOptions({api: {url: "/x", domainKey: "", fetch}, header: {enabled: false}});
  return chat.setThreadId("t");
}"""


def test_a_long_conversation_opens_at_its_end_and_goes_back_as_one_scrolls(chat: Chat) -> None:
    chat.page.evaluate(LONG_THREAD)
    expect(chat.log.get_by_text("Item 59.")).to_be_in_viewport()
    assert chat.answers.count() == 20

    chat.log.hover()
    chat.page.mouse.wheel(0, -20_000)

    expect(chat.answers).to_have_count(30)
    expect(chat.log.locator(".bubble").first).to_contain_text("Item 0.")
    expect(chat.log.get_by_role("button", name="Show earlier messages")).to_have_count(0)

    chat.page.get_by_role("button", name="Go to the latest message").click()
    expect(chat.log.get_by_text("Item 59.")).to_be_in_viewport()


def test_the_composer_grows_to_eight_lines(chat: Chat) -> None:
    def height() -> float:
        return float(chat.composer.evaluate("field => field.getBoundingClientRect().height"))

    one = height()
    chat.composer.fill("\n".join("abcd"))
    wait_for(chat.page, lambda: height() > one)
    four = height()
    chat.composer.fill("\n".join("abcdefgh"))
    wait_for(chat.page, lambda: height() > four)
    eight = height()
    chat.composer.fill("\n".join("abcdefghijklmnop"))

    expect_value(chat.page, height, eight)


def test_an_unknown_conversation_says_so_and_offers_a_way_on(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat()
    chat.page.goto("/c/conv_unknown")
    alert = chat.page.get_by_role("alert")
    expect(alert).to_contain_text("There’s no such conversation")

    alert.get_by_role("button", name="New conversation").click()

    expect(chat.composer).to_be_focused()
    expect(chat.page).to_have_url(re.compile(r"/$"))
