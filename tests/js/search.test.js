import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Search } from "../../static/chatkit/search.js";

const LISTED = [
  { id: "t1", title: "A window seat" },
  { id: "t2", title: "Meals" },
];
let asked;
let answer;
let search;
const settle = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  asked = [];
  answer = async () => [];
  search = new Search({
    search: () => (query, how) => {
      asked.push({ query, signal: how.signal });
      return answer(query);
    },
    listed: () => LISTED,
    changed: () => {},
  });
});

test("a title is found at once, what was said after a pause, each conversation once", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const snippet = [{ text: "seat", isMatch: true }];
  answer = async () => [
    { threadId: "t3", title: "Other", snippet },
    { threadId: "t1", title: "A window seat", snippet },
    { threadId: "t1", title: "A window seat", snippet: [{ text: "older", isMatch: false }] },
  ];

  search.look("SEAT ");
  assert.deepEqual(
    search.found.map(({ threadId }) => threadId),
    ["t1"],
  );
  assert.equal(search.status, "looking");
  t.mock.timers.tick(300);
  await settle();

  assert.deepEqual(search.found, [
    { threadId: "t1", title: "A window seat", snippet },
    { threadId: "t3", title: "Other", snippet },
  ]);
  assert.equal(search.status, "idle");
});

test("only the last word that was written is looked for, and an older answer is dropped", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let slow;
  answer = (query) =>
    query === "first"
      ? new Promise((resolve) => (slow = resolve))
      : Promise.resolve([{ threadId: "t9", title: "Second" }]);
  search.look("fir");
  search.look("first");
  t.mock.timers.tick(300);
  search.look("second");
  t.mock.timers.tick(300);
  await settle();
  slow([{ threadId: "t8", title: "First" }]);
  await settle();

  assert.deepEqual(
    asked.map(({ query }) => query),
    ["first", "second"],
  );
  assert.equal(asked[0].signal.aborted, true);
  assert.deepEqual(
    search.found.map(({ threadId }) => threadId),
    ["t9"],
  );
});

test("a failure is told, and an emptied field shows the list again", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  answer = () => Promise.reject(new TypeError("network"));
  search.look("seat");
  t.mock.timers.tick(300);
  await settle();
  assert.equal(search.status, "failed");

  search.look(" ");
  assert.deepEqual([search.status, search.query, search.found.length], ["idle", "", 0]);
});
