"""Other people's words inside a Markdown file of ours: they are read as they were meant, and end where they end."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Beyond these nobody looks where the tags are: all are escaped.
MOST_ROUNDS, MOST_PARSED_CHARS = 20, 100_000


def literal(text: str) -> str:
    """Return plain text so that Markdown shows it as it is, in one paragraph or heading."""
    return _escape_line(" ".join(text.split()))


def quote_plain(text: str) -> str:
    """Return plain text as a block quote that keeps its lines."""
    lines = [_escape_line(line.rstrip()) for line in _lines(text)]
    broken = [f"{line}\\" if line and after else line for line, after in pairwise([*lines, ""])]
    return _quote("\n".join(broken))


def quote_markdown(text: str) -> str:
    """Return Markdown as a block quote, without HTML and without pictures, which would call another server."""
    return _quote(_tame("\n".join(_lines(text))))


def link(title: str, url: str) -> str:
    """Return a link, or the title alone where the address is no web page's."""
    if not re.fullmatch(r"(https?://|/)[^\s<>]+", url):
        return literal(title)
    return f"[{literal(title)}](<{url}>)"


def _lines(text: str) -> list[str]:
    """Split at what ends a line for Markdown, and at nothing else."""
    return re.sub(r"\r\n?", "\n", text).strip("\n").split("\n")


def _quote(text: str) -> str:
    return "\n".join(f"> {line}" if line.strip() else ">" for line in text.split("\n"))


def _escape_line(line: str) -> str:
    """Escape what has a meaning anywhere, then what has one at the beginning of a line."""
    body = line.lstrip(" \t")
    indent = line[: len(line) - len(body)].expandtabs(4)
    body = re.sub(r"([\\`*\[\]<~|!])|(?<!\w)_|_(?!\w)", r"\\\g<0>", body)
    body = re.sub(r"&(?=#?\w+;)", r"\\&", body)
    body = re.sub(r"^(?=[#>+=:-])", r"\\", body)
    body = re.sub(r"^(\d{1,9})(?=[.)](\s|$))", r"\1\\", body)
    return "&nbsp;" * len(indent) + body


def _tame(text: str) -> str:
    """Escape lines with HTML or pictures until there are none: what is no tag any more may let another be one."""
    for _ in range(MOST_ROUNDS):
        if not re.search(r"<[A-Za-z/!?]|!\[", text):
            return text
        if len(text) > MOST_PARSED_CHARS:
            break
        wild = _wild_lines(_quote(text))
        if not wild:
            return text
        lines = text.split("\n")
        text = "\n".join(_disarm(line) if number in wild else line for number, line in enumerate(lines))
    return _disarm(text)


def _disarm(text: str) -> str:
    return text.replace("<", "&lt;").replace("![", "!\\[")


def _wild_lines(text: str) -> set[int]:
    """Return the lines that hold HTML, or a picture, which another message may yet give an address."""
    try:
        tokens = _parser().parse(text)
    except RecursionError:  # quotes in quotes in quotes
        return set(range(text.count("\n") + 1))
    return {line for token in tokens if token.map and _is_wild(token) for line in range(*token.map)}


def _is_wild(token: Token) -> bool:
    if token.type == "inline":
        mark = "![" in token.content or "<!--" in token.content
        return mark or any(part.type == "html_inline" for part in token.children or ())
    return token.type == "html_block"


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True, "maxNesting": 10_000}).enable(["table", "strikethrough"])
