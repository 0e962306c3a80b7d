"""The gallery looks as it did: each sample, in each look, beside the picture that is stored of it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.elsewhere import pictures
from tests.elsewhere.site import Elsewhere
from tests.find_browser import ROOT
from tests.waiting import SECONDS, expect_value

LEFT_OF = Path(os.environ.get("TEST_RESULTS", ROOT / "test-results"))


@pytest.mark.parametrize("look", pictures.LOOKS)
def test_each_sample_looks_as_it_did(look: str, browser: Browser, page: Page, elsewhere: Elsewhere) -> None:
    gallery = pictures.open_gallery(browser, elsewhere.url, look)
    before, deadline = pictures.read(look), time.monotonic() + SECONDS
    while wrong := pictures.differences(page, before, now := pictures.take(gallery)):
        if time.monotonic() > deadline:
            break
    gallery.close()

    if wrong:
        LEFT_OF.mkdir(exist_ok=True)
        (LEFT_OF / pictures.stored(look).name).write_bytes(now[1])
    assert wrong == [], f"see {LEFT_OF}; `python -m tests.elsewhere.pictures` renews what is stored"


def test_a_small_change_is_seen(browser: Browser, page: Page, elsewhere: Elsewhere) -> None:
    gallery = pictures.open_gallery(browser, elsewhere.url, "Light")
    before = pictures.take(gallery)
    seen = {}
    for name, rule in CHANGES.items():
        gallery.evaluate(CHANGE, rule)
        seen[name] = bool(pictures.differences(page, before, pictures.take(gallery)))
    gallery.evaluate(CHANGE, "")

    assert seen == dict.fromkeys(CHANGES, True)
    expect_value(page, lambda: pictures.differences(page, before, pictures.take(gallery)), [])


CHANGES = {
    "an icon is gone": ".w-icon > svg { visibility: hidden }",
    "a word has another colour": ".w-badge { color: var(--text) }",
    "a gap is wider": ".w-box { gap: 1rem }",
    "a corner is square": ".w-card { border-radius: 0 }",
    "a button is plain": ".button--primary { background: var(--surface) }",
}
CHANGE = """async (rule) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`@layer components { ${rule} }`);
  for (const {shadowRoot} of document.querySelectorAll(".look")) {
    window.sheets ??= [...shadowRoot.adoptedStyleSheets];
    shadowRoot.adoptedStyleSheets = rule ? [...window.sheets, sheet] : window.sheets;
  }
}"""
