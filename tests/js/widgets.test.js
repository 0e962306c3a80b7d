import assert from "node:assert/strict";
import { test } from "node:test";
import { pictureAddress } from "../../static/chatkit/widgets/addresses.js";
import { paths } from "../../static/chatkit/widgets/chart/curves.js";
import { along, nameStep, plotOf, ticksOf } from "../../static/chatkit/widgets/chart/plot.js";
import { dateOf, plusMonths, walked, weeks } from "../../static/chatkit/widgets/fields/calendar.js";
import { placed } from "../../static/chatkit/widgets/fields/popup.js";
import { actionOf, waitingPart, withValues } from "../../static/chatkit/widgets/payload.js";
import { box, css, length, space, spacing, textColour } from "../../static/chatkit/widgets/values.js";

test("a form's values reach into the payload by their dotted names", () => {
  const payload = { trip: { code: "K7" }, kept: 1 };
  const action = withValues({ type: "book", payload }, [
    ["trip.to", "LIS"],
    ["agree", true],
  ]);

  assert.deepEqual(action, {
    type: "book",
    payload: { trip: { code: "K7", to: "LIS" }, kept: 1, agree: true },
  });
  assert.deepEqual(payload, { trip: { code: "K7" }, kept: 1 });
});

test("a name can't reach beyond the payload", () => {
  const values = ["__proto__.polluted", "constructor.prototype.polluted", "a..b", ""].map((name) => [
    name,
    "x",
  ]);

  assert.deepEqual(withValues({ type: "t" }, values), { type: "t" });
  assert.equal({}.polluted, undefined);
});

test("an action without values keeps its payload, whatever that is", () => {
  assert.deepEqual(withValues({ type: "t", payload: [1] }, []), { type: "t", payload: [1] });
  assert.deepEqual(withValues({ type: "t" }, []), { type: "t" });
});

test("an action has ChatKit's defaults, and is none without a type", () => {
  assert.deepEqual(actionOf({ type: "t", handler: "elsewhere", streaming: null }), {
    type: "t",
    handler: "server",
    loadingBehavior: "auto",
    streaming: true,
  });
  for (const broken of [null, undefined, "t", {}, { type: 1 }, []]) assert.equal(actionOf(broken), null);
});

test("what waits depends on where the action is bound", () => {
  const auto = { type: "t", loadingBehavior: "auto" };

  assert.equal(waitingPart(auto, "Button"), "self");
  assert.equal(waitingPart(auto, "Card"), "container");
  assert.equal(waitingPart(auto, "Form"), "container");
  assert.equal(waitingPart(auto, "Select"), "none");
  assert.equal(waitingPart(auto, "constructor"), "none");
  assert.equal(waitingPart({ type: "t", loadingBehavior: "none" }, "Button"), "none");
});

test("numbers are steps of spacing or pixels, text is a style's own", () => {
  assert.equal(space(4), "1rem");
  assert.equal(space("12px"), "12px");
  assert.equal(length(32), "2rem");
  assert.equal(length("50%"), "50%");
  assert.deepEqual(spacing("padding", { x: 2, left: 1 }), {
    "padding-inline-start": "0.25rem",
    "padding-inline-end": "0.5rem",
  });
});

test("no style fetches anything or breaks out", () => {
  for (const wrong of ["url(//x)", "image-set('x' 1x)", "a;b", "}", "u\\72l(x)", "src('x')", {}, null])
    assert.equal(css(wrong), "");
  assert.equal(box({ background: "URL(https://x)" }).background, undefined);
  assert.equal(css("linear-gradient(90deg, #000, red)"), "linear-gradient(90deg, #000, red)");
});

