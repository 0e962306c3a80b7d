"""One conversation as a file: complete, in memory a page of it, and nobody's words look like ours."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import tracemalloc
from collections.abc import Callable, Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from conversations import answers, errors, exports
from conversations.exports.downloads import _disposition
from conversations.exports.words import link, literal, quote_markdown, quote_plain
from conversations.models import Conversation, Feedback, Item, ToolCall, Turn
from conversations.schemas import ConversationExport, MessageOut

COMMONMARK = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
TALK = Callable[..., Conversation]


def add(talk: Conversation, position: int, text: str, **fields: Any) -> Item:
    """Store an item; a customer's message unless something else is said."""
    kind, role = fields.pop("kind", "user_message"), fields.pop("role", "user")
    payload = {"id": f"msg_{position}", "type": kind, **fields.pop("payload", {})}
    sequence = position if role else None
    place = {"conversation": talk, "item_id": f"msg_{position}", "position": position}
    told = {"kind": kind, "role": role, "sequence": sequence, "text": text, "payload": payload}
    return Item.objects.create(**place, **told, **fields)


def as_json(talk: Conversation) -> Any:
    return json.loads(b"".join(exports.json_file(user=talk.user, conversation=talk)))


def as_markdown(talk: Conversation) -> str:
    return b"".join(exports.markdown_file(user=talk.user, conversation=talk)).decode()


def speaking(*sources: Any) -> dict[str, Any]:
    return {"content": [{"type": "output_text", "annotations": [{"source": each} for each in sources]}]}


@pytest.mark.django_db
class TestJson:
    def test_is_in_the_words_of_the_api(self, make_conversation: TALK) -> None:
        talk = make_conversation(title="Seats")
        turn = Turn.objects.create(conversation=talk, user=talk.user, number=1, status="completed")
        asked = add(talk, 0, "Which seat?", turn=turn)
        reply = add(talk, 2, "14A", kind="assistant_message", role="assistant", turn=turn)
        ToolCall.objects.create(turn=turn, call_id="1", position=1, tool="get_trip", arguments={"a": 1})
        Feedback.objects.create(item=reply, kind="negative")

        file = as_json(talk)

        ConversationExport.model_validate(file)
        assert file["conversation"]["id"] == talk.pk
        for told, item in zip(file["messages"], (asked, reply), strict=True):
            message = MessageOut.model_validate(answers.message_answer(item)).model_dump(mode="json")
            assert told.items() >= message.items()
        assert [message["feedback"] for message in file["messages"]] == [None, "negative"]
        [told] = file["turns"]
        assert told["id"] == turn.pk
        assert told["tool_calls"] == [{"name": "get_trip", "arguments": {"a": 1}, "status": "completed"}]
        assert [item["id"] for item in file["items"]] == ["msg_0", "msg_2"]

    def test_tells_nothing_that_clients_may_not_see(self, make_conversation: TALK) -> None:
        talk = make_conversation(thread={"metadata": {"secret": 1}})
        add(talk, 0, "secret", kind="hidden_context_item", role=None, payload={"content": "secret"})
        file = {"id": "atc_1", "name": "a.png", "mime_type": "image/png", "metadata": {"secret": 1}}
        add(talk, 1, "Look", payload={"attachments": [file]})

        assert "secret" not in json.dumps(as_json(talk))
        assert "secret" not in as_markdown(talk)
        assert as_json(talk)["messages"][0]["attachments"] == [
            {"id": "atc_1", "name": "a.png", "media_type": "image/png"}
        ]

    def test_of_an_empty_conversation_is_empty(self, make_conversation: TALK) -> None:
        file = as_json(make_conversation())

        assert (file["messages"], file["turns"], file["items"]) == ([], [], [])


