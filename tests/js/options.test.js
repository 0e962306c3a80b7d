import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOptions, SHAPE } from "../../static/chatkit/options.js";
import * as published from "./published.js";

const api = { url: "/chatkit", domainKey: "" };
const remarksOn = (options) =>
  checkOptions({ api, ...options }).remarks.map(({ name, data }) => `${name} ${data.path}`);

/** Find a dotted name in the shape; what stands in a list has its name without a number. */
function shapeOf(name) {
  return name.split(".").reduce((shape, key) => (Array.isArray(shape) ? shape[0][key] : shape?.[key]), SHAPE);
}

test("every published option is known", () => {
  const isOfACallback = (name) => shapeOf(name.slice(0, name.lastIndexOf("."))) === "function";
  const names = published.options.filter((name) => !isOfACallback(name));

  assert.ok(names.length > 90);
  assert.deepEqual(
    names.filter((name) => !shapeOf(name)),
    [],
  );
});

test("what is not known is remarked on, and kept for who may know it", () => {
  assert.deepEqual(remarksOn({ future: 1, composer: { shiny: true, placeholder: "Hi" } }), [
    "options.unknown future",
    "options.unknown composer.shiny",
  ]);
  assert.equal(checkOptions({ api, future: 1 }).options.future, 1);
});

test("a word that is not known is left out with a remark", () => {
  const { options, remarks } = checkOptions({ api, theme: { radius: "wavy", density: "compact" } });

  assert.deepEqual(options.theme, { density: "compact" });
  assert.deepEqual(remarks[0]?.data, { path: "theme.radius", expected: "pill, round, soft, sharp" });
});

test("what can't work is an error that says where and what was expected", () => {
  const error = (options) => {
    try {
      checkOptions(options);
      return "";
    } catch ({ name, message }) {
      return `${name}: ${message}`;
    }
  };

  assert.equal(error(undefined), "TypeError: ChatKit's options must be an object, and is nothing.");
  assert.match(error({}), /ChatKit's api must be an object, such as \{url: "\/chatkit"/);
  assert.match(error({ api: { domainKey: "" } }), /api\.url must be the address of a ChatKit server/);
  assert.match(error({ api, composer: { tools: {} } }), /composer\.tools must be a list, and is an object/);
  assert.match(error({ api, composer: { tools: [{ id: 3 }] } }), /composer\.tools\[0\]\.id must be a text/);
  assert.match(error({ api, onClientTool: "f" }), /onClientTool must be a function, and is a text/);
  assert.match(error({ api: null }), /api must be an object, such as/);
});

test("what a page may leave out may also be undefined, and no thread is null", () => {
  assert.deepEqual(remarksOn({ initialThread: null, theme: undefined, header: { title: undefined } }), []);
});

test("a null where something may be left out is left out with a remark", () => {
  const { options, remarks } = checkOptions({
    api,
    header: null,
    theme: { radius: null },
    initialThread: null,
  });

  assert.deepEqual(options, { api, theme: {}, initialThread: null });
  assert.deepEqual(
    remarks.map(({ data }) => data.path),
    ["header", "theme.radius"],
  );
});

test("a scheme alone is a theme", () => {
  assert.deepEqual(checkOptions({ api, theme: "dark" }).options.theme, { colorScheme: "dark" });
});

test("a session that OpenAI hosts is no mistake of the page's options", () => {
  const getClientSecret = async () => "secret";

  assert.deepEqual(checkOptions({ api: { getClientSecret } }).options.api, { getClientSecret });
});
