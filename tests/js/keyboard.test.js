import assert from "node:assert/strict";
import { test } from "node:test";
import { coveredHeight } from "../../static/chatkit/keyboard.js";

const view = { scale: 1, height: 500, offsetTop: 0 };

test("a keyboard over the page takes its height from a chat that reaches the end of the window", () => {
  assert.equal(coveredHeight(844, 844, view), 344);
  assert.equal(coveredHeight(600, 844, view), 100);
  assert.equal(coveredHeight(844, 844, { ...view, offsetTop: 344 }), 0);
});

test("a chat that goes on below the window loses no more than the keyboard covers", () => {
  assert.equal(coveredHeight(3000, 844, view), 344);
});

test("no keyboard, a bar of the browser and a pinched page take nothing", () => {
  assert.equal(coveredHeight(844, 844, { ...view, height: 844 }), 0);
  assert.equal(coveredHeight(844, 844, { ...view, height: 780 }), 0);
  assert.equal(coveredHeight(844, 844, { ...view, scale: 2 }), 0);
});
