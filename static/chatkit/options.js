/**
 * What options may be. An option that the element can't work with is an error that names it; one that it doesn't know,
 * or whose value it doesn't know, is left out and remarked on: a page written for a newer ChatKit goes on working.
 * @import {Options} from "./types.js"
 */

/**
 * A type by name (`?` at its end: or null), the words that are allowed, an object's keys, or a list of one kind.
 * @typedef {string | Set<string | number> | {[key: string]: Shape} | [Shape]} Shape
 * @typedef {{name: string, data: {path: string, expected?: string}}} Remark
 */

const ICON_ACTION = { icon: "string", onClick: "function", label: "string" };
const UPLOADS = new Set(["two_phase", "direct"]);

/** @type {{[key: string]: Shape}} */
export const SHAPE = {
  api: {
    url: "string",
    fetch: "function",
    domainKey: "string",
    uploadStrategy: { type: UPLOADS, uploadUrl: "string" },
    getClientSecret: "function",
  },
  locale: "string",
  theme: {
    colorScheme: new Set(["light", "dark"]),
    typography: {
      baseSize: new Set([14, 15, 16, 17, 18]),
      fontSources: [
        {
          family: "string",
          src: "string",
          weight: "any",
          style: "string",
          display: "string",
          unicodeRange: "string",
        },
      ],
      fontFamily: "string",
      fontFamilyMono: "string",
    },
    radius: new Set(["pill", "round", "soft", "sharp"]),
    density: new Set(["compact", "normal", "spacious"]),
    color: {
      grayscale: { hue: "number", tint: "number", shade: "number" },
      accent: { primary: "string", level: "number" },
      surface: { background: "string", foreground: "string" },
    },
  },
  frameTitle: "string",
  initialThread: "string?",
  onClientTool: "function",
  header: {
    enabled: "boolean",
    title: { enabled: "boolean", text: "string" },
    leftAction: ICON_ACTION,
    rightAction: ICON_ACTION,
  },
  history: { enabled: "boolean", showDelete: "boolean", showRename: "boolean", search: "function" },
  startScreen: {
    greeting: "string",
    subtitle: "string",
    placeholder: "string",
    prompts: [{ label: "string", description: "string", prompt: "any", icon: "string" }],
  },
  threadItemActions: { feedback: "boolean", retry: "boolean" },
  composer: {
    placeholder: "string",
    attachments: { enabled: "boolean", maxSize: "any", maxCount: "number", accept: "object" },
    tools: [
      {
        id: "string",
        label: "string",
        icon: "string",
        shortLabel: "string",
        placeholderOverride: "string",
        pinned: "boolean",
        persistent: "boolean",
      },
    ],
    models: [
      { id: "string", label: "string", description: "string", disabled: "boolean", default: "boolean" },
    ],
    dictation: { enabled: "boolean" },
  },
  disclaimer: { text: "string", highContrast: "boolean" },
  entities: {
    onTagSearch: "function",
    showComposerMenu: "boolean",
    onClick: "function",
    onRequestPreview: "function",
  },
  commands: { enabled: "boolean", onSearch: "function", onSelect: "function" },
  widgets: { onAction: "function" },
  thread: { autoScroll: "boolean" },
  avatars: { assistant: "string", user: "string" },
  live: { url: "function", cancel: "function", askForStaff: "function", changes: "string" },
};

/** Return the options that can be used, and what there is to say of the others.
 * @param {unknown} given @returns {{options: Options, remarks: Remark[]}} */
export function checkOptions(given) {
  if (!isObject(given)) throw invalid("options", "an object", given);
  /** @type {Remark[]} */
  const remarks = [];
  const options = checkKeys(withThemeInFull(given), SHAPE, "", remarks);
  checkApi(options.api);
  return { options: /** @type {Options} */ (/** @type {unknown} */ (options)), remarks };
}

/** A scheme alone is short for a theme. @param {Record<string, unknown>} given */
function withThemeInFull(given) {
  return typeof given.theme === "string" ? { ...given, theme: { colorScheme: given.theme } } : given;
}

/** @param {unknown} api */
function checkApi(api) {
  if (!isObject(api)) throw invalid("api", 'an object, such as {url: "/chatkit", domainKey: ""}', api);
  if (!("getClientSecret" in api) && typeof api.url !== "string") {
    throw invalid("api.url", "the address of a ChatKit server", api.url);
  }
}

/** @param {unknown} value @param {Shape} shape @param {string} path @param {Remark[]} remarks @returns {unknown} */
function check(value, shape, path, remarks) {
  if (typeof shape === "string") return checkType(value, shape, path);
  if (shape instanceof Set) return checkWord(value, shape, path, remarks);
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) throw invalid(path, "a list", value);
    return value.map((entry, at) => check(entry, shape[0], `${path}[${at}]`, remarks));
  }
  if (!isObject(value)) throw invalid(path, "an object", value);
  return checkKeys(value, shape, path, remarks);
}

/** @param {Record<string, unknown>} given @param {{[key: string]: Shape}} shape @param {string} path
 * @param {Remark[]} remarks */
function checkKeys(given, shape, path, remarks) {
  /** @type {Record<string, unknown>} */
  const kept = {};
  for (const [key, value] of Object.entries(given)) {
    const name = path ? `${path}.${key}` : key;
    const known = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (!known) remarks.push({ name: "options.unknown", data: { path: name } });
    if (value === undefined) continue;
    if (value === null && known && known !== "string?") {
      remarks.push({ name: "options.ignored", data: { path: name, expected: "nothing, or a value" } });
      continue;
    }
    const checked = known ? check(value, known, name, remarks) : value;
    if (checked !== undefined) kept[key] = checked;
  }
  return kept;
}

/** @param {unknown} value @param {string} type @param {string} path @returns {unknown} */
function checkType(value, type, path) {
  if (type.endsWith("?")) return value === null ? null : checkType(value, type.slice(0, -1), path);
  const fits = type === "any" || (type === "object" ? isObject(value) : typeof value === type);
  if (!fits) throw invalid(path, NAMES[type] ?? type, value);
  return value;
}

/** @param {unknown} value @param {Set<string | number>} words @param {string} path @param {Remark[]} remarks */
function checkWord(value, words, path, remarks) {
  if (words.has(/** @type {string} */ (value))) return value;
  const expected = [...words].join(", ");
  remarks.push({ name: "options.ignored", data: { path, expected } });
  return undefined;
}

/** @type {Record<string, string>} */
const NAMES = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  function: "a function",
  object: "an object",
};

/** @param {string} path @param {string} expected @param {unknown} value */
function invalid(path, expected, value) {
  const got = value === null ? "null" : Array.isArray(value) ? "a list" : (NAMES[typeof value] ?? "nothing");
  return new TypeError(`ChatKit's ${path} must be ${expected}, and is ${got}.`);
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
