"""Comments of scripts are for those who read the repository: a visitor's browser is spared them."""

from __future__ import annotations

import re

# Comments with lines of their own, other than licences. A text that goes over several lines must not look like one.
_COMMENT = re.compile(
    r"^[ \t]*/\*(?!!)(?:(?!\*/|@license|@preserve)[\s\S])*\*/[ \t]*\n|^[ \t]*//(?!#).*\n", re.MULTILINE
)


def without_comments(script: str) -> str:
    """Return a script without the comments that have lines of their own."""
    return _COMMENT.sub("", script)
