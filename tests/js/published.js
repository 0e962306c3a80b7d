/** What @openai/chatkit publishes, read out of its own types. */

import { readFileSync } from "node:fs";

const FOLDER = new URL("../../node_modules/@openai/chatkit/types/", import.meta.url);
const read = (file) => withoutComments(readFileSync(new URL(file, FOLDER), "utf8"));
const types = read("index.d.ts");
const widgetTypes = read("widgets.d.ts");

/** The dotted names of all options, those of listed things by their list: `composer.tools.id`. */
export const options = keysOf("ChatKitOptions", types);

export const methods = [...body("interface OpenAIChatKit", types).matchAll(/^ {2}(\w+)[<(]/gm)]
  .map(([, name]) => name)
  .filter((name) => !name.endsWith("EventListener"));

/** What the calls take: `sendUserMessage.reply`. */
export const parameters = ["sendUserMessage", "setComposerValue"].flatMap((name) => {
  const call = body("interface OpenAIChatKit", types).split(`${name}(params: `)[1] ?? "";
  return fields(call.slice(0, call.indexOf("})"))).map(({ key }) => `${name}.${key}`);
});

export const events = [...body("type ChatKitEvents", types).matchAll(/'(chatkit\.[\w.]+)'/g)].map(
  ([, name]) => name,
);

/** Keys of the things that pages hand over: entities, commands, attachments, messages. */
export const things = [
  "Entity",
  "Command",
  "CommandSelection",
  "Attachment",
  "ToolChoice",
  "UserMessageContent",
].flatMap((type) => keysOf(type, types).map((key) => `${type}.${key}`));

export const widgets = [
  ...new Set(
    [...widgetTypes.matchAll(/type\??: '(\w+)'/g)]
      .map(([, name]) => name)
      .filter((name) => /^[A-Z]/.test(name)),
  ),
];

export const icons = [...body("type ChatKitIcon", types).matchAll(/\| '([\w-]+)'/g)].map(([, name]) => name);
export const headerIcons = [...body("type HeaderIcon", types).matchAll(/\| '([\w-]+)'/g)].map(
  ([, name]) => name,
);

/** @param {string} text */
function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

/** What stands between a declaration and the next. @param {string} head @param {string} text */
function body(head, text) {
  const from = text.search(new RegExp(`${head}\\b`));
  if (from < 0) throw new Error(`no ${head}`);
  const next = text.slice(from + head.length).search(/^export |^declare /m);
  return text.slice(from, next < 0 ? undefined : from + head.length + next);
}

/** @param {string} type @param {string} text @param {string} [prefix] @returns {string[]} */
function keysOf(type, text, prefix = "") {
  return [...new Set(fields(body(`type ${type}`, text)).flatMap((field) => withInner(field, text, prefix)))];
}

/** A field, and the fields of the object types that it names. */
function withInner({ key, value }, text, prefix) {
  const name = prefix + key;
  const inline = value.includes("{")
    ? fields(value).flatMap((field) => withInner(field, text, `${name}.`))
    : [];
  const named = [
    ...value.matchAll(/\b([A-Z]\w+(?:Option|Config|Colors|Color|Options|Strategy|Prompt|Object))\b/g),
  ];
  const known = named.filter(([, other]) => text.includes(`type ${other} =`) && other !== "ChatKitOptions");
  return [name, ...inline, ...known.flatMap(([, other]) => keysOf(other, text, `${name}.`))];
}

/** The fields of every object in a type's text that stand in its outermost braces. */
function fields(text) {
  const found = [];
  let depth = 0;
  let field = "";
  for (const mark of text) {
    if (mark === "}") depth -= 1;
    if (depth >= 1) field += mark;
    if (mark === "{") depth += 1;
    const ends = depth === 0 || (depth === 1 && mark === ";");
    if (ends && field.trim()) found.push(field);
    if (ends) field = "";
  }
  return found.flatMap((text) => {
    const match = /^\s*(\w+)\??:([\s\S]*?);?\s*$/.exec(text);
    return match ? [{ key: match[1], value: match[2] }] : [];
  });
}
