"""An assistant's Markdown as safe HTML: no markup of the model's own, no pictures, no inline style."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token


def render_markdown(text: str) -> SafeString:
    """Render Markdown whose HTML is escaped and whose links go nowhere but to http, https and mailto."""
    return SafeString(_parser().render(text))  # markdown-it escapes HTML and checks links


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 40}).enable(["table", "strikethrough"])
    # A picture would call another server when a transcript is read; without its rule it is a link.
    parser.disable("image")
    parser.add_render_rule("link_open", _link_open)
    parser.add_render_rule("heading_open", _heading_open)
    parser.add_render_rule("heading_close", _heading_close)
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    parser.add_render_rule("th_open", _cell_open)
    parser.add_render_rule("td_open", _cell_open)
    return parser


Tokens = Sequence[Token]


def _link_open(self: RendererHTML, tokens: Tokens, index: int, options: Any, env: Any) -> str:
    tokens[index].attrSet("rel", "noopener noreferrer nofollow")
    return self.renderToken(tokens, index, options, env)


def _heading_open(self: RendererHTML, tokens: Tokens, index: int, options: Any, env: Any) -> str:
    """A heading of a message is none of the page's."""
    return '<p class="prose__heading">'


def _heading_close(self: RendererHTML, tokens: Tokens, index: int, options: Any, env: Any) -> str:
    return "</p>\n"


def _table_open(self: RendererHTML, tokens: Tokens, index: int, options: Any, env: Any) -> str:
    return '<div class="prose__table"><table>\n'


def _table_close(self: RendererHTML, tokens: Tokens, index: int, options: Any, env: Any) -> str:
    return "</table></div>\n"


def _cell_open(self: RendererHTML, tokens: Tokens, index: int, options: Any, env: Any) -> str:
    """Align by class: the content policy refuses style attributes."""
    align = str(tokens[index].attrs.pop("style", "")).removeprefix("text-align:")
    if align:
        tokens[index].attrSet("class", f"align-{align}")
    return self.renderToken(tokens, index, options, env)
