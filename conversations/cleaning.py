"""What no table of PostgreSQL's takes is replaced: NUL and lone surrogates."""

from __future__ import annotations

import re
from typing import Any

_SPOILT = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """Replace what PostgreSQL's jsonb refuses: NUL and lone surrogates."""
    return _SPOILT.sub("\N{REPLACEMENT CHARACTER}", text)


def clean_json(value: Any) -> Any:
    """Clean every text in a JSON value."""
    match value:
        case str():
            return clean(value)
        case list():
            return [clean_json(each) for each in value]
        case dict():
            return {clean(name): clean_json(each) for name, each in value.items()}
    return value
