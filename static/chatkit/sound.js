/**
 * What comes from a server, in the shapes that the rest relies on. A field of another kind is left out, as if it had not
 * been sent; what isn't known stays as it is. No DOM.
 * @import {Item, Thread, ThreadEvent} from "./types.js"
 */

/**
 * What `typeof` says, a place in a list, a list of one kind, or the fields that are known.
 * @typedef {"string" | "number" | "boolean" | "object" | "index" | [Kind] | {[name: string]: Kind}} Kind
 */

/** No message has more parts, and no workflow more tasks: a server that says so is wrong. */
const MOST_PARTS = 1000;

/** @param {string} names @returns {Record<string, "string">} */
const texts = (names) => Object.fromEntries(names.split(" ").map((name) => [name, "string"]));

/** @type {Kind} */
const SOURCE = {
  ...texts("type title description timestamp group url attribution filename id icon label inline_label"),
  interactive: "boolean",
  data: "object",
};
/** @type {Kind} */
const ANNOTATION = { type: "string", index: "number", source: SOURCE };
/** @type {Kind} */
const CONTENT = {
  ...texts("type text id group"),
  annotations: [ANNOTATION],
  interactive: "boolean",
  data: "object",
};
/** @type {Kind} */
const TASK = {
  ...texts("type title title_query icon content status_indicator"),
  queries: ["string"],
  sources: [SOURCE],
};
/** @type {Kind} */
const WORKFLOW = {
  type: "string",
  tasks: [TASK],
  summary: { title: "string", icon: "string", duration: "number" },
  expanded: "boolean",
};
/** @type {Kind} */
const QUESTION = {
  ...texts("type id question description"),
  options: [{ value: "string" }],
  multiple: "boolean",
  answer: { values: ["string"], skipped: "boolean" },
};
/** @type {Kind} */
const IMAGE = texts("id url");
/** @type {Kind} */
const ITEM = {
  ...texts("id type thread_id created_at quoted_text status call_id name copy_text"),
  content: [CONTENT],
  attachments: [{ ...texts("type id name mime_type preview_url"), upload_descriptor: "object" }],
  workflow: WORKFLOW,
  task: TASK,
  image: IMAGE,
  progress: "number",
  arguments: "object",
  inputs: [QUESTION],
  widget: "object",
};
/** @type {Kind} */
const THREAD = {
  ...texts("id title created_at"),
  status: texts("type reason"),
  allowed_image_domains: ["string"],
};
/** @type {Kind} */
const UPDATE = {
  ...texts("type delta component_id"),
  content_index: "index",
  content: CONTENT,
  annotation_index: "index",
  annotation: ANNOTATION,
  task_index: "index",
  task: TASK,
  image: IMAGE,
  progress: "number",
  widget: "object",
  component: "object",
  done: "boolean",
};
/** @type {Kind} */
const EVENT = {
  ...texts("type item_id icon text name code message level title"),
  thread: THREAD,
  item: ITEM,
  update: UPDATE,
  stream_options: { allow_cancel: "boolean" },
  data: "object",
  allow_retry: "boolean",
};

/** @param {Item} item @returns {Item} */
export const soundItem = (item) => /** @type {Item} */ (sound(item, ITEM) ?? {});

/** @template {Thread} T @param {T} thread @returns {T} */
export const soundThread = (thread) => /** @type {T} */ (sound(thread, THREAD) ?? { id: "" });

/** @param {ThreadEvent} event @returns {ThreadEvent} */
export const soundEvent = (event) => /** @type {ThreadEvent} */ (sound(event, EVENT) ?? { type: "" });

/** Return a value in its shape, itself where it has it, or nothing where it is of another kind.
 * @param {unknown} value @param {Kind} kind @returns {unknown} */
function sound(value, kind) {
  if (kind === "index") return Number.isInteger(value) && isBelow(value, MOST_PARTS) ? value : undefined;
  if (kind === "object") return isRecord(value) ? value : undefined;
  if (typeof kind === "string") return typeof value === kind ? value : undefined;
  if (Array.isArray(kind)) return soundList(value, kind[0]);
  return isRecord(value) ? soundFields(value, kind) : undefined;
}

/** @param {unknown} value @param {Kind} kind */
function soundList(value, kind) {
  if (!Array.isArray(value)) return [];
  const entries = value.map((entry) => sound(entry, kind));
  return entries.every((entry, at) => entry !== undefined && entry === value[at])
    ? value
    : entries.filter((entry) => entry !== undefined);
}

/** @param {Record<string, unknown>} value @param {{[name: string]: Kind}} fields */
function soundFields(value, fields) {
  let kept = value;
  for (const name in fields) {
    const given = value[name];
    const kind = fields[name];
    if (given === undefined || !kind || (given === null && !Array.isArray(kind))) continue;
    const good = sound(given, kind);
    if (good === given) continue;
    if (kept === value) kept = { ...value };
    if (good === undefined) delete kept[name];
    else kept[name] = good;
  }
  return kept;
}

/** @param {unknown} value @param {number} limit */
const isBelow = (value, limit) => typeof value === "number" && value >= 0 && value < limit;

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Tell whether an address is one that a picture may have.
 * @param {string | null | undefined} address @returns {address is string} */
export function isPicture(address) {
  return /^(?:https?:|data:image\/|blob:|\/)/i.test(address ?? "");
}
