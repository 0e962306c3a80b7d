import assert from "node:assert/strict";
import { test } from "node:test";
import { nothing } from "lit/html.js";
import { icon } from "../../static/chatkit/icons.js";
import * as published from "./published.js";

test("every icon that ChatKit names is drawn", () => {
  const names = [...published.icons, ...published.headerIcons];

  assert.ok(names.length > 100);
  assert.deepEqual(
    names.filter((name) => icon(name) === nothing),
    [],
  );
});

test("a name that is not known draws nothing", () => {
  assert.equal(icon("no-such-thing"), nothing);
  assert.equal(icon("constructor"), nothing);
});
