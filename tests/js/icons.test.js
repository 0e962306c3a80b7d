import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import "../../static/chatkit/drawings.js";
import { drawingOf } from "../../static/chatkit/icons.js";
import { shapesOf } from "../../static/chatkit/lucide.js";
import * as published from "./published.js";

test("every icon that ChatKit names is drawn", () => {
  const names = [...published.icons, ...published.headerIcons];

  assert.ok(names.length > 100);
  assert.deepEqual(
    names.filter((name) => !drawingOf(name)),
    [],
  );
});

test("Lucide's names are all drawn, the old ones too, and nothing else", async () => {
  const file = new URL("../../node_modules/@iconify-json/lucide/icons.json", import.meta.url);
  const known = JSON.parse(await readFile(file, "utf8"));
  const names = [...Object.keys(known.icons), ...Object.keys(known.aliases)];

  assert.ok(names.length > 2000);
  assert.deepEqual(
    names.filter((name) => !shapesOf(known, name).length),
    [],
  );
  assert.deepEqual(shapesOf(known, "no-such-thing"), []);
  assert.deepEqual(shapesOf(known, "constructor"), []);
  assert.deepEqual(
    shapesOf(
      { icons: { a: { body: '<path onload="x" style="y" d="M1 1"/><script x=""/>' } }, aliases: {} },
      "a",
    ),
    [{ tag: "path", attributes: [["d", "M1 1"]] }],
  );
});

test("a vendor's mark is the first letter of its name", () => {
  assert.ok(drawingOf("vendor:github"));
  assert.equal(drawingOf("vendor:"), undefined);
});

test("a name that is not known draws nothing", () => {
  assert.equal(drawingOf("no-such-thing"), undefined);
  assert.equal(drawingOf("constructor"), undefined);
});
