"""Static files without a build."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import brotli  # type: ignore[import-untyped]
from django.conf import LazySettings, settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.base import ContentFile
from django.test import override_settings

from chatsite import comments, storage

IMPORT = re.compile(r"""(?:from|import\()\s*["']([^."'][^"']*)["']""")
FETCHED_AT_ONCE = re.compile(r"""(?:^|;)(?:import|export)\b[^;()]*?["']([^"']+)["'];""", re.MULTILINE)
FIRST_USE_BYTES = 120_000


def test_only_named_files_of_packages_are_found() -> None:
    assert finders.find("npm/lit-html/lit-html.js")
    assert finders.find("npm/lit-html/package.json") is None
    assert finders.find("npm/../package.json") is None
    assert finders.find("lit-html/lit-html.js") is None


def test_every_bare_name_that_our_modules_import_is_in_the_map() -> None:
    imported = {
        name
        for path in Path(settings.BASE_DIR, "static").rglob("*.js")
        for name in IMPORT.findall(without_comments(path.read_text()))
    }

    assert imported
    assert imported - storage.PACKAGES.keys() == set()


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def test_every_file_that_a_package_file_imports_is_served() -> None:
    modules = [name for name in storage.PACKAGE_FILES if name.endswith((".js", ".mjs"))]
    for name in modules:
        text = Path(settings.BASE_DIR, "node_modules", name).read_text()
        for relative in re.findall(r"""from\s*["'](\.[^"']+)["']""", text):
            path = Path(settings.BASE_DIR, "node_modules", name).parent / relative
            assert (
                str(path.resolve().relative_to(settings.BASE_DIR / "node_modules")) in storage.PACKAGE_FILES
            )


def test_a_missing_package_is_a_warning_that_says_what_to_do(tmp_path: Path) -> None:
    assert storage.PackageFinder().check() == []

    with override_settings(BASE_DIR=tmp_path):
        (warning,) = storage.PackageFinder().check()

    assert warning.id == "chatsite.W010"
    assert "npm ci" in str(warning.hint)


def test_scripts_are_hashed_as_they_are_and_styles_follow_their_urls(tmp_path: Path) -> None:
    hashed = storage.HashedStaticFilesStorage(location=tmp_path)
    script = b'import "./b.js";\n//# sourceMappingURL=nowhere.map\n'
    hashed.save("a.js", ContentFile(script))
    hashed.save("a.css", ContentFile(b'.a { background: url("dot.svg") }'))
    hashed.save("dot.svg", ContentFile(b"<svg/>"))

    for _ in hashed.post_process({name: (hashed, name) for name in ("a.js", "a.css", "dot.svg")}):
        pass

    assert (tmp_path / hashed.hashed_files["a.js"]).read_bytes() == script
    assert hashed.hashed_files["dot.svg"] in (tmp_path / hashed.hashed_files["a.css"]).read_text()


def test_the_import_map_leads_plain_addresses_to_hashed_ones(settings: LazySettings) -> None:
    backend = {"BACKEND": "chatsite.storage.HashedStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": backend}
    hashed = {
        "chatkit/client.js": "chatkit/client.0123456789ab.js",
        "chatkit/chatkit.css": "chatkit/chatkit.0123456789ab.css",
        "admin/js/core.js": "admin/js/core.0123456789ab.js",
    } | {storage.PREFIX + path: f"npm/hashed/{path}" for path in storage.PACKAGE_FILES}
    setattr(staticfiles_storage, "hashed_files", hashed)  # noqa: B010  # typed without it

    rendered = storage.import_map().render(attrs={"nonce": "abc"})
    imports = json.loads(re.sub(r"</?script[^>]*>", "", rendered))["imports"]

    assert 'nonce="abc"' in rendered
    assert imports["/static/chatkit/client.js"] == "/static/chatkit/client.0123456789ab.js"
    assert imports["/static/chatkit/chatkit.css"] == "/static/chatkit/chatkit.0123456789ab.css"
    assert imports["marked"] == imports["/static/npm/marked/lib/marked.esm.js"]
    assert "/static/admin/js/core.js" not in imports


