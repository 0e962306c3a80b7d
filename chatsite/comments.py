"""Comments of scripts and style sheets are for those who read the repository: a visitor's browser is spared them."""

from __future__ import annotations

import re

# Comments with lines of their own, other than licences. A text that goes over several lines must not look like one.
_COMMENT = re.compile(
    r"^[ \t]*/\*(?!!)(?:(?!\*/|@license|@preserve)[\s\S])*\*/[ \t]*\n|^[ \t]*//(?!#).*\n", re.MULTILINE
)

_STYLE_COMMENT = re.compile(r"/\*(?!!).*?\*/", re.DOTALL)
_INDENTATION = re.compile(r"^\s+", re.MULTILINE)


def without_comments(script: str) -> str:
    """Return a script without the comments that have lines of their own."""
    return _COMMENT.sub("", script)


def without_style_comments(style: str) -> str:
    """Return one of our style sheets without comments, licences excepted, and without indentation."""
    return _INDENTATION.sub("", _STYLE_COMMENT.sub("", style))