@pytest.mark.django_db
class TestMarkdown:
    def test_tells_who_said_what_and_when(self, make_conversation: TALK) -> None:
        talk = make_conversation(title="Seats *and* bags")
        turn = Turn.objects.create(conversation=talk, user=talk.user, number=1, status="completed")
        picture = {"id": "atc_1", "name": "seat_[1].png", "mime_type": "image/png"}
        add(talk, 0, "Which seat\nis mine?", turn=turn, payload={"attachments": [picture]})
        ToolCall.objects.create(turn=turn, call_id="1", position=1, tool="get_trip", arguments={})
        tasks = {"workflow": {"tasks": [{"title": "Looked up your trip"}]}}
        add(talk, 2, "", kind="workflow", role=None, turn=turn, payload=tasks)
        source = {"type": "url", "title": "Seats", "url": "https://example.com/seats"}
        add(
            talk,
            3,
            "You sit in **14A**.",
            kind="assistant_message",
            role="assistant",
            turn=turn,
            payload=speaking(source, source),
        )
        who = {"type": "entity", "id": "staff", "title": "Ada", "data": {"author": "staff"}}
        add(talk, 4, "Hello", kind="assistant_message", role="staff", payload=speaking(who))

        text = re.sub(r"\d+ \w+ \d{4}, \d\d:\d\d UTC", "(when)", as_markdown(talk))

        assert text == (
            "# Seats \\*and\\* bags\n\n"
            f"A conversation with Linnet Air, begun on (when) ({talk.pk}). Exported on (when).\n\n"
            "### You · (when)\n\n> Which seat\\\n> is mine?\n\nAttached: seat\\_\\[1\\].png\n\n"
            "Tools used: get_trip (completed)\n\nSteps: Looked up your trip\n\n"
            "### Assistant · (when)\n\n> You sit in **14A**.\n\n"
            "Sources:\n\n1. [Seats](<https://example.com/seats>)\n\n"
            "### Ada (staff) · (when)\n\n> Hello\n\n"
            "---\n\nEnd of the conversation.\n"
        )

    def test_tells_how_replies_ended(self, make_conversation: TALK) -> None:
        talk = make_conversation()
        ways = [("failed", {"code": "assistant_failed", "detail": "It is *down*."}), ("cancelled", None)]
        for number, (status, error) in enumerate(ways):
            turn = Turn.objects.create(
                conversation=talk, user=talk.user, number=number, status=status, error=error
            )
            add(talk, number, "Hello?", turn=turn)

        text = as_markdown(talk)

        assert text.count("*The reply failed.* It is \\*down\\*.") == 1
        assert text.count("*The reply was stopped.*") == 1

    def test_shows_cards_questions_and_what_is_quoted(self, make_conversation: TALK) -> None:
        talk = make_conversation()
        add(talk, 0, "", kind="widget", role=None, payload={"copy_text": "# Flight LN 418"})
        asked = {"inputs": [{"question": "Which?", "answer": {"values": ["<b>Two</b>"]}}]}
        add(talk, 1, "", kind="structured_input", role=None, payload=asked)
        add(talk, 2, "Why?", payload={"quoted_text": "- so it is"})

        text = as_markdown(talk)

        assert "> \\# Flight LN 418\n" in text
        assert "Asked: Which?\n\n> \\<b>Two\\</b>\n" in text
        assert "About this:\n\n> \\- so it is\n\n> Why?" in text


def fill(talk: Conversation, count: int, text: str) -> None:
    turn = Turn.objects.create(conversation=talk, user=talk.user, number=1, status="completed")
    many = (
        Item(
            conversation=talk,
            item_id=f"msg_{n}",
            position=n,
            kind="user_message",
            role="user",
            sequence=n,
            text=text,
            payload={"id": f"msg_{n}"},
            turn=turn,
        )
        for n in range(count)
    )
    Item.objects.bulk_create(many, batch_size=1000)


@pytest.mark.django_db
def test_ten_thousand_items_are_all_there(make_conversation: TALK) -> None:
    talk = make_conversation()
    fill(talk, 10_000, "Hi")

    file = as_json(talk)
    text = as_markdown(talk)

    assert [message["sequence"] for message in file["messages"]] == list(range(10_000))
    assert [item["id"] for item in file["items"]] == [f"msg_{n}" for n in range(10_000)]
    assert text.count("\n> Hi\n") == 10_000


