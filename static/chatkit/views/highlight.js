/** Colours for code, fetched when the first block of code is complete. A long one is coloured part by part. */

import DOMPurify from "dompurify";
import { lines } from "./markdown.js";

/** So much is coloured at once, or more where that would end in the middle of a text or a comment. */
const PART = 1500;
const LONGEST_PART = 6000;
/** Longer code is for machines. */
const LONGEST = 100_000;
const COLOURS = {
  ALLOWED_TAGS: ["span"],
  ALLOWED_ATTR: ["class"],
  RETURN_DOM_FRAGMENT: /** @type {const} */ (true),
};

/** @type {Record<string, () => Promise<{default: unknown}>>} */
const GRAMMARS = {
  bash: () => import("highlight.js/languages/bash"),
  css: () => import("highlight.js/languages/css"),
  diff: () => import("highlight.js/languages/diff"),
  ini: () => import("highlight.js/languages/ini"),
  javascript: () => import("highlight.js/languages/javascript"),
  json: () => import("highlight.js/languages/json"),
  python: () => import("highlight.js/languages/python"),
  sql: () => import("highlight.js/languages/sql"),
  typescript: () => import("highlight.js/languages/typescript"),
  xml: () => import("highlight.js/languages/xml"),
  yaml: () => import("highlight.js/languages/yaml"),
};
/** @type {Record<string, string>} */
const ALIASES = {
  html: "xml",
  js: "javascript",
  py: "python",
  sh: "bash",
  shell: "bash",
  toml: "ini",
  ts: "typescript",
  yml: "yaml",
};

/** Colour a finished block; an unknown language, or a failed download, leaves it plain.
 * @param {Element} code @param {string} language */
export async function highlight(code, language) {
  const name = ALIASES[language.toLowerCase()] ?? language.toLowerCase();
  const grammar = GRAMMARS[name];
  const text = code.textContent ?? "";
  if (!grammar || text.length > LONGEST) return;
  try {
    const [{ default: highlighter }, { default: rules }] = await Promise.all([
      import("highlight.js/core"),
      grammar(),
    ]);
    if (!highlighter.getLanguage(name)) highlighter.registerLanguage(name, rules);
    const colour = (/** @type {string} */ part) =>
      highlighter.highlight(part, { language: name, ignoreIllegals: true });
    if (text.length <= PART) code.replaceChildren(DOMPurify.sanitize(colour(text).value, COLOURS));
    else await highlightParts(code, text, colour);
  } catch {
    // Plain code is fine.
  }
}

/** @param {Element} code @param {string} text
 * @param {(part: string) => {value: string, _top?: unknown}} colour */
async function highlightParts(code, text, colour) {
  const done = document.createElement("span");
  const rest = lines(text);
  code.replaceChildren(done, rest);
  for (let from = 0; from < text.length && code.isConnected; ) {
    await new Promise((then) => setTimeout(then));
    let end = endOfLine(text, from + PART);
    let result = end - from <= LONGEST_PART ? colour(text.slice(from, end)) : null;
    while (result && isInside(result._top) && end < text.length && end - from < LONGEST_PART) {
      await new Promise((then) => setTimeout(then));
      end = endOfLine(text, end + PART);
      result = colour(text.slice(from, end));
    }
    const part = lines(text.slice(from, end));
    if (result) part.replaceChildren(DOMPurify.sanitize(result.value, COLOURS));
    done.append(part);
    rest.firstChild && /** @type {Text} */ (rest.firstChild).deleteData(0, end - from);
    from = end;
  }
}

/** Whether code ends in the middle of a text or a comment, which another part would not know.
 * @param {unknown} mode */
function isInside(mode) {
  return typeof mode === "object" && mode !== null && "parent" in mode && mode.parent !== undefined;
}

/** @param {string} text @param {number} at */
function endOfLine(text, at) {
  return text.indexOf("\n", at) + 1 || text.length;
}
