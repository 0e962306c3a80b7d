/**
 * Markdown that grows: only its unfinished end is read again with each piece. No DOM.
 * @import {Token} from "marked"
 */

import { Marked } from "marked";

/** The last blocks may still change their kind: a line becomes a table, a list goes on. */
const UNSETTLED_BLOCKS = 2;

const marked = new Marked({ gfm: true, breaks: true });
marked.use({
  renderer: {
    html: ({ text }) => escapeHtml(text),
    heading({ tokens, depth }) {
      const level = Math.min(depth + 2, 6);
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`;
    },
    // A picture named by a model would be fetched from wherever it says: it becomes a link.
    image: ({ href, text }) => `<a href="${escapeHtml(href)}">${escapeHtml(text || href)}</a>`,
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

/** Reads a text that only grows, and tells which blocks are settled for good. */
export class GrowingMarkdown {
  #text = "";
  /** How much of the text is in settled blocks. */
  #settledLength = 0;
  /** @type {Token[]} */
  #settled = [];

  /** Take the text so far.
   * @param {string} text
   * @returns {{restart: boolean, settled: Token[], tail: Token[]}} new settled blocks, and those that may change */
  grow(text) {
    const restart = !text.startsWith(this.#text);
    if (restart) this.#reset();
    this.#text = text;
    const tokens = marked.lexer(text.slice(this.#settledLength));
    const settled = tokens.slice(0, settledCount(tokens));
    this.#settledLength += rawLength(settled);
    this.#settled.push(...settled);
    return { restart, settled, tail: tokens.slice(settled.length) };
  }

  /** The text is complete: read it once as a whole, which alone knows every link definition.
   * @param {string} text
   * @returns {{restart: boolean, settled: Token[], tail: Token[]}} */
  finish(text) {
    const tokens = marked.lexer(text);
    const restart = !isSameStart(this.#settled, tokens);
    const known = restart ? 0 : this.#settled.length;
    this.#text = text;
    this.#settled = tokens;
    this.#settledLength = rawLength(tokens);
    return { restart, settled: tokens.slice(known), tail: [] };
  }

  #reset() {
    this.#settledLength = 0;
    this.#settled = [];
  }
}

/** Turn blocks into HTML. It still has to pass the sanitiser.
 * @param {Token[]} tokens @returns {string} */
export function toHtml(tokens) {
  return marked.parser(tokens);
}

/** Return the words of a Markdown text, as they are read out.
 * @param {string} text @returns {string} */
export function toPlainText(text) {
  return text
    .replace(/```[^\n]*\n?/g, "")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^\s{0,3}(?:#{1,6}|>|[-*+]|\d+[.)])\s+/gm, "")
    .replace(/^[|:\s-]+$/gm, "")
    .replace(/[*`~]+|\b_+|_+\b/g, "")
    .replace(/\|/g, " ")
    .replace(/[ \t]+/g, " ")
    .trim();
}

/** @param {Token[]} tokens */
function settledCount(tokens) {
  const solid = tokens.flatMap(({ type }, at) => (type === "space" ? [] : [at]));
  return solid.length > UNSETTLED_BLOCKS ? (solid.at(-UNSETTLED_BLOCKS) ?? 0) : 0;
}

/** @param {Token[]} tokens */
function rawLength(tokens) {
  return tokens.reduce((length, { raw }) => length + raw.length, 0);
}

/** Whether both start with the same blocks that show the same.
 * @param {Token[]} start @param {Token[]} whole */
function isSameStart(start, whole) {
  return start.every(({ type, raw }, at) => {
    const other = whole[at];
    return other?.type === type && other.raw === raw && !/\[[^\]]*\](?!\()/.test(raw);
  });
}

/** @param {string} text */
function escapeHtml(text) {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