@pytest.mark.django_db
def test_a_page_is_in_memory_and_not_the_conversation(make_conversation: TALK) -> None:
    talk = make_conversation()
    fill(talk, 1_500, "word " * 2_000)

    tracemalloc.start()
    sizes = [len(piece) for piece in exports.markdown_file(user=talk.user, conversation=talk)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sum(sizes) > 15_000_000
    assert peak < 6_000_000


@pytest.mark.django_db
def test_a_conversation_that_goes_meanwhile_breaks_the_file_off(make_conversation: TALK) -> None:
    talk = make_conversation()
    for position in range(3):
        add(talk, position, "x" * 70_000)
    pieces = exports.markdown_file(user=talk.user, conversation=talk)
    next(pieces)
    later = exports.json_file(user=talk.user, conversation=talk)
    Conversation.objects.filter(pk=talk.pk).delete()

    assert b"End of the conversation" in b"".join(pieces)  # its page was read
    with pytest.raises(errors.NotFound):
        list(later)


@pytest.mark.django_db(transaction=True)
async def test_who_goes_away_lets_go_of_the_file(transactional_db: None) -> None:
    made, go_on, closed = threading.Event(), threading.Event(), threading.Event()

    def pieces() -> Generator[bytes]:
        try:
            yield b"first"
            made.set()
            go_on.wait(20)
            yield b"second"
        finally:
            closed.set()

    async def read() -> None:
        async for _ in exports.download(pieces(), name="a.md", content_type="text/markdown"):
            pass

    reading = asyncio.create_task(read())
    assert await asyncio.to_thread(made.wait, 20)

    reading.cancel()
    go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await reading
    assert closed.is_set()


# --- What others wrote, inside a file of ours -------------------------------------------------------------------

HOSTILE = [
    "# You · now\n\n### Assistant\n\n---",
    "```\nnever closed",
    "<div>\n```\n\n```\n<script>alert(1)</script>\n```",
    "- a\n  ```\n<script>x</script>",
    "\t<script>x</script>",
    "text <!-- never closed",
    "a\n===\n\nb\n---",
    ">" * 400 + "<script>",
    "![x](http://evil.example/x.png) and ![y][z]\n\n[z]: http://evil.example",
    "\\\n\\\\\n*\n_\n`\n[\n]\n",
    "x\r# y\rz\u2028# w\x0b# v",
    "1. a\n2) b\n+ c\n* d\n~~~\ne",
    "&lt;b&gt; <b>",
    "",
    " \n\n ",
]
WORDS = r"""
    <div> </div> <b> <script>x</script> <!-- --> ``` ~~~ ` * ** _ ~~ === --- | |---| ! [ ] [a] (b) &lt; &#35; \ <http://x>
    word é : ' "
"""
SPACED = ("\n", "\n\n", "\r", "\t", "    ", "  ", "> ", "- ", "+ ", "1. ", "2) ", "# ", "[a]: c", "\u2028")
PARTS = (*WORDS.split(), *SPACED)
MARKUP = st.lists(st.sampled_from(PARTS), max_size=16).map("".join)


def check(text: str) -> str:
    """Render it between a heading and a line of ours: all of it is one quote, without HTML and pictures."""
    html: str = COMMONMARK.render(f"### before\n\n{text}\n\n*after*\n")
    assert html.startswith("<h3>before</h3>\n<blockquote>"), html
    assert html.endswith("</blockquote>\n<p><em>after</em></p>\n"), html
    tokens = COMMONMARK.parse(f"### before\n\n{text}\n\n*after*\n")
    top = [token.type for token in tokens if token.level == 0]
    assert top == [
        "heading_open",
        "heading_close",
        "blockquote_open",
        "blockquote_close",
        "paragraph_open",
        "paragraph_close",
    ], top
    parts = [part.type for token in tokens for part in (token, *(token.children or ()))]
    assert not {"html_block", "html_inline", "image"} & set(parts), html
    return html


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_in_their_quote(text: str) -> None:
    check(quote_plain(text))
    check(quote_markdown(text))


@given(MARKUP)
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_written_stays_in_its_quote(text: str) -> None:
    check(quote_markdown(text))
    html = check(quote_plain(text))
    assert not re.search(
        r"<(h\d|ul|ol|pre|code|em|strong|a|table|hr|s)\b", html.partition("<blockquote>")[2][:-25]
    )


@given(MARKUP)
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_plain_text_reads_as_it_was_written(text: str) -> None:
    html = check(quote_plain(text)).partition("<blockquote>")[2].partition("</blockquote>")[0]
    read = re.sub(r"<[^>]+>", " ", html)
    for entity, meant in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        read = read.replace(entity, meant)

    assert read.split() == text.split()


@given(MARKUP)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_title_is_one_heading(text: str) -> None:
    tokens = COMMONMARK.parse(f"# {literal(text)}\n\nafter\n")

    assert [token.type for token in tokens if token.level == 0] == [
        "heading_open",
        "heading_close",
        "paragraph_open",
        "paragraph_close",
    ]
    assert {part.type for part in tokens[1].children or ()} <= {"text"}


def test_code_and_tables_of_the_assistant_are_left_alone() -> None:
    text = "Use `List<int>`:\n\n```html\n<b>bold</b>\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"

    assert quote_markdown(text) == "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a b", "https://x>y", "data:text/html,x", ""])
def test_only_web_addresses_become_links(url: str) -> None:
    assert link("A [title]", url) == "A \\[title\\]"


@pytest.mark.parametrize(
    ("title", "plain", "whole"),
    [
        ("Seat 14A", "Seat 14A", "Seat%2014A"),
        ("Größe “XL”", "Groe XL", "Gr%C3%B6%C3%9Fe%20%E2%80%9CXL%E2%80%9D"),
        ("旅行", "export", "%E6%97%85%E8%A1%8C"),
        ('../../x"; rm\r\nSet-Cookie: a=b', "x rm Set-Cookie a b", "x%20%3B%20rm%20Set-Cookie%20a%3Db"),
        ("", "untitled", "untitled"),
        ("✈" * 100, "export", "%E2%9C%88" * 53),
        ("\u202egnp.exe", "gnp.exe", "gnp.exe"),
    ],
)
def test_a_file_is_named_in_ascii_and_as_it_is(title: str, plain: str, whole: str) -> None:
    name = exports.attachment_name(title, ending="md")

    assert _disposition(name) == f"attachment; filename=\"{plain}.md\"; filename*=UTF-8''{whole}.md"
