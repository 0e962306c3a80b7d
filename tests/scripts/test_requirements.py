"""What runs after `make run` asks for nothing that only tests need."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.find_browser import ROOT

FOLDERS = ("agents_app", "chatsite", "conversations", "deploy", "evaluation", "examples")


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_imports_only_what_is_installed_for_running(folder: str) -> None:
    known = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.M))
    installed = {_plain(name) for name in known}
    belongs_to = packages_distributions()

    missing = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in (ROOT / folder).rglob("*.py")
        for name in _imported(file)
        if name in belongs_to and not {_plain(each) for each in belongs_to[name]} & installed
    }

    assert missing == set()


def _imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
