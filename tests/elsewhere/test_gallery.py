"""The gallery: every component is drawn, in every look, and nobody is shut out."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from typing import Any

import chatkit.widgets
import pytest
from chatkit.widgets import DynamicWidgetRoot, WidgetComponentBase
from playwright.sync_api import Page, expect

from tests.elsewhere.pictures import IS_DRAWN
from tests.elsewhere.site import HERE, Elsewhere
from tests.find_browser import ROOT
from tests.waiting import expect_in_page, expect_value

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SAMPLES = json.loads((HERE / "samples.json").read_text())
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Only the TypeScript package has these.
TYPESCRIPT = {
    "Table": {"children"},
    "Table.Row": {"children", "header"},
    "Table.Cell": {"children", "width", "padding", "colSpan", "rowSpan", "align", "vAlign", "colSize"},
    "Card": {"border"},
    "Basic": {"theme", "direction", "gap", "padding", "align", "justify"},
}
BOXES = ("Box", "Row", "Col", "Form")


def test_the_samples_show_every_property_that_is_published() -> None:
    shown = shown_properties()

    for name, properties in {**published(), **TYPESCRIPT}.items():
        assert properties - shown[name] - {"key", "id"} == set(), name


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: str(sample["name"]))
def test_each_sample_is_a_widget_that_a_server_may_send(sample: dict[str, Any]) -> None:
    if sample["name"] == "What isn’t known":
        return  # that is its point
    DynamicWidgetRoot.model_validate(sample["widget"])


def test_everything_is_drawn_in_each_look_and_axe_finds_nothing(page: Page, elsewhere: Elsewhere) -> None:
    page.set_viewport_size({"width": 1600, "height": 900})
    page.goto(f"{elsewhere.url}/gallery")
    expect(page.locator("body[data-is-ready]")).to_be_attached()

    looks = page.locator(".look")
    expect(looks).to_have_count(3 * len(SAMPLES))
    page.wait_for_function(
        "() => [...document.querySelectorAll('.look')].every((look) => look.shadowRoot.querySelector('.widget > *'))"
    )

    expect_in_page(page, DRAWN, [], [SHOWN, HIDDEN])
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    expect_in_page(page, DRAWN, [], [SHOWN, HIDDEN])
    page.set_viewport_size({"width": 1600, "height": 900})
    assert page.evaluate("failures") == []
    page.evaluate(AXE.read_text())
    assert page.evaluate(VIOLATIONS, RULES) == []


def test_a_long_list_is_searched_by_keyboard(page: Page, elsewhere: Elsewhere) -> None:
    page.goto(f"{elsewhere.url}/gallery?only=Select&look=Light")
    city = page.get_by_role("combobox", name="Find a city")
    expect(city).to_have_value("Lisbon")

    city.fill("port")
    expect(city).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("listbox", name="Find a city").get_by_role("option")).to_have_count(2)
    city.press("ArrowDown")
    city.press("Enter")

    expect(city).to_have_value("Porto")
    expect(city).to_have_attribute("aria-expanded", "false")
    city.press("ArrowDown")
    city.press("Escape")
    expect(city).to_have_value("Porto")
    expect(city).to_be_focused()


def test_the_pictures_of_the_same_page_are_the_same(page: Page, elsewhere: Elsewhere) -> None:
    """Nothing moves by itself, nothing depends on what was drawn before."""

    def picture() -> bytes:
        return page.locator("section").screenshot(animations="disabled", caret="hide")

    open_form(page, elsewhere)
    first = picture()
    expect_value(page, lambda: picture() == first, True)
    open_form(page, elsewhere)

    expect_value(page, lambda: picture() == first, True)


def open_form(page: Page, elsewhere: Elsewhere) -> None:
    page.goto(f"{elsewhere.url}/gallery?only=Form")
    page.add_style_tag(url="/elsewhere/still.css")
    expect(page.locator(".look [required]").first).to_be_visible()
    page.wait_for_function(IS_DRAWN)


def shown_properties() -> dict[str, set[str]]:
    """Return what the samples use, by type; boxes are one kind of thing."""
    found: dict[str, set[str]] = {}
    for node in walk(SAMPLES):
        found.setdefault(str(node.get("type")), set()).update(node)
    boxed = set().union(*(found[name] for name in BOXES))
    return found | {name: boxed | found[name] for name in BOXES}


def walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from walk(part)
    elif isinstance(value, list):
        for part in value:
            yield from walk(part)


def published() -> dict[str, set[str]]:
    """Return each type of component of OpenAI's package with its properties."""
    components = [
        model
        for _, model in inspect.getmembers(chatkit.widgets, inspect.isclass)
        if issubclass(model, WidgetComponentBase)
        and "Dynamic" not in model.__name__
        and model is not WidgetComponentBase
    ]
    return {
        model.model_fields["type"].default: set(model.model_fields) - {"type"}
        for model in components
        if model.model_fields["type"].default
    }


# What has no size where it should have one: each widget, and each component in it that shows something.
SHOWN = "p, h3, button, input:not([type=hidden]), select, textarea, img, svg, figure, table, .w-badge, .w-box"
HIDDEN = "[popover], details:not([open]) > :not(summary), .w-chart__tip"
DRAWN = """([shown, hidden]) => {
  const wrong = [];
  for (const look of document.querySelectorAll(".look")) {
    const name = `${look.closest("section").querySelector("h2").textContent} ${look.dir}`;
    for (const element of look.shadowRoot.querySelectorAll(`.widget > *, :is(${shown})`)) {
      if (element.closest(hidden) || !element.checkVisibility()) continue;
      const {width, height} = element.getBoundingClientRect();
      const kind = element.className.baseVal ?? element.className;
      if (width + height < 1) wrong.push(`${name}: ${kind} has no size`);
      const frame = element.parentElement?.closest(".w-card, .w-list")?.getBoundingClientRect();
      const {left, right} = element.getBoundingClientRect();
      if (frame && (left < frame.left - 1 || right > frame.right + 1) && !element.closest(".w-table"))
        wrong.push(`${name}: ${kind} leaves its card`);
    }
    const widget = look.shadowRoot.querySelector(".widget");
    if (widget.scrollWidth > look.clientWidth) wrong.push(`${name} is too wide`);
  }
  return wrong;
}"""

VIOLATIONS = """async (rules) => {
  const {violations} = await axe.run(document, {runOnly: rules});
  const told = ({target, failureSummary}) => `${target} ${failureSummary}`;
  return violations.flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${told(node)}`));
}"""