def test_a_language_is_fetched_when_it_is_spoken(settings: LazySettings) -> None:
    names = ["chatkit/app.js", "chatkit/locales/en.js", "chatkit/locales/index.js", "chatkit/locales/de.js"]
    setattr(staticfiles_storage, "hashed_files", {name: name for name in names})  # noqa: B010

    preloaded = storage.preloaded_urls()

    assert [url for url in preloaded if "/chatkit/" in url] == [
        "/static/chatkit/app.js",
        "/static/chatkit/locales/en.js",
        "/static/chatkit/locales/index.js",
    ]


def test_first_use_of_the_element_is_light_and_asked_for_side_by_side(settings: LazySettings) -> None:
    scripts = {name: _served(name) for name in _fetched_with("chatkit/define.js")}
    sheets = re.findall(r'"\./(\w+\.css)"', scripts["chatkit/sheets.js"])
    styles = [_served(f"chatkit/{name}") for name in sheets]
    everything = {name: name for name in _files_of_the_element()}
    setattr(staticfiles_storage, "hashed_files", everything)  # noqa: B010

    preloaded = {url.removeprefix("/static/") for url in storage.preloaded_urls()}

    assert len(styles) > 3
    assert preloaded == scripts.keys()
    weight = sum(len(brotli.compress(text.encode(), quality=11)) for text in (*scripts.values(), *styles))
    assert weight <= FIRST_USE_BYTES, f"{weight} bytes"


def _files_of_the_element() -> list[str]:
    static = Path(settings.BASE_DIR, "static")
    return [str(path.relative_to(static)) for path in static.glob("chatkit/**/*.js")]


def _served(name: str) -> str:
    path = finders.find(name)
    assert isinstance(path, str), name
    return comments.shortened(name, Path(path).read_text(encoding="utf-8"))


def _fetched_with(first: str) -> set[str]:
    """Return what a browser fetches before it runs this script: its imports, and theirs."""
    found, open_names = set[str](), [first]
    while open_names:
        name = open_names.pop()
        if name in found:
            continue
        found.add(name)
        for wanted in FETCHED_AT_ONCE.findall(_served(name)):
            package = storage.PACKAGES.get(wanted)
            open_names.append(
                storage.PREFIX + package if package else os.path.normpath(f"{os.path.dirname(name)}/{wanted}")
            )
    return found


def test_served_scripts_lose_their_comments_and_ours_their_indentation(tmp_path: Path) -> None:
    script = (
        '/*! @license kept */\n/** Says.\n * @param {string} a */\nexport const a = "http://x"; // beside\n'
        "  // alone\nconst b = `\n * not a comment */`; /* inside */\n/* @preserve kept */\n//# sourceURL=kept\n"
    )
    assert comments.without_comments(script) == (
        '/*! @license kept */\nexport const a = "http://x"; // beside\n'
        "const b = `\n * not a comment */`; /* inside */\n/* @preserve kept */\n//# sourceURL=kept\n"
    )

    assert comments.shortened("chatkit/a.js", "if (a) {\n\n  b();\n}\n") == "if (a) {\nb();\n}\n"
    assert comments.shortened("npm/a.js", "if (a) {\n  b();\n}\n") == "if (a) {\n  b();\n}\n"

    style = '/* Says. */\n/*! kept */\n:host {\n  --a: 1px; /* beside */\n  content: "a  b";\n}\n'
    assert comments.without_style_comments(style) == (
        '/*! kept */\n:host {\n--a: 1px; \ncontent: "a  b";\n}\n'
    )

    files = storage.HashedStaticFilesStorage(location=tmp_path, base_url="/static/")
    for name in ("chatkit/a.js", "admin/a.js"):
        files.save(name, ContentFile(script.encode()))
    assert (tmp_path / "admin/a.js").read_text() == script
    assert "Says" not in (tmp_path / "chatkit/a.js").read_text()

    read_for_its_hash = ContentFile(style.encode())
    read_for_its_hash.read()
    files.save("chatkit/a.css", read_for_its_hash)
    assert "--a: 1px" in (tmp_path / "chatkit/a.css").read_text()
