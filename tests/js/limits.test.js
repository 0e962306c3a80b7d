import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptedKinds, acceptText, sortFiles } from "../../static/chatkit/limits.js";

const file = (name, type, size = 10) => ({ name, type, size });
const reasons = ({ refused }) => refused.map(({ reason, file: { name } }) => `${name} ${reason}`);

test("files are taken by type or by ending; with no rule all are", () => {
  const accept = { "image/*": [".png"], "application/pdf": [".pdf"] };
  const files = [file("a.png", "image/png"), file("b.PDF", ""), file("c.txt", "text/plain")];

  assert.deepEqual(reasons(sortFiles(files, { accept }, 0)), ["c.txt type"]);
  assert.deepEqual(reasons(sortFiles(files, {}, 0)), []);
  assert.equal(acceptText(accept), "image/*,.png,application/pdf,.pdf");
  assert.deepEqual(acceptedKinds(accept), ["PNG", "PDF"]);
});

test("the closest limit of size counts, and an empty file is none", () => {
  const maxSize = { "image/png": 5, "image/*": 50, "*": 20 };
  const files = [
    file("a.png", "image/png", 6),
    file("b.gif", "image/gif", 50),
    file("c.txt", "text/plain", 21),
    file("d.txt", "text/plain", 0),
  ];

  assert.deepEqual(reasons(sortFiles(files, { maxSize }, 0)), ["a.png size", "c.txt size", "d.txt empty"]);
  assert.deepEqual(reasons(sortFiles([file("e", "", 11)], { maxSize: 10 }, 0)), ["e size"]);
  assert.deepEqual(reasons(sortFiles([file("f", "", 100 * 1024 * 1024 + 1)], {}, 0)), ["f size"]);
});

test("no more files than may be sent, those that are there counted", () => {
  const files = [file("a", ""), file("b", ""), file("c", "")];

  assert.deepEqual(reasons(sortFiles(files, { maxCount: 3 }, 1)), ["c count"]);
  assert.equal(sortFiles(files, {}, 8).taken.length, 2);
});
