import assert from "node:assert/strict";
import { test } from "node:test";
import { groupByDate, ThreadList } from "../../static/chatkit/threads.js";

const NOW = new Date(2026, 10, 21, 12);
const began = (id, ...date) => ({ id, title: id, created_at: new Date(...date).toISOString() });

test("threads are grouped by today, this week, this month and month", () => {
  const groups = groupByDate(
    [
      began("now", 2026, 10, 21, 0, 5),
      began("yesterday", 2026, 10, 20, 23),
      began("six days", 2026, 10, 15, 1),
      began("earlier", 2026, 10, 2),
      began("october", 2026, 9, 30),
      began("october too", 2026, 9, 1),
      began("last year", 2025, 9, 1),
    ],
    NOW,
  );

  assert.deepEqual(
    groups.map(({ key, threads }) => [key, threads.map(({ id }) => id)]),
    [
      ["today", ["now"]],
      ["week", ["yesterday", "six days"]],
      ["month", ["earlier"]],
      ["older", ["october", "october too"]],
      ["older", ["last year"]],
    ],
  );
});

/** A list over a client that answers from a table. */
function listOver(answers) {
  const asked = [];
  const client = {
    async request(type, params) {
      asked.push([type, params]);
      if (answers[type] instanceof Error) throw answers[type];
      return { data: answers[type] };
    },
  };
  return {
    list: new ThreadList(
      () => client,
      () => {},
    ),
    asked,
  };
}

test("a page is loaded, and the next after it", async () => {
  const { list, asked } = listOver({ "threads.list": { data: [{ id: "a" }], has_more: true, after: "a" } });

  await list.load();
  await list.loadMore();

  assert.equal(list.threads.length, 2);
  assert.equal(asked[1][1].after, "a");
});

test("a thread that is newly known comes first, a known one keeps its place", async () => {
  const { list } = listOver({ "threads.list": { data: [{ id: "a" }, { id: "b" }], has_more: false } });
  await list.load();

  list.put({ id: "c", title: "New" });
  list.put({ id: "b", title: "Bags" });

  assert.deepEqual(list.threads, [{ id: "c", title: "New" }, { id: "a" }, { id: "b", title: "Bags" }]);
});

test("what becomes known while the list is asked for outlives an older answer", async () => {
  let answer = () => {};
  const page = { data: [{ id: "old", title: "Old" }, { id: "gone" }], has_more: false };
  const request = (type) =>
    type === "threads.list"
      ? new Promise((resolve) => (answer = () => resolve({ data: page })))
      : Promise.resolve({});
  const list = new ThreadList(
    () => ({ request }),
    () => {},
  );

  const loading = list.load();
  list.put({ id: "new", title: "New" });
  await list.rename("old", "Renamed");
  await list.remove("gone");
  answer();
  await loading;

  assert.deepEqual(
    list.threads.map(({ id, title }) => [id, title]),
    [
      ["new", "New"],
      ["old", "Renamed"],
    ],
  );
});

test("a list that can't be loaded says so and keeps what it has", async () => {
  const { list } = listOver({ "threads.list": new Error("no") });
  list.put({ id: "a" });

  await list.load();

  assert.equal(list.status, "failed");
  assert.equal(list.threads.length, 1);
});

test("an answer that is no list leaves what was there", async () => {
  const { list } = listOver({ "threads.list": { detail: "Something else" } });

  await list.load();

  assert.equal(list.status, "failed");
  assert.deepEqual(list.threads, []);
});

test("a thread is unread until it is seen", () => {
  let drawn = 0;
  const list = new ThreadList(
    () => ({}),
    () => {
      drawn += 1;
    },
  );

  for (const isUnread of [true, true, false]) list.markUnread("a", isUnread);

  assert.equal(list.unread.size, 0);
  assert.equal(drawn, 2);
});
