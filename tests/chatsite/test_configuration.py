"""Every setting that the code reads is documented, and nothing else is."""

from __future__ import annotations

import ast
import re

from tests.find_browser import ROOT

SETTINGS = ROOT / "chatsite"


def test_every_setting_stands_in_the_documentation_and_in_the_example() -> None:
    read = settings_read()

    assert "OPENAI_API_KEY" in read
    assert set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/configuration.md").read_text(), re.M)) == read
    assert set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M)) == read | {
        "OPENAI_API_KEY_FILE"  # the example of a secret in a file
    }


def test_the_example_sets_nothing() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == []


def settings_read() -> set[str]:
    """Return the names that `env.text("NAME")` and its like are called with."""
    return {
        call.args[0].value
        for file in SETTINGS.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }
