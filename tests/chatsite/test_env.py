"""What a setting may be, and what stops the start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chatsite import env


@pytest.mark.parametrize(
    ("read", "raw", "value"),
    [
        (lambda: env.origin("SETTING", ""), "https://chat.example:8443/", "https://chat.example:8443"),
        (
            lambda: env.origins("SETTING"),
            "https://a.example/, http://b.example",
            ["https://a.example", "http://b.example"],
        ),
        (lambda: env.origins("SETTING"), "https://*.example.com", ["https://*.example.com"]),
        (
            lambda: env.hosts("SETTING", []),
            "a.example,.b.example,[::1],*",
            ["a.example", ".b.example", "[::1]", "*"],
        ),
    ],
)
def test_what_can_be_used(monkeypatch: pytest.MonkeyPatch, read: Any, raw: str, value: Any) -> None:
    monkeypatch.setenv("SETTING", raw)

    assert read() == value


@pytest.mark.parametrize(
    ("read", "raw"),
    [
        (lambda: env.origin("SETTING", ""), "chat.example"),
        (lambda: env.origin("SETTING", ""), "https://chat.example/help"),
        (lambda: env.origin("SETTING", ""), "https://chat.example?a=b"),
        (lambda: env.origin("SETTING", ""), "https://someone:secret@chat.example"),
        (lambda: env.origin("SETTING", ""), "https://chat.example:https"),
        (lambda: env.origins("SETTING"), "https://a.example, b.example"),
        (lambda: env.origins("SETTING"), "https://a.example/path"),
        (lambda: env.hosts("SETTING", []), "https://a.example"),
        (lambda: env.hosts("SETTING", []), "a.example:8000"),
        (lambda: env.integer("SETTING", 0, most=100), "101"),
    ],
)
def test_what_stops_the_start(monkeypatch: pytest.MonkeyPatch, read: Any, raw: str) -> None:
    monkeypatch.setenv("SETTING", raw)

    with pytest.raises(env.BadSetting, match=r"^SETTING must .*docs/configuration.md\.$") as refused:
        read()

    assert "secret" not in str(refused.value)


def test_a_file_says_the_same_in_quotes_and_before_a_comment(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        """# A comment
        PLAIN=a#b # said
        export QUOTED="a b"
        BOTH="a # b" # said
        SINGLE='a "b"'
        INSIDE="a" and "b"
        EMPTY=""
        """
    )

    assert env.read_dotenv(tmp_path / ".env") == {
        "PLAIN": "a#b",
        "QUOTED": "a b",
        "BOTH": "a # b",
        "SINGLE": 'a "b"',
        "INSIDE": '"a" and "b"',
        "EMPTY": "",
    }
