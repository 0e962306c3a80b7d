"""The pages around the chat speak the element's languages: no text is missing, and each page is in the reader's."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings
from django.http import HttpRequest
from django.test import Client
from django.utils import translation

from chatsite.page_texts import page_texts
from scripts.languages import catalogs, texts
from tests.find_browser import ROOT

CATALOGS = list(catalogs())
GAP = re.compile(r"%\(\w+\)s|\{\w+\}|<[^>]+>")
ELEMENT = ROOT / "static" / "chatkit" / "locales" / "index.js"


def test_the_pages_speak_the_elements_languages() -> None:
    speaks = re.search(r"LANGUAGES = \{(.*?)\n\}", ELEMENT.read_text(), re.DOTALL)
    assert speaks
    names = {name.lower() for name in re.findall(r'^  "?([\w-]+)"?:', speaks[1], re.MULTILINE)}

    assert {code for code, _ in settings.LANGUAGES} == names
    assert {translation.to_language(path.parts[-3]) for path, _ in CATALOGS} == names - {"en"}


@pytest.mark.parametrize(("path", "catalog"), CATALOGS, ids=lambda value: getattr(value, "parts", "...")[-3])
def test_every_text_is_translated_gaps_included(path: Path, catalog: Catalog) -> None:
    translated = {str(message.id): str(message.string) for message in catalog if message.id}

    assert translated.keys() == texts(), "run `.venv/bin/python -m scripts.languages`, then translate"
    for text, other in translated.items():
        assert other, text
        assert sorted(GAP.findall(other)) == sorted(GAP.findall(text)), text


@pytest.mark.parametrize(("path", "catalog"), CATALOGS, ids=lambda value: getattr(value, "parts", "...")[-3])
def test_what_django_reads_is_what_is_written(path: Path, catalog: Catalog) -> None:
    with path.with_suffix(".mo").open("rb") as file:
        read = gettext.GNUTranslations(file)

    for message in catalog:
        if message.id:
            assert read.gettext(str(message.id)) == message.string


def test_the_scripts_find_every_text_that_they_say() -> None:
    scripts = "".join(path.read_text() for path in (ROOT / "static" / "js").rglob("*.js"))

    assert set(page_texts(HttpRequest())["page_texts"]()) == set(re.findall(r"(?<!/)\btexts\.(\w+)", scripts))


@pytest.mark.django_db
def test_a_page_is_in_the_readers_language(client: Client) -> None:
    german = client.get("/", headers={"Accept-Language": "de-AT, en;q=0.5"}).text
    arabic = client.get("/sign-in/", headers={"Accept-Language": "ar"}).text
    unknown = client.get("/", headers={"Accept-Language": "so"}).text

    for page, said in (
        (german, ('<html lang="de"', "Wie können wir helfen?")),
        (arabic, ('dir="rtl"', "تسجيل الدخول")),
        (unknown, ('dir="ltr"', "How can we help?")),
    ):
        assert all(words in page for words in said)


@pytest.mark.django_db
def test_what_is_refused_is_said_in_the_readers_language(client: Client) -> None:
    page = client.post(
        "/sign-in/", {"username": "nobody", "password": "wrong"}, headers={"Accept-Language": "fr"}
    )
    missing = client.get("/nothing-here", headers={"Accept-Language": "ja", "Accept": "text/html"})
    program = client.get("/api/nothing", headers={"Accept-Language": "ja"})

    assert "Le nom d’utilisateur et le mot de passe ne correspondent pas." in page.text
    assert missing.status_code == 404
    assert "見つかりません" in missing.text
    assert program.json()["title"] == "Not found"


@pytest.mark.django_db
def test_a_language_that_was_chosen_stays(client: Client) -> None:
    client.post("/language", {"language": "es", "next": "/"})

    assert "¿En qué podemos ayudarte?" in client.get("/", headers={"Accept-Language": "de"}).text