test("colours are names, steps of a palette, or one for light and one for dark", () => {
  assert.equal(textColour("danger"), "var(--danger)");
  assert.match(textColour("red-500"), /^oklch\(/);
  assert.equal(textColour({ light: "#111", dark: "danger" }), "light-dark(#111, var(--danger))");
  assert.equal(textColour("toString"), "toString");
  assert.equal(textColour({ toString: 1 }), "");
});

test("pictures come from allowed places only", () => {
  const here = "https://site.example/chat";
  const from = (address, domains) => pictureAddress(address, domains, here) !== "";

  assert.ok(from("/a.png", []));
  assert.ok(from("https://img.linnet.example/a.png", ["linnet.example"]));
  assert.ok(from("https://anywhere.example/a.png", null));
  assert.ok(from("data:image/png;base64,AA", []));
  for (const wrong of [
    "https://evil-linnet.example/a.png",
    "https://linnet.example.evil/a.png",
    "javascript:alert(1)",
    "data:text/html,x",
    "http://[",
    null,
  ])
    assert.ok(!from(wrong, ["linnet.example"]), String(wrong));
});

test("a month has whole weeks from its first day", () => {
  const rows = weeks("2026-11-15", 1, "2026-11-10", "");

  assert.equal(rows.length, 6);
  assert.equal(rows[0][0].date, "2026-10-26");
  assert.ok(rows.every((row) => row.length === 7));
  assert.equal(rows.flat().filter(({ isInMonth }) => isInMonth).length, 30);
  assert.ok(rows.flat().find(({ date }) => date === "2026-11-09").isOut);
  assert.ok(!rows.flat().find(({ date }) => date === "2026-11-10").isOut);
  assert.equal(weeks("2026-02-01", 7, "", "").length, 4);
});

test("keys walk through the calendar as readers expect", () => {
  const from = (key, more = {}, isMirrored = false) => walked("2026-01-31", { key, ...more }, 1, isMirrored);

  assert.equal(from("ArrowRight"), "2026-02-01");
  assert.equal(from("ArrowRight", {}, true), "2026-01-30");
  assert.equal(from("Home"), "2026-01-26");
  assert.equal(from("End"), "2026-02-01");
  assert.equal(from("PageDown"), "2026-02-28");
  assert.equal(from("PageUp", { shiftKey: true }), "2025-01-31");
  assert.equal(from("a"), null);
  assert.equal(plusMonths("2024-02-29", 12), "2025-02-28");
  assert.equal(dateOf("2026-11-27T10:00:00Z"), "2026-11-27");
  assert.equal(dateOf("tomorrow"), "");
});

test("a popup opens where there is room, inside the window", () => {
  const window = { width: 400, height: 600 };
  const at = (top, left, side = "bottom", align = "start", isMirrored = false) =>
    placed(
      { field: { top, left, bottom: top + 40, right: left + 100 }, width: 200, height: 300, window },
      side,
      align,
      isMirrored,
    );

  assert.deepEqual(at(100, 20), { left: 20, top: 144 });
  assert.deepEqual(at(500, 20), { left: 20, top: 196 });
  assert.deepEqual(at(100, 380), { left: 192, top: 144 });
  assert.deepEqual(at(100, 150, "bottom", "start", true), { left: 50, top: 144 });
});

test("an axis has round steps around its figures", () => {
  assert.deepEqual(ticksOf(0, 94), [0, 25, 50, 75, 100]);
  assert.deepEqual(ticksOf(-3, 7), [-5, -2.5, 0, 2.5, 5, 7.5]);
  assert.deepEqual(ticksOf(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY), [0, 1]);
  const flat = ticksOf(5, 5);
  assert.ok(flat[0] <= 5 && flat.at(-1) > 5);
});

test("stacked series stand on each other, gaps stay gaps, colours differ", () => {
  const plot = plotOf({
    data: [
      { m: "a", x: 1, y: 2 },
      { m: "b", x: 3, y: -1 },
      { m: "c", x: "no" },
    ],
    series: [
      { type: "bar", dataKey: "x", stack: "s" },
      { type: "bar", dataKey: "y", stack: "s", color: "blue" },
      { type: "pie", dataKey: "x" },
    ],
    xAxis: { dataKey: "m", labels: { a: "Anna" } },
  });

  assert.deepEqual(plot.categories, ["Anna", "b", "c"]);
  assert.deepEqual(plot.series[1].points, [
    { from: 1, to: 3, value: 2 },
    { from: 0, to: -1, value: -1 },
    null,
  ]);
  assert.equal(plot.series.length, 2);
  assert.equal(plot.columns.length, 1);
  assert.notEqual(plot.series[0].colour, plot.series[1].colour);
});

test("every curve that ChatKit names draws a line", () => {
  const data = [3, 7, 4, 9].map((y, at) => ({ x: at, y }));
  const names =
    "basis basisClosed basisOpen bumpX bumpY bump linear linearClosed natural monotoneX monotoneY";
  const drawn = new Set();
  for (const curveType of `${names} monotone step stepBefore stepAfter unknown`.split(" ")) {
    const plot = plotOf({ data, series: [{ type: "area", dataKey: "y", curveType }], xAxis: "x" });
    const { line, area } = paths(plot.series[0], plot);
    assert.match(line, /^M[\d.,-]+/);
    assert.match(area, /^M/);
    assert.doesNotMatch(line + area, /NaN/);
    drawn.add(line);
  }
  assert.ok(drawn.size >= 10);
});

test("categories lie between the edges, and long names are thinned out", () => {
  assert.deepEqual(
    [0, 1, 2].map((at) => along(at, 3, false)),
    [0, 0.5, 1],
  );
  assert.equal(along(0, 2, true), 0.25);
  assert.equal(nameStep(["Jan", "Feb"]), 1);
  assert.ok(nameStep(Array.from({ length: 40 }, () => "A long name")) > 5);
});
