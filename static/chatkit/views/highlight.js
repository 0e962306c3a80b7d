/** Colours for code, fetched when the first block of code is complete. */

import DOMPurify from "dompurify";

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
  if (!grammar) return;
  try {
    const [{ default: highlighter }, { default: rules }] = await Promise.all([
      import("highlight.js/core"),
      grammar(),
    ]);
    if (!highlighter.getLanguage(name)) highlighter.registerLanguage(name, rules);
    const { value } = highlighter.highlight(code.textContent ?? "", { language: name, ignoreIllegals: true });
    const colours = {
      ALLOWED_TAGS: ["span"],
      ALLOWED_ATTR: ["class"],
      RETURN_DOM_FRAGMENT: /** @type {const} */ (true),
    };
    code.replaceChildren(DOMPurify.sanitize(value, colours));
  } catch {
    // Plain code is fine.
  }
}
