"""What the chat says before anybody has asked anything: CHAT_START_FILE."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chatsite.env import BadSetting

_KNOWN = {"greeting", "subtitle", "placeholder", "prompts"}


def read_start(path: str) -> dict[str, Any] | None:
    """Read the start screen of an assistant of your own, or None where there is no file."""
    if not path:
        return None
    try:
        start = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadSetting("CHAT_START_FILE", f"must name a JSON file ({type(error).__name__})") from None
    if not isinstance(start, dict) or not set(start) <= _KNOWN:
        raise BadSetting("CHAT_START_FILE", f"must hold an object with {', '.join(sorted(_KNOWN))} alone")
    return start
