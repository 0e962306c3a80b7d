"""What the gallery looks like: `python -m tests.elsewhere.pictures` renews what is stored of it.

Every letter is drawn as the same box, so that no machine's fonts change a picture.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.elsewhere.site import HERE, serving
from tests.find_browser import find

FOLDER = HERE / "pictures"
PLACES = FOLDER / "places.json"
LOOKS = {"Light": "light", "Dark": "dark", "Right to left": "from-right"}
# So high that nothing waits to be scrolled to: pictures and charts come when they are in sight.
WIDTH, HEIGHT = 480, 12_000

Places = dict[str, list[int]]


def stored(look: str) -> Path:
    return FOLDER / f"{LOOKS[look]}.png"


def open_gallery(browser: Browser, url: str, look: str) -> Page:
    """Show one look of all samples in a column, at half the size."""
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=0.5)
    page.set_default_timeout(60_000)
    page.goto(f"{url}/gallery?font=boxes&look={look}")
    page.add_style_tag(url="/elsewhere/still.css")
    page.wait_for_selector("body[data-is-ready]", state="attached")
    page.evaluate("document.fonts.load('16px Boxes')")
    page.wait_for_function(IS_DRAWN)
    return page


def take(page: Page) -> tuple[Places, bytes]:
    """Return where each sample is on the page, and the picture of all."""
    places: Places = page.evaluate(WHERE)
    return places, page.screenshot(full_page=True, animations="disabled", caret="hide")


def differences(page: Page, before: tuple[Places, bytes], now: tuple[Places, bytes]) -> list[str]:
    """Return which samples have another size or look otherwise than before."""
    images = [base64.b64encode(image).decode() for _, image in (before, now)]
    found: list[str] = page.evaluate(COMPARE, [before[0], now[0], *images])
    return found


def renew() -> None:
    places: dict[str, Places] = {}
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright, serving() as site:
        browser = playwright.chromium.launch(executable_path=find())
        for look in LOOKS:
            places[look], image = take(open_gallery(browser, site.url, look))
            stored(look).write_bytes(image)
        browser.close()
    PLACES.write_text(json.dumps(places, indent=1, ensure_ascii=False) + "\n")


def read(look: str) -> tuple[Places, bytes]:
    places: dict[str, Any] = json.loads(PLACES.read_text())
    return places[look], stored(look).read_bytes()


# The font, the drawings and the charts come when they are asked for.
IS_DRAWN = """() => {
  const looks = [...document.querySelectorAll(".look")];
  return looks.length > 0 && looks.every(({shadowRoot}) =>
    shadowRoot.querySelector(".widget > *")
    && [...shadowRoot.querySelectorAll("svg.icon")].every((icon) => icon.firstElementChild)
    && [...shadowRoot.querySelectorAll(".w-chart:has(.w-chart__key:not(.w-chart__key--bar))")]
      .every((chart) => chart.querySelector("svg"))
    && [...shadowRoot.querySelectorAll("img")].every(({complete}) => complete));
}"""

WHERE = """() => Object.fromEntries([...document.querySelectorAll("section")].map((section) => {
  const {x, y, width, height} = section.querySelector(".look").getBoundingClientRect();
  return [section.querySelector("h2").textContent, [x, y + scrollY, width, height].map(Math.round)];
}))"""

# A pixel differs by what an eye would see, not by how a browser smooths an edge; a few may.
COMPARE = """async ([before, now, ...images]) => {
  const FAR = 48, SHARE = 0.002, FEW = 6;
  const [a, b] = await Promise.all(images.map(async (image) => {
    const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${image}`)).blob());
    const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d", {willReadFrequently: true});
    canvas.drawImage(picture, 0, 0);
    return canvas;
  }));
  const pixels = (canvas, place) => canvas.getImageData(...place.map((px) => Math.round(px / 2))).data;
  const wrong = Object.keys(before).filter((name) => !now[name]).map((name) => `${name} is gone`);
  for (const [name, place] of Object.entries(now)) {
    const known = before[name];
    if (!known) wrong.push(`${name} is new`);
    else if (Math.abs(known[2] - place[2]) > 2 || Math.abs(known[3] - place[3]) > 2)
      wrong.push(`${name} was ${known.slice(2).join(" × ")} and is ${place.slice(2).join(" × ")}`);
    else {
      const size = [known[2], Math.min(known[3], place[3])];
      const was = pixels(a, [known[0], known[1], ...size]);
      const is = pixels(b, [place[0], place[1], ...size]);
      let far = 0;
      for (let at = 0; at < was.length; at += 4)
        far += Math.max(...[0, 1, 2].map((i) => Math.abs(was[at + i] - is[at + i]))) > FAR;
      if (far > Math.max(FEW, (was.length / 4) * SHARE)) wrong.push(`${name}: ${far} pixels differ`);
    }
  }
  return wrong;
}"""


if __name__ == "__main__":
    renew()
