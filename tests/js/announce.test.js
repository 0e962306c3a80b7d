import assert from "node:assert/strict";
import { test } from "node:test";
import { Sentences } from "../../static/chatkit/announce.js";

test("a sentence is said when it is complete, and once", () => {
  const sentences = new Sentences();

  assert.equal(sentences.next("a", "Your seat is", false), "");
  assert.equal(sentences.next("a", "Your seat is 14A. It", false), "Your seat is 14A.");
  assert.equal(sentences.next("a", "Your seat is 14A. It", false), "");
  assert.equal(sentences.next("a", "Your seat is 14A. It is free", true), "It is free");
});

test("a figure with a point is not the end of a sentence", () => {
  assert.equal(new Sentences().next("a", "It costs 3.50 euros and", false), "");
});

test("a sentence ends as its language ends it, and a long one without an end costs nothing", () => {
  assert.equal(new Sentences().next("a", "座席は14Aです。次に", false), "座席は14Aです。");
  assert.equal(new Sentences().next("a", "هل هذا صحيح؟ نعم", false), "هل هذا صحيح؟");
  const started = performance.now();
  assert.equal(new Sentences().next("a", "x".repeat(1_000_000), false), "");
  assert.ok(performance.now() - started < 1000);
});

test("of a line that grows only what is new is looked through", (t) => {
  const look = RegExp.prototype[Symbol.matchAll];
  let looked = 0;
  RegExp.prototype[Symbol.matchAll] = function (text) {
    looked += text.length;
    return look.call(this, text);
  };
  t.after(() => {
    RegExp.prototype[Symbol.matchAll] = look;
  });
  const sentences = new Sentences();
  const line = "word ".repeat(2000);

  for (let end = 7; end < line.length; end += 7)
    assert.equal(sentences.next("a", line.slice(0, end), false), "");
  assert.ok(looked < 5 * line.length, `${looked} of ${line.length}`);
  assert.equal(sentences.next("a", `${line}ends.”`, false), "");
  assert.equal(sentences.next("a", `${line}ends.” And`, false), `${line}ends.”`);
});

test("a text that is built up again is not said again", () => {
  const sentences = new Sentences();
  sentences.next("a", "One. Two. ", false);

  assert.equal(sentences.next("a", "One. ", false), "");
  assert.equal(sentences.next("a", "One. Two. Three. ", false), "Three.");
});

test("what was there before is not said", () => {
  const sentences = new Sentences();
  sentences.skip("a", "Old. ");

  assert.equal(sentences.next("a", "Old. New. ", true), "New.");
});
