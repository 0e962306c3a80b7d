"""Static files without a build: named packages out of node_modules, hashed names, and the import map over both.

The browser resolves `import "./client.js"` inside a hashed module to the plain URL of its neighbour; the import
map sends every plain URL, and every bare name, on to the hashed file. So no file is rewritten, and each module
exists once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.checks import CheckMessage, Warning
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from django.templatetags.static import static
from js_asset import ImportMap
from servestatic.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

from chatsite import comments

# What modules import, and the file of node_modules that answers. `lit/…` only passes on what `lit-html/…` has: asking
# for the latter at once saves a request each. highlight.js comes as it publishes itself for browsers; its other
# package is CommonJS underneath. The list lies with the element, which reads it on pages that have no import map.
HIGHLIGHT = "@highlightjs/cdn-assets/es"
PACKAGES: dict[str, str] = json.loads(Path(settings.BASE_DIR, "static/chatkit/packages.json").read_text())
PACKAGE_FILES = (*PACKAGES.values(), "lit-html/directive-helpers.js", "temml/dist/Temml.woff2")
PREFIX = comments.PREFIX
MAPPED_FOLDERS = ("chatkit/", "js/", PREFIX)
COMPRESSED_FOLDERS = (*MAPPED_FOLDERS, "css/")

# What the first picture of the chat needs, fetched side by side instead of one after another. The rest, colours
# for code, widgets, questions, speech, formulas and other languages, comes when it is needed; chatkit.js is for pages
# without modules.
FETCHED_LATER = re.compile(
    r"^chatkit/(?:(?:chatkit|dictation|drawings|glyphs|headericons|lucide|parts|transfer|views/(?:highlight|math|questions|recording|search|suggestions|troubles|waiting))\.|"
    r"widgets/(?!item|updates)|locales/(?!index|en|plural))"
)
PRELOADED_PACKAGES = tuple(
    PREFIX + name
    for name in PACKAGE_FILES
    if not name.startswith((HIGHLIGHT, "temml/", "d3-", "@iconify-json/"))
)


class PackageFinder(BaseFinder):
    """Find the files of `PACKAGES` in node_modules, and nothing else of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=str(settings.BASE_DIR / "node_modules"))
        self.storage.prefix = PREFIX.rstrip("/")  # type: ignore[attr-defined]  # as collectstatic expects it

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        name = path.removeprefix(PREFIX)
        found = [self.storage.path(name)] if path.startswith(PREFIX) and name in self._present() else []
        return found[0] if found and not find_all else found

    def check(self, **kwargs: Any) -> Sequence[CheckMessage]:  # type: ignore[override]
        if len(self._present()) == len(PACKAGE_FILES) or _were_collected_elsewhere():
            return []
        hint = "Run `npm ci --omit=dev`, or `make run`, which brings its own Node."
        return [Warning("The front-end packages are missing.", hint=hint, id="chatsite.W010")]

    def _present(self) -> Sequence[str]:
        return [name for name in PACKAGE_FILES if Path(self.storage.path(name)).is_file()]

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for name in self._present():
            yield name, self.storage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Give each file a name with its hash, and compress it once.

    JavaScript loses its comments, a fifth of what a visitor would load, ours its indentation too, and stays as it is
    otherwise: the import map resolves its imports. The element's style sheets lose theirs. Django's source-map pattern
    is left out too: packages name maps that are not served.
    """

    patterns = tuple(pair for pair in CompressedManifestStaticFilesStorage.patterns if pair[0] != "*.js")

    def _save(self, name: str, content: File[Any]) -> str:
        is_script = name.startswith(MAPPED_FOLDERS) and name.endswith((".js", ".mjs"))
        if is_script or (name.startswith("chatkit/") and name.endswith(".css")):
            # By its chunks, which begin at the beginning: whoever made the name has read it to its end.
            content = ContentFile(comments.shortened(name, b"".join(content.chunks()).decode()).encode())
        return str(super()._save(name, content))

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress what every visitor loads; Swagger's and the admin's megabytes would only delay the first start."""
        yield from super().compress_files([path for path in paths if path.startswith(COMPRESSED_FOLDERS)])


def import_map() -> ImportMap:
    """Return bare names and plain URLs, each with the URL that is served."""
    hashed: dict[str, str] = getattr(staticfiles_storage, "hashed_files", {})
    return ImportMap(
        {name: PREFIX + path for name, path in PACKAGES.items()}
        | {settings.STATIC_URL + name: name for name in sorted(hashed) if _is_mapped(name)}
    )


def preloaded_urls() -> list[str]:
    """Return the modules that every chat page loads; none where names have no hash, in development."""
    hashed: dict[str, str] = getattr(staticfiles_storage, "hashed_files", {})
    modules = [name for name in sorted(hashed) if name.startswith("chatkit/") and name.endswith(".js")]
    own = [name for name in modules if not FETCHED_LATER.match(name)]
    return [static(name) for name in (*own, *PRELOADED_PACKAGES)] if own else []


def _were_collected_elsewhere() -> bool:
    """Say whether this is an image: it holds what was collected when it was made, and no packages."""
    return (
        not Path(settings.BASE_DIR / "node_modules").exists()
        and (settings.STATIC_ROOT / "staticfiles.json").exists()
    )


def _is_mapped(name: str) -> bool:
    return name.startswith(MAPPED_FOLDERS) and name.endswith((".js", ".mjs", ".css"))
