"""Bring locale/ up to date: `.venv/bin/python -m scripts.languages`, after a text of the pages has changed.

What is said is found in templates and modules, new texts are added to each language's django.po, for somebody to
translate, and the .mo that Django reads is made from it. Babel does it: no machine needs gettext's tools.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("chatsite", "conversations", "agents_app")
KEYWORDS = {"_": None, "gettext": None, "gettext_noop": None}
#: What a .po says of its making, and what would change with each run.
NOISE = re.compile(rb'^"(?:Project|Report|POT|PO-|Last|Language-Team|Generated)[^\n]*\n', re.MULTILINE)
IN_TEMPLATES = re.compile(r"""gettext\(u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\)""")


def texts() -> set[str]:
    """Return everything that the pages say."""
    return set(_in_templates()) | set(_in_modules())


def catalogs() -> Iterator[tuple[Path, Catalog]]:
    """Return each language's file with what it holds."""
    for path in sorted(ROOT.glob("locale/*/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            yield path, read_po(file, locale=path.parent.parent.name)


def update() -> None:
    """Add what is new, drop what nobody says any more, compile."""
    template = Catalog()
    for text in sorted(texts()):
        template.add(text)
    for path, catalog in catalogs():
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        path.write_bytes(_written(catalog))
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalog)


def _written(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalog, width=110, sort_output=True)
    return NOISE.sub(b"", file.getvalue())


def _in_templates() -> Iterator[str]:
    for path in ROOT.glob("templates/**/*.html"):
        for found in IN_TEMPLATES.findall(templatize(path.read_text())):
            yield ast.literal_eval(found)


def _in_modules() -> Iterator[str]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for _, text, _, _ in extract_from_file("python", path, keywords=KEYWORDS):
                yield str(text)


if __name__ == "__main__":
    update()
