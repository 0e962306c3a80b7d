"""Comments and indentation are for those who read the repository: a visitor's browser is spared them."""

from __future__ import annotations

import re

# Where packages are served.
PREFIX = "npm/"

# Comments with lines of their own, other than licences. A text that goes over several lines must not look like one.
_COMMENT = re.compile(
    r"^[ \t]*/\*(?!!)(?:(?!\*/|@license|@preserve)[\s\S])*\*/[ \t]*\n|^[ \t]*//(?!#).*\n", re.MULTILINE
)

_STYLE_COMMENT = re.compile(r"/\*(?!!).*?\*/", re.DOTALL)
_INDENTATION = re.compile(r"^\s+", re.MULTILINE)


def shortened(name: str, text: str) -> str:
    """Return a script, or a style sheet of the element, as it is served under this name.

    Packages keep their indentation: they may have texts over several lines that need it. Ours have none.
    """
    if name.endswith(".css"):
        return without_style_comments(text)
    short = without_comments(text)
    return short if name.startswith(PREFIX) else _INDENTATION.sub("", short)


def without_comments(script: str) -> str:
    """Return a script without the comments that have lines of their own."""
    return _COMMENT.sub("", script)


def without_style_comments(style: str) -> str:
    """Return one of our style sheets without comments, licences excepted, and without indentation."""
    return _INDENTATION.sub("", _STYLE_COMMENT.sub("", style))
