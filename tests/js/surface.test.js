import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as published from "./published.js";

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const readme = read("static/chatkit/README.md");
const table = readme.slice(readme.indexOf("## The published surface"), readme.indexOf("## Files"));
const rows = table
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
  .map(([, names, here, shownBy]) => ({
    names: [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    here,
    shownBy,
  }));
const named = new Set(rows.flatMap(({ names }) => names));

/** What servers send, by the names of the protocol. */
const ITEMS =
  "user_message assistant_message client_tool_call widget generated_image structured_input workflow task end_of_turn hidden_context_item";
const SENT =
  "thread.created thread.updated thread.item.added thread.item.updated thread.item.done thread.item.removed thread.item.replaced stream_options progress_update client_effect error notice";

test("the table names everything that is published", () => {
  const names = [
    ...published.options,
    ...published.methods,
    ...published.parameters,
    ...published.events,
    ...published.things,
    ...published.widgets,
    "Chart",
    ...ITEMS.split(" "),
    ...SENT.split(" "),
  ];

  assert.ok(names.length > 200);
  assert.deepEqual(
    names.filter((name) => !named.has(name)),
    [],
  );
});

test("each name says what it does, and a test that is there", () => {
  const tests = new Map(
    ["tests/js", "tests/browser", "tests/elsewhere"].flatMap((folder) =>
      readdirSync(new URL(`../../${folder}/`, import.meta.url)).map((file) => [file, `${folder}/${file}`]),
    ),
  );
  const titles = (file) => read(tests.get(file) ?? "package.json").replaceAll("_", " ");

  for (const { names, here, shownBy } of rows) {
    assert.ok(here, names[0]);
    const [, file = "", title = ""] = /^`([\w.]+)`: (.+)$/.exec(shownBy) ?? [];
    assert.ok(
      tests.has(file) && titles(file).includes(title.replaceAll("_", " ")),
      `${names[0]}: ${shownBy}`,
    );
  }
});

test("the early tag of chatkit.js has every method", () => {
  const calls = /const CALLS = [\s\S]*?\]\)/.exec(read("static/chatkit/chatkit.js"))?.[0] ?? "";

  for (const name of published.methods) assert.ok(name === "setOptions" || calls.includes(`"${name}"`), name);
});
